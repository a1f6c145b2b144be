package apikey

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/lockout"
)

// Header is the header that carries the key, in the spelling of net/http.
const Header = "X-Api-Key"

// Config configures an [Authenticator].
type Config struct {
	// Keys holds the keys. Required, and with at least one usable key: a
	// server that nobody can use is a mistake, and one without a lock is worse.
	Keys *Store
	// Client tells whom a request comes from, to count failed attempts by:
	// IPv4 addresses one by one, IPv6 addresses by /64. Required, unless
	// DangerouslyNoLockout is set. It must be the address that package clientip
	// decided on, or without proxies the peer's; with the address of a proxy one
	// stranger locks out everybody. All requests for which it returns the
	// invalid zero Addr are one client.
	Client func(*http.Request) netip.Addr
	// Lockout is how many failed attempts are too many, and what follows.
	Lockout Lockout
	// DangerouslyNoLockout lets clients try keys without end. The keys remain
	// what they are, too long to be guessed; what is lost is that a guesser
	// stands out and costs next to nothing. Client and Lockout must be zero then.
	DangerouslyNoLockout bool
	// Now is the clock that keys expire and clients are locked out by; nil is
	// time.Now. It is called by many goroutines at once.
	Now func() time.Time
}

// Lockout says when a client is locked out. The zero value means 5 failed
// attempts and 1 minute.
type Lockout struct {
	// Failures is after how many failed attempts a client is locked out, from 1
	// to 1000. Zero means 5.
	Failures int
	// Pause is after how long a client that is locked out has one attempt again,
	// from 1s to 24h; each Pause without a failure gives one more back, up to
	// Failures. Failures × Pause is at most 720h. Zero means 1 minute.
	Pause time.Duration
}

// Authenticator finds out whose key a request carries. It is safe for
// concurrent use.
type Authenticator struct {
	keys    *Store
	client  func(*http.Request) netip.Addr
	lockout *lockout.Counter // nil: DangerouslyNoLockout
	now     func() time.Time
	counts  counts
	work    *work // nil outside tests
}

// New returns an authenticator, or every mistake in the configuration. It is
// one if there is no key that could be used; there is no default that lets
// everybody in.
func New(c Config) (*Authenticator, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	counter, err := c.counter()
	if err := errors.Join(c.checkKeys(), err); err != nil {
		return nil, err
	}
	return &Authenticator{keys: c.Keys, client: c.Client, lockout: counter, now: c.Now}, nil
}

func (c *Config) checkKeys() error {
	if c.Keys == nil || c.Keys.Set().Len() == 0 {
		return errors.New("apikey: no key is configured; " + howToMake)
	}
	keys, now := c.Keys.Set().Keys(), c.Now()
	if !slices.ContainsFunc(keys, func(k Key) bool { return k.Usable(now) }) {
		return fmt.Errorf("apikey: all of the configured keys (%d) are disabled or expired; %s", len(keys), howToMake)
	}
	return nil
}

// counter makes the counter of failed attempts; nil if there is to be none.
func (c *Config) counter() (*lockout.Counter, error) {
	if c.DangerouslyNoLockout {
		if c.Client != nil || c.Lockout != (Lockout{}) {
			return nil, errors.New("apikey: DangerouslyNoLockout contradicts Client and Lockout; leave it out, or both of them")
		}
		return nil, nil
	}
	var errs []error
	if c.Client == nil {
		errs = append(errs, errors.New("apikey: Client is nil, so failed attempts cannot be counted; "+
			"return the address that package clientip decided on, or without proxies that of r.RemoteAddr"))
	}
	counter, err := lockout.New(lockout.Config{Failures: c.Lockout.Failures, Pause: c.Lockout.Pause, Now: c.Now})
	if err != nil {
		errs = append(errs, fmt.Errorf("apikey: Lockout: %w", err))
	}
	return counter, errors.Join(errs...)
}

// authenticate returns the key that r carries if its holder has proved to know
// the secret, and otherwise nil.
func (a *Authenticator) authenticate(r *http.Request) (*Key, verdict) {
	values := r.Header[Header]
	if len(values) == 0 {
		return nil, missing // nothing was tried, nothing is counted
	}
	if a.lockout == nil {
		return a.identify(values)
	}
	client := a.client(r)
	if a.lockout.Locked(client) {
		return nil, locked
	}
	k, v := a.identify(values)
	if v.guessed() {
		a.lockout.Failed(client)
	}
	return k, v
}

// identify does the same work whatever is wrong with what was sent: one hash,
// one look-up, and one comparison for the id and for each key without one.
func (a *Authenticator) identify(values []string) (*Key, verdict) {
	presented := values[0]
	formed := len(values) == 1 && presented != "" && len(presented) <= maxPresented
	if !formed {
		presented = "" // bounded before it is looked at
	}
	hash := a.work.hash(presented)
	var id string
	if strings.HasPrefix(presented, Prefix) {
		var err error
		id, err = ParseKey(presented)
		formed = err == nil
	}
	k := a.keys.Set().verify(id, hash, a.work)
	switch {
	case !formed:
		return nil, malformed
	case k == nil:
		return nil, unknown
	case k.Disabled:
		return k, disabled
	case k.expired(a.now()):
		return k, expired
	}
	return k, accepted
}
