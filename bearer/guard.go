package bearer

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// maxScopes bounds the scopes of one endpoint.
const maxScopes = 32

// everybodys are the scopes that whoever signs in can have: OpenID Connect Core
// 1.0, sections 3.1.2.1, 5.4 and 11. They say nothing about who may come in.
var everybodys = []string{"openid", "profile", "email", "address", "phone", "offline_access"}

// Guard is the middleware that lets a request through if its token is good and
// has all scopes. It is made by [Verifier.Require].
type Guard struct {
	verifier *Verifier
	scopes   []string
	errScope *problem.Error
}

// Require returns the middleware for endpoints that need all of the scopes; with
// none, any good token will do. It panics where [Verifier.CheckScopes] has an
// error: ask that first if the scopes come from a configuration.
func (v *Verifier) Require(scopes ...string) *Guard {
	if v == nil {
		panic("bearer: Require on a nil Verifier; was the error of New ignored?")
	}
	if err := v.CheckScopes(scopes...); err != nil {
		panic(err.Error())
	}
	scopes = slices.Clone(scopes)
	slices.Sort(scopes)
	scopes = slices.Compact(scopes)
	return &Guard{
		verifier: v, scopes: scopes,
		errScope: v.challenges.refusal(ruleScope, strings.Join(scopes, " ")),
	}
}

// CheckScopes says why an endpoint cannot require the scopes. One of them is none
// (RFC 6749, section 3.3), there are more than 32, or they would let in everybody:
// if Config has neither Subjects nor Emails nor DangerouslyAnySubject, at least one
// scope is needed that the issuer does not give to all, as it does openid, profile,
// email, address, phone and offline_access.
func (v *Verifier) CheckScopes(scopes ...string) error {
	return checkScopes(scopes, !v.people.anybody || v.anybody)
}

// CheckScopes is [Verifier.CheckScopes] of the verifier that c would make. It has
// no side effects.
func (c Config) CheckScopes(scopes ...string) error {
	return checkScopes(scopes, len(c.Subjects)+len(c.Emails) > 0 || c.DangerouslyAnySubject)
}

// checkScopes is told whether something else than scopes says who may come in.
func checkScopes(scopes []string, restricts bool) error {
	if len(scopes) > maxScopes {
		return fmt.Errorf("bearer: %d scopes are required; at most %d can be", len(scopes), maxScopes)
	}
	for _, s := range scopes {
		if !isScope(s) {
			return fmt.Errorf("bearer: %q is not a scope; write each by itself, without spaces and quotes", s)
		}
		restricts = restricts || !slices.Contains(everybodys, s)
	}
	if !restricts {
		return fmt.Errorf("bearer: requiring %q would let in everybody to whom the issuer gives a token; "+
			"require a scope of your own, or set Config.Subjects, Config.Emails or Config.DangerouslyAnySubject", scopes)
	}
	return nil
}

// isScope says whether s is a scope-token of RFC 6749, section 3.3. Those have
// neither quotes nor backslashes, so they can stand in a challenge.
func isScope(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return s != "" && len(s) <= 255
}

// Wrap returns next behind the guard. Refusals are as the package documentation
// says. On success next finds the user with [FromContext], and the event record
// has the subject.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	v := g.verifier
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, why := v.authenticate(r)
		if id != nil {
			if record, ok := event.Lookup(r.Context()); ok {
				record.Subject = id.Subject
			}
		}
		if why == passed && !g.satisfied(id) {
			why = ruleScope
		}
		if why != passed {
			v.refused[why].Add(1)
			refusal := v.refusals[why]
			if why == ruleScope {
				refusal = g.errScope
			}
			problem.Write(w, r, refusal)
			return
		}
		v.passed.Add(1)
		next.ServeHTTP(w, r.WithContext(&identityContext{r.Context(), id}))
	})
}

func (g *Guard) satisfied(id *Identity) bool {
	for _, s := range g.scopes {
		if _, has := slices.BinarySearch(id.Scopes, s); !has {
			return false
		}
	}
	return true
}

// Identity is the user that a token speaks for.
type Identity struct {
	// Issuer and Subject together name the user: iss and sub. The subject is 1 to
	// 255 printable ASCII characters.
	Issuer, Subject string
	// Email is the user's address in ASCII with the domain in lower case; empty
	// if the issuer does not say that it has verified it.
	Email string
	// Scopes is what the token may be used for, sorted.
	Scopes []string
	// ClientID is the program that the token was given to: client_id or else azp;
	// empty if the token has neither.
	ClientID string
	// Expires is the end of the token's time, without the skew.
	Expires time.Time
}

// Has reports whether the token has the scope.
func (id Identity) Has(scope string) bool { return slices.Contains(id.Scopes, scope) }

// FromContext returns the user of the request that ctx belongs to. It is false
// where no [Guard] let the request through.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(*Identity)
	if !ok {
		return Identity{}, false
	}
	found := *id
	found.Scopes = slices.Clone(id.Scopes) // the token's other requests share it
	return found, true
}

type identityKey struct{}

// identityContext carries the identity in the one allocation that it needs.
type identityContext struct {
	context.Context
	identity *Identity
}

func (c *identityContext) Value(key any) any {
	if key == (identityKey{}) {
		return c.identity
	}
	return c.Context.Value(key)
}
