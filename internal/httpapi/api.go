package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sallyport-dev/sallyport/internal/query"
)

// Defaults and bounds of [Config].
const (
	// DefaultMaxBody is the size of a request's body unless a Config says
	// otherwise: 64 KiB.
	DefaultMaxBody = 64 << 10
	// MaxMaxBody is the most that a Config may say: 16 MiB.
	MaxMaxBody = 16 << 20
	// DefaultWriteStall is how long a client may take none of its answer
	// unless a Config says otherwise.
	DefaultWriteStall = 15 * time.Second
	// DefaultWriteTimeout is how long a client may take for a whole answer
	// unless a Config says otherwise.
	DefaultWriteTimeout = 30 * time.Second
	// DefaultHoldBack is how much of a streamed answer is collected first unless
	// a Config says otherwise: the default limit of an answer, 1 MiB.
	DefaultHoldBack = 1 << 20
	// DefaultHeld is how many bytes of answers may be in memory at once unless a
	// Config says otherwise: 256 MiB.
	DefaultHeld = 256 << 20
	// maxPending bounds the answers, in bytes, that may wait for their clients
	// after their requests have given up their places in flight. Beyond it a
	// request keeps its place until its answer is written.
	maxPending = 64 << 20
)

// Config makes an API.
type Config struct {
	// Service runs the queries. Required; it outlives the API and is closed by
	// its owner.
	Service *query.Service
	// MaxBody bounds a request's body in bytes, up to MaxMaxBody; zero is
	// DefaultMaxBody.
	MaxBody int64
	// HoldBack is how many bytes of a streamed answer are collected before its
	// status is sent; zero is DefaultHoldBack. A query that fails on the way
	// there is still answered with a problem document; and the engine is not
	// kept waiting by a client that takes its answer slowly, since a place in
	// an engine is scarcer than memory. Only what is longer streams at the
	// client's pace.
	HoldBack int64
	// Held is how many bytes of answers may be in memory at once, over all
	// requests; zero is DefaultHeld. Counted is the capacity of their buffers, whole
	// (JSON) answers and held-back parts, compressed or not, until they are written. An answer
	// that finds no room ends with 503 (Service Unavailable) and Retry-After. A
	// quarter is for the first MiB of each, so that long answers do not keep out short ones, and
	// no whole answer may be longer than the rest. It must be twice HoldBack at least.
	Held int64
	// WriteTimeout is how long a whole answer may take on its way to the client,
	// from its first byte; zero is DefaultWriteTimeout.
	WriteTimeout time.Duration
	// Done is told that the work for a request has ended, while its answer has
	// yet to be written; nil: nobody wants to know.
	Done func(context.Context)
	// WriteStall is how long writing a piece of an answer (64 KiB) may take
	// before the connection is cut; zero is DefaultWriteStall.
	WriteStall time.Duration
	// CSVFormulas is what becomes of formulas in CSV where a request does not say
	// (csv_formulas); zero is KeepFormulas.
	CSVFormulas CSVFormulas
	// DisableCompression sends every answer as it is. Otherwise clients get gzip or zstd if
	// they accept it (RFC 9110, section 12.5.3), where it pays.
	DisableCompression bool
	// Whoami tells operators how their request's address was found; nil: there
	// is no such route.
	Whoami http.Handler
}

// API is the HTTP front. It is safe for concurrent use.
type API struct {
	service     *query.Service
	maxBody     int64
	pace        paces
	holdBack    int64
	done        func(context.Context)
	pending     atomic.Int64 // bytes of answers whose requests have no place any more
	ledger      ledger
	maxWhole    int64 // bytes of an answer that is collected before it is sent
	csvFormulas CSVFormulas
	compressors *compressors // nil: nothing is compressed
	routes      []Route

	// The answers that never change.
	sources, description, healthy document
}

// New makes an API, or says everything that is wrong with its configuration.
func New(c Config) (*API, error) {
	var problems []error
	if c.Service == nil {
		problems = append(problems, errors.New("httpapi: Service: required"))
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	if c.MaxBody < 0 || c.MaxBody > MaxMaxBody {
		problems = append(problems, fmt.Errorf("httpapi: MaxBody: %d bytes is not between 1 and %d", c.MaxBody, MaxMaxBody))
	}
	if c.WriteStall == 0 {
		c.WriteStall = DefaultWriteStall
	}
	if c.WriteStall < 0 {
		problems = append(problems, fmt.Errorf("httpapi: WriteStall: %v is negative", c.WriteStall))
	}
	if c.WriteTimeout == 0 {
		c.WriteTimeout = DefaultWriteTimeout
	}
	if c.WriteTimeout < 0 {
		problems = append(problems, fmt.Errorf("httpapi: WriteTimeout: %v is negative", c.WriteTimeout))
	}
	if c.HoldBack == 0 {
		c.HoldBack = DefaultHoldBack
	}
	if c.HoldBack < 0 {
		problems = append(problems, fmt.Errorf("httpapi: HoldBack: %d bytes are negative", c.HoldBack))
	}
	if c.Held == 0 {
		c.Held = DefaultHeld
	}
	if c.Held/2 < c.HoldBack {
		problems = append(problems, fmt.Errorf("httpapi: Held: %d bytes are less than twice HoldBack, %d", c.Held, c.HoldBack))
	}
	if c.CSVFormulas == 0 {
		c.CSVFormulas = KeepFormulas
	}
	if c.CSVFormulas > EscapeFormulas {
		problems = append(problems, fmt.Errorf("httpapi: CSVFormulas: %d is none; use KeepFormulas or EscapeFormulas", c.CSVFormulas))
	}
	if c.Done == nil {
		c.Done = func(context.Context) {}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	a := &API{service: c.Service, maxBody: c.MaxBody, holdBack: c.HoldBack, done: c.Done, csvFormulas: c.CSVFormulas, pace: paces{stall: c.WriteStall, total: c.WriteTimeout}}
	for _, source := range a.service.Sources() {
		a.maxWhole = max(a.maxWhole, source.Limits.Bytes)
	}
	a.ledger.limit = c.Held
	a.maxWhole = min(a.maxWhole, maxWhole, a.ledger.long())
	if err := a.prepareDocuments(c.DisableCompression); err != nil {
		return nil, err
	}
	a.routes = []Route{
		{"POST /v1/query", Query, QueryLimit, handle(a.query)},
		{"POST /v1/check", Query, QueryLimit, handle(a.check)},
		{"GET /v1/sources", Query, CatalogLimit, handle(a.listSources)},
		{"GET /v1/sources/{source}/tables", Query, CatalogLimit, handle(a.listTables)},
		{"GET /v1/sources/{source}/tables/{table}", Query, CatalogLimit, handle(a.describeTable)},
		{"GET /healthz", Public, OtherLimit, handle(a.health)},
		{"GET /openapi.json", Public, OtherLimit, handle(a.openAPI)},
	}
	if c.Whoami != nil {
		a.routes = append(a.routes, Route{"GET /v1/admin/whoami", Admin, OtherLimit, handle(func(w http.ResponseWriter, r *http.Request) error {
			c.Whoami.ServeHTTP(w, r)
			return nil
		})})
	}
	for _, route := range a.routes {
		problems = append(problems, route.Validate())
	}
	return a, errors.Join(problems...)
}

// prepareDocuments makes the answers that never change, and what compresses all others.
func (a *API) prepareDocuments(plain bool) error {
	sources, err := encodeSources(a.service.Sources())
	if err != nil {
		return err
	}
	if !plain {
		if a.compressors, err = newCompressors(); err != nil {
			return err
		}
	}
	a.sources, a.description, a.healthy = a.prepare(sources), a.prepare(openAPIDocument), a.prepare(healthy)
	return nil
}

// Routes lists every route, each with its access rule and its limit.
func (a *API) Routes() []Route { return slices.Clone(a.routes) }

// finished gives up the request's place in flight while n bytes of its answer
// are yet to be written, unless too many bytes wait like this already. written
// is to be called, of as many, when they are.
func (a *API) finished(ctx context.Context, n int) {
	if a.pending.Add(int64(n)) <= maxPending {
		a.done(ctx)
	}
}

func (a *API) written(n int) { a.pending.Add(int64(-n)) }
