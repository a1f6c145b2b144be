package apikey

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/problem"
)

// Header is the header that carries the key, in the spelling of net/http.
const Header = "X-Api-Key"

// The refusals. They are all the same to the client; see the package
// documentation.
var (
	errMissing   = refusal("key.missing", "there is no X-API-Key header")
	errMalformed = refusal("key.malformed", "the X-API-Key header is not one well-formed key")
	errUnknown   = refusal("key.unknown", "no key has this id and secret")
	errDisabled  = refusal("key.disabled", "the key is disabled")
	errExpired   = refusal("key.expired", "the key has expired")
	errScope     = refusal("key.scope", "the key does not have the scope of this endpoint")
)

func refusal(rule, cause string) *problem.Error {
	return problem.Forbidden(errors.New("apikey: "+cause)).By("apikey", rule)
}

// Config configures an [Authenticator].
type Config struct {
	// Keys holds the keys. Required, and with at least one usable key: a
	// server that nobody can use is a mistake, and one without a lock is worse.
	Keys *Store
	// Now is the clock that keys expire by; nil is time.Now.
	Now func() time.Time
}

// Authenticator finds out whose key a request carries. It is safe for
// concurrent use.
type Authenticator struct {
	keys *Store
	now  func() time.Time
}

// New returns an authenticator. It is an error if there is no key that could
// be used; there is no default that lets everybody in.
func New(c Config) (*Authenticator, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Keys == nil || c.Keys.Set().Len() == 0 {
		return nil, errors.New("apikey: no key is configured; " + howToMake)
	}
	keys, now := c.Keys.Set().Keys(), c.Now()
	if !slices.ContainsFunc(keys, func(k Key) bool { return k.Usable(now) }) {
		return nil, fmt.Errorf("apikey: all of the configured keys (%d) are disabled or expired; %s", len(keys), howToMake)
	}
	return &Authenticator{keys: c.Keys, now: c.Now}, nil
}

// authenticate returns the key that r carries. The key is also returned with
// errDisabled and errExpired, whose holder has proved to know the secret.
func (a *Authenticator) authenticate(r *http.Request) (*Key, *problem.Error) {
	values := r.Header[Header]
	if len(values) == 0 {
		return nil, errMissing
	}
	if len(values) > 1 || values[0] == "" || len(values[0]) > maxPresented {
		return nil, errMalformed
	}
	presented := values[0]
	// Hashed before anything is known of it: whatever is wrong with the key
	// below, the hash has been paid for.
	hash := hashOf(presented)
	var id string
	if strings.HasPrefix(presented, Prefix) {
		var err error
		if id, err = ParseKey(presented); err != nil {
			return nil, errMalformed
		}
	}
	k := a.keys.Set().verify(id, hash)
	switch {
	case k == nil:
		return nil, errUnknown
	case k.Disabled:
		return k, errDisabled
	case k.expired(a.now()):
		return k, errExpired
	}
	return k, nil
}
