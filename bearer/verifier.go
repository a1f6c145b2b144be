package bearer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-dev/sallyport/internal/lockout"
	"github.com/sallyport-dev/sallyport/problem"
)

// Verifier judges the tokens of one issuer. It is safe for concurrent use, and
// has a goroutine that ends with [Verifier.Close].
type Verifier struct {
	issuer      string
	audience    map[string]struct{}
	allowed     map[string]struct{}
	clients     map[string]struct{}
	people      people
	anybody     bool // Config.DangerouslyAnySubject
	skew        time.Duration
	maxLifetime time.Duration
	now         func() time.Time

	keys       *keeper
	client     func(*http.Request) netip.Addr // nil: no lockout
	failed     *lockout.Counter
	challenges challenges
	refusals   [ruleCount]*problem.Error

	passed  atomic.Uint64
	cached  atomic.Uint64
	refused [ruleCount]atomic.Uint64
	close   func()
}

// New returns a verifier, or every mistake in the configuration. It reads the
// keys of the issuer, for at most 10 s and as long as ctx is alive. An issuer
// that cannot be reached is no error, but a warning in the log: tokens are
// refused until it can. One that is another than configured is an error.
func New(ctx context.Context, c Config) (*Verifier, error) {
	c = c.withDefaults()
	err := errors.Join(c.check(), c.checkLockout())
	v := &Verifier{
		issuer:      c.Issuer,
		audience:    setOf(c.Audience),
		allowed:     setOf(c.Algorithms),
		clients:     setOf(c.Clients),
		people:      newPeople(c),
		anybody:     c.DangerouslyAnySubject,
		skew:        c.Skew,
		maxLifetime: c.MaxLifetime,
		now:         c.Now,
		client:      c.Client,
		challenges:  challenges{realm: c.Realm, metadata: c.ResourceMetadata},
	}
	if err != nil {
		return nil, err
	}
	if c.Client != nil {
		if v.failed, err = lockout.New(lockout.Config{Failures: c.Lockout.Failures, Pause: c.Lockout.Pause, Now: c.Now}); err != nil {
			return nil, fmt.Errorf("bearer: Config.Lockout: %w", err)
		}
	}
	for r := ruleMissing; r < ruleCount; r++ {
		v.refusals[r] = v.challenges.refusal(r, "")
	}
	v.keys = newKeeper(c, v.allowed)
	if err := v.keys.start(ctx); err != nil {
		return nil, fmt.Errorf("bearer: Config.Issuer %q: %w", c.Issuer, err)
	}
	v.close = sync.OnceFunc(v.keys.close)
	return v, nil
}

func setOf(list []string) map[string]struct{} {
	set := make(map[string]struct{}, len(list))
	for _, s := range list {
		set[s] = struct{}{}
	}
	return set
}

// Close stops reading keys and waits until that has ended. Requests go on being
// judged by the keys that are known. The error is always nil.
func (v *Verifier) Close() error {
	v.close()
	return nil
}

// authenticate says for whom a request speaks. With a rule from ruleExpired on,
// up to ruleEmail, the identity is known and the token refused all the same.
func (v *Verifier) authenticate(r *http.Request) (*Identity, rule) {
	token, why := present(r.Header)
	if why == ruleMissing {
		return nil, why
	}
	var client netip.Addr
	if v.failed != nil {
		client = v.client(r)
		if v.failed.Locked(client) {
			return nil, ruleLocked
		}
	}
	var id *Identity
	if why == passed {
		id, why = v.verify(r.Context(), token)
	}
	if v.failed != nil && reasons[why].attempt && (why != ruleKey || v.keys.healthy()) {
		v.failed.Failed(client)
	}
	return id, why
}

// verify judges a token, which may have been judged before.
func (v *Verifier) verify(ctx context.Context, token string) (*Identity, rule) {
	now := v.now()
	set := v.keys.current(now)
	if set == nil {
		return nil, ruleUnavailable
	}
	sum := sumOf(token)
	if known := set.cache.get(&sum, now); known != nil {
		v.cached.Add(1)
		return &known.identity, passed
	}

	header, why := split(token)
	if why != passed {
		return nil, why
	}
	h, why := parseJOSE(header, v.allowed)
	if why != passed {
		return nil, why
	}
	key, ok := set.find(h)
	if !ok {
		if set, key, ok = v.keys.findNew(ctx, h); !ok {
			return nil, ruleKey
		}
		now = v.now() // time has passed
	}
	payload, why := verifySignature(token, h, key)
	if why != passed {
		return nil, why
	}
	c, why := parseClaims(payload, v.issuer)
	if why != passed {
		return nil, why
	}

	known := &verified{identity: v.identity(&c), from: now, until: now.Add(cacheTime)}
	if end := c.expires.Add(v.skew); end.Before(known.until) {
		known.until = end
	}
	if why = v.judge(&c, now); why == passed {
		set.cache.put(&sum, known)
	} else if why < ruleExpired {
		return nil, why
	}
	return &known.identity, why
}

func (v *Verifier) identity(c *claims) Identity {
	id := Identity{
		Issuer: v.issuer, Subject: c.subject, Email: c.email,
		Scopes: c.scopes, ClientID: c.clientID, Expires: c.expires,
	}
	if id.ClientID == "" {
		id.ClientID = c.authorized
	}
	return id
}

// Stats counts since the [Verifier] was made.
type Stats struct {
	// Verified is how many requests were let through, and Cached for how many
	// tokens a verification of less than a minute ago was used.
	Verified, Cached uint64
	// Refused is how many requests each rule refused; rules that refused none
	// are not in it.
	Refused map[string]uint64
	// Fetches is how often the keys were asked for, and FetchFailures how many
	// readings failed, discovery included.
	Fetches, FetchFailures uint64
	// Keys is how many keys of the issuer can be used.
	Keys int
	// LastFetch is when they were last read; zero if they never were.
	LastFetch time.Time
}

// Stats returns the counts so far.
func (v *Verifier) Stats() Stats {
	s := Stats{
		Verified: v.passed.Load(), Cached: v.cached.Load(), Refused: map[string]uint64{},
		Fetches: v.keys.fetches.Load(), FetchFailures: v.keys.failed.Load(),
	}
	for r := ruleMissing; r < ruleCount; r++ {
		if n := v.refused[r].Load(); n > 0 {
			s.Refused[reasons[r].id] = n
		}
	}
	if set := v.keys.set.Load(); set != nil {
		s.Keys, s.LastFetch = set.count, time.Unix(0, v.keys.confirmed.Load())
	}
	return s
}
