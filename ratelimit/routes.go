package ratelimit

import (
	"errors"
	"fmt"
	"net/http"
)

// DangerouslyUnlimited returns what [Routes.Handle] takes for a route that
// strangers may call as often as they like. As middleware it does nothing.
func DangerouslyUnlimited() *Limiter { return &Limiter{unlimited: true} }

// Routes registers routes, each with its limit: one that was forgotten is an
// error when the program starts, not a route without a limit. It is for the
// start of a program, and not safe for concurrent use.
type Routes struct {
	handle func(pattern string, h http.Handler)
	errs   []error
}

// NewRoutes returns Routes that register with handle, for example the method
// Handle of an [http.ServeMux].
func NewRoutes(handle func(pattern string, h http.Handler)) *Routes {
	return &Routes{handle: handle}
}

// Handle registers h behind l. Without a limiter the route is not registered,
// and Err says so; [DangerouslyUnlimited] says that none is meant.
func (r *Routes) Handle(pattern string, l *Limiter, h http.Handler) {
	switch {
	case r.handle == nil:
		r.errs = append(r.errs, errors.New("ratelimit: NewRoutes was called without a function to register with"))
	case h == nil:
		r.errs = append(r.errs, fmt.Errorf("ratelimit: the route %q has no handler", pattern))
	case l == nil || l.counter == nil && !l.unlimited:
		r.errs = append(r.errs, fmt.Errorf("ratelimit: the route %q has no limit; give it a Limiter, or DangerouslyUnlimited()", pattern))
	default:
		r.handle(pattern, l.Wrap(h))
	}
}

// Err returns every mistake so far. A program whose routes have one must not
// serve.
func (r *Routes) Err() error { return errors.Join(r.errs...) }
