package apikey

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// Guard is the middleware that lets a request through if its key has one
// scope. It is made by [Authenticator.Require].
type Guard struct {
	auth  *Authenticator
	scope Scope
}

// Require returns the middleware for endpoints that need scope. It panics if
// there is no such scope: that is a mistake in the program, not in its
// configuration.
func (a *Authenticator) Require(scope Scope) *Guard {
	if a == nil {
		panic("apikey: Require on a nil Authenticator; was the error of New ignored?")
	}
	if !scope.valid() {
		panic(fmt.Sprintf("apikey: Require(%q): there is no such scope", string(scope)))
	}
	return &Guard{auth: a, scope: scope}
}

// Wrap returns next behind the guard. Refusals are [problem.Forbidden]. On
// success next finds the caller with [FromContext], and the event record has
// the key's name.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k, v := g.auth.authenticate(r)
		if k != nil {
			if record, ok := event.Lookup(r.Context()); ok {
				record.Key = k.Name
			}
		}
		if v == accepted && !slices.Contains(k.Scopes, g.scope) {
			v = outOfScope
		}
		g.auth.counts[v].Add(1)
		if v != accepted {
			problem.Write(w, r, refusals[v])
			return
		}
		next.ServeHTTP(w, r.WithContext(newIdentityContext(r.Context(), k)))
	})
}

// Identity is an authenticated caller.
type Identity struct {
	// ID is the public id of the key; empty for a secret without one.
	ID string
	// Name is the key's name, unique among the keys in force.
	Name string
	// Scopes is what the key may be used for.
	Scopes []Scope
}

// Has reports whether the caller's key has the scope.
func (id Identity) Has(scope Scope) bool { return slices.Contains(id.Scopes, scope) }

// FromContext returns the caller of the request that ctx belongs to. It is
// false where no [Guard] let the request through.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(*Identity)
	if !ok {
		return Identity{}, false
	}
	return *id, true
}

type identityKey struct{}

// identityContext carries the identity and its scopes in one allocation. The
// scopes are a copy, so that no handler can change the set's.
type identityContext struct {
	context.Context
	identity Identity
	scopes   [maxScopes]Scope
}

func newIdentityContext(parent context.Context, k *Key) context.Context {
	c := &identityContext{Context: parent}
	n := copy(c.scopes[:], k.Scopes)
	c.identity = Identity{ID: k.ID, Name: k.Name, Scopes: c.scopes[:n:n]}
	return c
}

func (c *identityContext) Value(key any) any {
	if key == (identityKey{}) {
		return &c.identity
	}
	return c.Context.Value(key)
}
