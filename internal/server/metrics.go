package server

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/sallyport-dev/sallyport/ratelimit"
)

// newMetrics is what /metrics tells: the counts that the protections keep
// themselves, read when somebody asks. No label has a value that a client can
// choose.
func (s *Server) newMetrics() (*prometheus.Registry, error) {
	r := prometheus.NewRegistry()
	return r, errors.Join(
		r.Register(collectors.NewGoCollector()),
		r.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		r.Register(&s.perimeter),
		r.Register(workers{engines: s.engines, budget: s.budget}),
	)
}

// The metrics of the perimeter.
var (
	requestsTotal = metric("client_requests_total", "Requests whose client's address was decided.")
	spoofedTotal  = metric("client_spoofed_total", "Requests with a header that claimed an address though the peer may not do so, by header.", "header")
	surplusTotal  = metric("client_surplus_total", "Requests with more addresses in a believed header than counted.")
	unusableTotal = metric("client_unusable_total", "Requests of which a trusted proxy said no usable address.")
	sharedTotal   = metric("client_shared_total", "Requests attributed to an address that many clients share.")

	preflightsTotal = metric("cors_preflights_total", "Preflight requests, by result.", "result")
	originsTotal    = metric("cors_refused_origins_total", "Requests that were refused for their origin.")
	crossSiteTotal  = metric("cors_refused_cross_site_total", "Requests that another site made a browser send, refused.")

	rateAdmitted    = metric("rate_admitted_total", "Requests within their limits, by scope.", "scope")
	rateRefused     = metric("rate_refused_total", "Requests over a limit, by scope and policy.", "scope", "policy")
	rateWouldRefuse = metric("rate_would_refuse_total", "Requests over a limit that only reports, by scope and policy.", "scope", "policy")

	storeUp        = metric("store_up", "Whether the shared store is in use.", "use")
	storeDecisions = metric("store_decisions_total", "Decisions about rates that the shared store made.")
	storeFallbacks = metric("store_fallbacks_total", "Decisions about rates made in this process because the store was away.")
	storeUnshared  = metric("store_unshared_total", "Places in flight given without the store because it was away.")

	inFlight        = metric("in_flight", "Queries that are being answered.")
	inFlightHeld    = metric("in_flight_held", "Places kept by work that outlived its request.")
	inFlightWaiting = metric("in_flight_waiting", "Queries that wait for a place.")
	inFlightClients = metric("in_flight_clients", "Clients with a query in flight or waiting.")
	inFlightTotal   = metric("in_flight_acquired_total", "Places taken.")
	inFlightDone    = metric("in_flight_released_total", "Places given back.")
	inFlightDenied  = metric("in_flight_denied_total", "Queries that got no place, by reason.", "reason")

	authAccepted = metric("auth_accepted_total", "Requests that were authenticated.", "scheme")
	authRefused  = metric("auth_refused_total", "Requests that were not, by rule.", "scheme", "rule")
	authLockouts = metric("auth_lockouts_total", "Clients that were locked out.", "scheme")
	tokenKeys    = metric("token_keys", "Keys of the issuer that tokens are checked with.")
	tokenFetches = metric("token_key_fetches_total", "Readings of the issuer's keys.")
	tokenFailed  = metric("token_key_fetch_failures_total", "Readings of the issuer's keys that failed.")
)

func metric(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("sallyport_"+name, help, labels, nil)
}

// Describe implements [prometheus.Collector]. It tells nothing, so that the
// registry checks what is collected instead.
func (p *perimeter) Describe(chan<- *prometheus.Desc) {}

// Collect implements [prometheus.Collector].
func (p *perimeter) Collect(out chan<- prometheus.Metric) {
	c := collection{out}
	c.clients(p)
	c.pages(p)
	c.rate("queries", p.queries)
	c.rate("admitted", p.admitted)
	c.rate("catalog", p.catalog)
	c.rate("other", p.other)
	c.store(p)
	c.inFlight(p)
	c.keys(p)
	c.tokens(p)
}

// collection is one reading of all counts.
type collection struct{ out chan<- prometheus.Metric }

func (c collection) count(d *prometheus.Desc, n uint64, labels ...string) {
	c.out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

func (c collection) gauge(d *prometheus.Desc, n int, labels ...string) {
	c.out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), labels...)
}

func (c collection) clients(p *perimeter) {
	s := p.clients.Stats()
	c.count(requestsTotal, s.Requests)
	for header, n := range s.SpoofedBy {
		c.count(spoofedTotal, n, header)
	}
	c.count(surplusTotal, s.Surplus)
	c.count(unusableTotal, s.Unusable)
	c.count(sharedTotal, s.Shared)
}

func (c collection) pages(p *perimeter) {
	s := p.cors.Stats()
	c.count(preflightsTotal, s.Preflights-s.RefusedPreflights, "allowed")
	c.count(preflightsTotal, s.RefusedPreflights, "refused")
	c.count(originsTotal, s.RefusedOrigins)
	c.count(crossSiteTotal, s.RefusedCrossSite)
}

func (c collection) rate(scope string, l *ratelimit.Limiter) {
	if l == nil {
		return
	}
	s := l.Stats()
	c.count(rateAdmitted, s.Admitted, scope)
	for _, policy := range s.Policies {
		c.count(rateRefused, policy.Refused, scope, policy.Name)
		c.count(rateWouldRefuse, policy.WouldRefuse, scope, policy.Name)
	}
}

func (c collection) store(p *perimeter) {
	if p.shared != nil {
		s := p.shared.Stats()
		c.gauge(storeUp, count(s.Up), "rates")
		c.count(storeDecisions, s.Decisions)
		c.count(storeFallbacks, s.Fallbacks)
	}
	if p.leases != nil {
		s := p.inFlight.Stats().Leases
		c.gauge(storeUp, count(!s.Away), "in_flight")
		c.count(storeUnshared, s.Unshared)
	}
}

func (c collection) inFlight(p *perimeter) {
	s := p.inFlight.Stats()
	c.gauge(inFlight, s.InFlight)
	c.gauge(inFlightHeld, s.Held)
	c.gauge(inFlightWaiting, s.Waiting)
	c.gauge(inFlightClients, s.Clients)
	c.count(inFlightTotal, s.Acquired)
	c.count(inFlightDone, s.Released)
	c.count(inFlightDenied, s.DeniedClient, "client")
	c.count(inFlightDenied, s.DeniedGlobal, "global")
	c.count(inFlightDenied, s.Canceled, "canceled")
}

func (c collection) keys(p *perimeter) {
	if p.keys == nil {
		return
	}
	s := p.keys.Stats()
	c.count(authAccepted, s.Accepted, "key")
	for rule, n := range s.Refused {
		c.count(authRefused, n, "key", rule)
	}
	c.count(authLockouts, s.Lockouts, "key")
}

func (c collection) tokens(p *perimeter) {
	if p.tokens == nil {
		return
	}
	s := p.tokens.Stats()
	c.count(authAccepted, s.Verified, "bearer")
	for rule, n := range s.Refused {
		c.count(authRefused, n, "bearer", rule)
	}
	c.gauge(tokenKeys, s.Keys)
	c.count(tokenFetches, s.Fetches)
	c.count(tokenFailed, s.FetchFailures)
}
