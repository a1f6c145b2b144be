package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// Config configures a [Limiter]. The zero value is refused.
type Config struct {
	// Limit and Key are short for one policy named "client", by [ByClient].
	// Both or neither; not together with Policies.
	Limit Limit
	Key   func(*http.Request) netip.Addr

	// Policies are the limits, at most 8. One decision is made about all of
	// them: an event counts against all or none.
	Policies []Policy

	// Scope separates the counts of limiters that share a Store ("queries",
	// "catalog"): a lower-case word like the name of a policy. Limiters of the
	// same Scope share the counts of policies of the same name. Required with
	// Store, and without effect otherwise.
	Scope string
	// Store keeps the counts. Nil is a [MemoryStore] of the limiter's own, with
	// DefaultBytes.
	Store Store

	// ReportOnly counts and records, and refuses nothing: what would have been
	// refused is in the event record as WouldRefuse, and in Stats. No headers
	// are sent, since clients obey them.
	ReportOnly bool
	// Logger gets what would have been refused where there is no event record
	// that says so. Nil is slog.Default().
	Logger *slog.Logger
	// Now is the clock of the limiter's own store; nil is one that no change of
	// the system's time moves. With a Store, give it to that instead.
	Now func() time.Time
}

// Limiter admits events up to its limits. It is safe for concurrent use. The
// zero Limiter refuses everything.
type Limiter struct {
	policies   []policy
	header     []string // value of RateLimit-Policy; nil if there is nothing to show
	counter    counter
	reportOnly bool
	unlimited  bool // see DangerouslyUnlimited
	logger     *slog.Logger
	decisions  sync.Pool
	admitted   atomic.Uint64
}

// policy is a Policy made ready.
type policy struct {
	name       string
	rule       string
	by         By
	visibility visibility
	item       string // the beginning of its Service Limit Item
	refusal    *problem.Error
	over       atomic.Uint64
}

// New returns a Limiter, or every mistake in the Config.
func New(c Config) (*Limiter, error) {
	policies, errs := c.policies()
	if len(errs) == 0 || len(policies) > 0 {
		errs = append(errs, validatePolicies(policies)...)
	}
	errs = append(errs, c.validateStore()...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	store := c.Store
	if store == nil {
		own, err := NewMemoryStore(MemoryConfig{Now: c.Now})
		if err != nil {
			return nil, err
		}
		store = own
	}
	counter, errs := store.open(c.Scope, policies)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	l := &Limiter{counter: counter, reportOnly: c.ReportOnly, logger: c.Logger, policies: make([]policy, len(policies))}
	l.decisions.New = func() any { return new(decision) }
	if l.logger == nil {
		l.logger = slog.Default()
	}
	var items []string
	for i, p := range policies {
		l.policies[i].prepare(p)
		if p.By.visibility != hidden {
			items = append(items, policyItem(p))
		}
	}
	if len(items) > 0 && !c.ReportOnly {
		l.header = []string{strings.Join(items, ", ")}
	}
	return l, nil
}

func (c *Config) policies() ([]Policy, []error) {
	if c.Limit == (Limit{}) && c.Key == nil {
		return append([]Policy(nil), c.Policies...), nil
	}
	var errs []error
	if len(c.Policies) > 0 {
		errs = append(errs, errors.New("ratelimit: Limit and Key are short for one policy; use either them or Policies"))
	}
	if c.Key == nil {
		errs = append(errs, errors.New("ratelimit: Limit needs Key, which gives the client's address"))
	}
	if c.Limit == (Limit{}) {
		errs = append(errs, errors.New("ratelimit: Key needs Limit; the zero Limit allows nothing"))
	}
	if len(errs) > 0 {
		return append([]Policy(nil), c.Policies...), errs
	}
	return []Policy{{Name: "client", Limit: c.Limit, By: ByClient(c.Key)}}, nil
}

func (c *Config) validateStore() (errs []error) {
	switch {
	case c.Scope != "" && !word.MatchString(c.Scope):
		errs = append(errs, fmt.Errorf("ratelimit: Scope %q is not a lower-case word of letters, digits and underscores", c.Scope))
	case c.Scope == "" && c.Store != nil:
		errs = append(errs, errors.New("ratelimit: Store needs Scope, or limiters that share the store would share their counts"))
	}
	if c.Store != nil && c.Now != nil {
		errs = append(errs, errors.New("ratelimit: Now is for the limiter's own store; give it to Store instead"))
	}
	return errs
}

func (p *policy) prepare(from Policy) {
	p.name, p.rule, p.by, p.visibility = from.Name, "rate."+from.Name, from.By, from.By.visibility
	p.item = `"` + from.Name + `";r=`
	cause := fmt.Errorf("ratelimit: the limit %q of %v is reached", from.Name, from.Limit)
	if from.By.kind == byEverybody {
		p.refusal = problem.Unavailable(0, cause).By("ratelimit", p.rule)
	} else {
		p.refusal = problem.TooMany(0, cause).By("ratelimit", p.rule)
	}
}

// Wrap returns next behind the limits. Refusals are 429, or 503 where only the
// limit of [Everybody] is reached, with Retry-After.
func (l *Limiter) Wrap(next http.Handler) http.Handler {
	if l == nil {
		panic("ratelimit: Wrap on a nil Limiter; was the error of New ignored?")
	}
	if l.unlimited {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := l.Take(w, r); err != nil {
			problem.Write(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Take counts one event of r and sets the headers of the answer. An error is
// the refusal, to be returned or passed to [problem.Write]. It is what Wrap
// does, for handlers that know only later what they are about to do.
func (l *Limiter) Take(w http.ResponseWriter, r *http.Request) error {
	if l.counter == nil {
		return l.Allow(r).Err()
	}
	d, v, counted := l.decide(r)
	l.setHeaders(w.Header(), d, counted)
	l.decisions.Put(d)
	return v.Err()
}

// Allow counts one event of r and says what became of it.
func (l *Limiter) Allow(r *http.Request) Verdict {
	if l.counter == nil {
		return Verdict{Allowed: l.unlimited}
	}
	d, v, _ := l.decide(r)
	l.decisions.Put(d)
	return v
}

// decide returns the verdict, and whether the event was within all limits.
func (l *Limiter) decide(r *http.Request) (*decision, Verdict, bool) {
	d, ok := l.decisions.Get().(*decision)
	if !ok { // it cannot be: the pool makes nothing else
		d = new(decision)
	}
	d.n, d.text = len(l.policies), d.text[:0]
	for i := range l.policies {
		d.text = l.policies[i].by.partition(d.text, r)
		d.ends[i] = len(d.text)
	}
	if l.counter.take(r.Context(), d) {
		l.admitted.Add(1)
		return d, Verdict{Allowed: true}, true
	}
	p, wait := l.blame(d)
	p.over.Add(1)
	v := Verdict{Policy: p.name, Wait: wait, refusal: p.refusal}
	if l.reportOnly {
		v.Allowed = true
		l.report(r.Context(), p)
	}
	return d, v, false
}

// blame finds the policy that a refusal is put down to: of those that refuse,
// the one with the longest wait; that of Everybody only if no other does, since
// a client over its own limit is no matter of the server's.
func (l *Limiter) blame(d *decision) (p *policy, wait time.Duration) {
	var longest time.Duration
	for i := range l.policies {
		s, candidate := &d.states[i], &l.policies[i]
		if s.Allowed {
			continue
		}
		wait = max(wait, s.Wait)
		switch {
		case p == nil,
			p.by.kind == byEverybody && candidate.by.kind != byEverybody,
			s.Wait > longest && (candidate.by.kind != byEverybody || p.by.kind == byEverybody):
			p, longest = candidate, s.Wait
		}
	}
	if p == nil { // it cannot be: a counter refuses for a reason
		p = &l.policies[0]
	}
	return p, wait
}

func (l *Limiter) report(ctx context.Context, p *policy) {
	if record, ok := event.Lookup(ctx); ok {
		if record.WouldRefuse == "" {
			record.WouldRefuse = p.rule
		}
		return
	}
	l.logger.LogAttrs(ctx, slog.LevelInfo, "request would be refused",
		slog.String("protection", "ratelimit"), slog.String("rule", p.rule))
}
