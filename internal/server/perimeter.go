package server

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/bearer"
	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/concurrency"
	"github.com/sallyport-dev/sallyport/cors"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/ratelimit"
)

// perimeter is who may come, how often, how many at once, from where.
type perimeter struct {
	clients  *clientip.Resolver
	cors     *cors.CORS
	queries  *ratelimit.Limiter // before authentication; nil: unlimited, as somebody wrote down
	admitted *ratelimit.Limiter // after it
	catalog  *ratelimit.Limiter
	other    *ratelimit.Limiter
	shared   *ratelimit.RedisStore    // nil: in this process
	leases   *concurrency.RedisLeases // nil: in this process
	inFlight *concurrency.Limiter
	keys     *apikey.Authenticator // nil: no keys
	tokens   *bearer.Verifier      // nil: no tokens
	// owned are closed in reverse.
	owned []io.Closer
}

// openPerimeter makes every protection, or says everything that is wrong.
func (s *Server) openPerimeter(ctx context.Context) error {
	p := &s.perimeter
	return errors.Join(
		s.openClients(),
		s.openCORS(),
		s.openRates(p),
		s.openInFlight(p),
		s.openKeys(),
		s.openTokens(ctx),
	)
}

func (p *perimeter) own(c io.Closer) { p.owned = append(p.owned, c) }

func (p *perimeter) Close() error {
	var problems []error
	for i := len(p.owned) - 1; i >= 0; i-- {
		problems = append(problems, p.owned[i].Close())
	}
	p.owned = nil
	return errors.Join(problems...)
}

func (s *Server) openClients() error {
	c, err := s.options.Config.Topology.ClientIP()
	if err != nil {
		return fmt.Errorf("topology: %w", err)
	}
	if c.CloudflareRanges, err = readRanges(s.options.Config.Topology.CloudflareRanges); err != nil {
		return err
	}
	if s.perimeter.clients, err = clientip.New(c); err != nil {
		return fmt.Errorf("topology: %w", err)
	}
	return nil
}

// readRanges reads a list of Cloudflare's networks; an empty path is the
// bundled list.
func readRanges(path string) ([]netip.Prefix, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("topology.cloudflare_ranges: %w", err)
	}
	ranges, err := clientip.ParseRanges(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("topology.cloudflare_ranges: %s: %w", path, err)
	}
	return ranges, nil
}

// readable are the headers of answers that pages may read: those of the
// protections, and how an answer ended.
var readable = []string{
	"X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy",
	httpapi.TrailerStatus, httpapi.TrailerTruncated, httpapi.TrailerRows,
}

func (s *Server) openCORS() error {
	c := s.options.Config.CORS.Package()
	c.ResponseHeaders = readable
	var err error
	if s.perimeter.cors, err = cors.New(c); err != nil {
		return fmt.Errorf("cors: %w", err)
	}
	return nil
}

// openRates makes the limiters over one store.
func (s *Server) openRates(p *perimeter) error {
	c := s.options.Config.Perimeter
	memory, err := ratelimit.NewMemoryStore(ratelimit.MemoryConfig{Bytes: c.Memory.Bytes()})
	if err != nil {
		return fmt.Errorf("limits.memory: %w", err)
	}
	var store ratelimit.Store = memory
	if c.Store != config.StoreMemory {
		p.shared, err = ratelimit.NewRedisStore(ratelimit.RedisConfig{
			URL: c.Store, Fallback: memory, Logger: s.options.Logger, DangerouslyPlaintext: s.plaintext(c.Store),
		})
		if err != nil {
			return fmt.Errorf("limits.store: %w", err)
		}
		p.own(p.shared)
		store = p.shared
	}
	var asn *ratelimit.ASNDatabase
	if c.PerASN.Database != "" {
		if asn, err = ratelimit.OpenASNDatabase(c.PerASN.Database); err != nil {
			return fmt.Errorf("limits.per_asn.database: %w", err)
		}
		p.own(asn)
	}
	client := clientip.FromRequest
	var problems []error
	limiter := func(scope string, policies ...policy) *ratelimit.Limiter {
		l, err := s.limiter(scope, store, policies)
		problems = append(problems, err)
		return l
	}
	p.queries = limiter("queries",
		policy{"client", c.PerClient, ratelimit.ByClient(client)},
		policy{"network", c.PerNetwork.Rate, ratelimit.ByNetwork(client, c.PerNetwork.IPv4, c.PerNetwork.IPv6)})
	// What all share is counted behind authentication: otherwise strangers
	// without a key could use it up for those who have one.
	var admitted []policy
	if asn != nil {
		admitted = append(admitted, policy{"asn", c.PerASN.Rate, ratelimit.ByASN(client, asn)})
	}
	if !s.options.Config.Access.Public { // or all strangers would have one name
		admitted = append(admitted, policy{"key", c.PerKey, ratelimit.ByName(callerName)})
	}
	p.admitted = limiter("admitted", append(admitted, policy{"global", c.Global, ratelimit.Everybody()})...)
	p.catalog = limiter("catalog", policy{"catalog", c.Catalog, ratelimit.ByClient(client)})
	p.other = limiter("other", policy{"other", c.Other, ratelimit.ByClient(client)})
	return errors.Join(problems...)
}

// policy is a rate as it is configured.
type policy struct {
	name string
	rate config.Rate
	by   ratelimit.By
}

// limiter leaves out the rates that are none; nil: all of them.
func (s *Server) limiter(scope string, store ratelimit.Store, policies []policy) (*ratelimit.Limiter, error) {
	c := ratelimit.Config{Scope: scope, Store: store, ReportOnly: s.options.Config.Perimeter.ReportOnly, Logger: s.options.Logger}
	for _, p := range policies {
		if p.rate.Limited() {
			c.Policies = append(c.Policies, ratelimit.Policy{Name: p.name, Limit: p.rate.Limit(), By: p.by})
		}
	}
	if len(c.Policies) == 0 {
		return nil, nil
	}
	return ratelimit.New(c)
}

// callerName is whom a request was authenticated as.
func callerName(r *http.Request) string {
	record := event.FromContext(r.Context())
	if record.Key != "" {
		return record.Key
	}
	return record.Subject
}

func (s *Server) openInFlight(p *perimeter) error {
	c := s.options.Config.Perimeter
	flight := concurrency.Config{
		Client: clientip.FromRequest, PerClient: c.InFlight.PerClient, Global: c.InFlight.Global,
		Queue: c.InFlight.Queue, Wait: c.InFlight.Wait.Std(), Logger: s.options.Logger,
	}
	if c.Store != config.StoreMemory {
		leases, err := concurrency.NewRedisLeases(concurrency.RedisConfig{
			URL: c.Store, Logger: s.options.Logger, DangerouslyPlaintext: s.plaintext(c.Store),
		})
		if err != nil {
			return fmt.Errorf("limits.store: %w", err)
		}
		p.own(leases)
		p.leases, flight.Leases = leases, leases
	}
	var err error
	if p.inFlight, err = concurrency.New(flight); err != nil {
		return fmt.Errorf("limits.in_flight: %w", err)
	}
	p.own(p.inFlight)
	return nil
}

// plaintext says whether a store may be reached without TLS, because its host
// is one of ours.
func (s *Server) plaintext(store string) bool {
	u, err := url.Parse(store)
	return err == nil && s.options.Config.Internal(u.Hostname())
}

func (s *Server) openKeys() error {
	if s.options.Keys == nil {
		return nil
	}
	lockout := s.options.Config.Access.Lockout
	var err error
	s.perimeter.keys, err = apikey.New(apikey.Config{
		Keys: s.options.Keys, Client: clientip.FromRequest,
		Lockout: apikey.Lockout{Failures: lockout.Failures, Pause: lockout.Pause.Std()},
	})
	return err
}

func (s *Server) openTokens(ctx context.Context) error {
	b := s.options.Config.Access.Bearer
	if !b.Enabled() {
		return nil
	}
	c := b.Package(s.options.Config.Access.Lockout, s.options.Config.InternalHosts)
	c.Logger = s.options.Logger
	var err error
	if c.RootCAs, err = readAuthorities(b.CA); err != nil {
		return err
	}
	tokens, err := bearer.New(ctx, c)
	if err != nil {
		return fmt.Errorf("access.bearer: %w", err)
	}
	s.perimeter.tokens = tokens
	s.perimeter.own(tokens)
	if err := tokens.CheckScopes(b.Scopes...); err != nil {
		return fmt.Errorf("access.bearer.scopes: %w", err)
	}
	return nil
}

// readAuthorities reads certificate authorities; an empty path is those of
// the system.
func readAuthorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("access.bearer.ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("access.bearer.ca: there is no certificate in %s; it must be a PEM file", path)
	}
	return pool, nil
}

// none is the place of a protection that is not configured.
var none = chain.Func(func(next http.Handler) http.Handler { return next })

// rate is the wrapper of a limiter that may have been configured away.
func rate(l *ratelimit.Limiter) chain.Wrapper {
	if l == nil {
		return none
	}
	return l
}

// announce says at each start what is dangerous and in force.
func (s *Server) announce(ctx context.Context) {
	for _, danger := range config.Dangers(s.options.Config) {
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "dangerous setting", slog.String("setting", danger.Path), slog.String("meaning", danger.Problem))
	}
}
