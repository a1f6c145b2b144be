package httpapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/sallyport-dev/sallyport/problem"
)

// Access is who may call a route. Its zero is no rule, and a route without
// one is not valid.
type Access uint8

// The access rules.
const (
	// Public routes answer everybody.
	Public Access = iota + 1
	// Query routes answer whoever may query.
	Query
	// Admin routes answer whoever has a key of the scope admin.
	Admin
)

// String is "public", "query", "admin" or "invalid".
func (a Access) String() string {
	switch a {
	case Public:
		return "public"
	case Query:
		return "query"
	case Admin:
		return "admin"
	default:
		return "invalid"
	}
}

// Limit is which of the configured limits a route's requests count against.
// Its zero is none, and a route without one is not valid: nothing is served
// without a limit because somebody forgot it.
type Limit uint8

// The limits.
const (
	// QueryLimit is for what makes the guard or an engine work. Such requests
	// also take a place among those in flight.
	QueryLimit Limit = iota + 1
	// CatalogLimit is for what describes the sources.
	CatalogLimit
	// OtherLimit is for everything else.
	OtherLimit
)

// Route is one route of the API.
type Route struct {
	// Pattern is one of http.ServeMux: a method, a space and a path. HEAD is
	// answered where GET is.
	Pattern string
	// Access is who may call it.
	Access Access
	// Limit is what its requests count against.
	Limit Limit
	// Handler answers it, and relies on Access and Limit having been enforced.
	Handler http.Handler
}

// Validate says everything that keeps the route from being mounted.
func (r Route) Validate() error {
	var problems []error
	if r.Pattern == "" {
		problems = append(problems, errors.New("httpapi: a route without a pattern"))
	}
	if r.Access < Public || r.Access > Admin {
		problems = append(problems, fmt.Errorf("httpapi: route %q: no access rule", r.Pattern))
	}
	if r.Limit < QueryLimit || r.Limit > OtherLimit {
		problems = append(problems, fmt.Errorf("httpapi: route %q: no limit", r.Pattern))
	}
	if r.Handler == nil {
		problems = append(problems, fmt.Errorf("httpapi: route %q: no handler", r.Pattern))
	}
	return errors.Join(problems...)
}

// handle adds what every route has in common: none takes query parameters.
func handle(f problem.HandlerFunc) http.Handler {
	return problem.HandlerFunc(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.RawQuery != "" {
			return malformed("request.parameters", errors.New("query parameters, where no route takes any"))
		}
		return f(w, r)
	})
}
