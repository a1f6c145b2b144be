package problem

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/sallyport-dev/sallyport/event"
)

// errUnrouted is returned for every request that no route takes.
var errUnrouted = Forbidden(errors.New("no route for this method and path")).By("problem", "http.unrouted")

// NotFound returns a handler that answers everything with the uniform 403. It
// is for the places where [http.NotFoundHandler] would be.
func NotFound() http.Handler {
	return HandlerFunc(func(http.ResponseWriter, *http.Request) error { return errUnrouted })
}

// Mux is an [http.ServeMux] that never answers by itself. ServeMux says 404
// for an unknown path, 405 with an Allow header for a wrong method, 307 for a
// path that is not clean or lacks its final slash, and 400 for "*": together
// a map of the routes. Mux answers all of them with the uniform 403.
//
// Patterns and precedence are those of ServeMux. A CONNECT request, whose path
// ServeMux would not clean, is always refused.
//
// Routes are registered before the Mux serves.
type Mux struct {
	inner    http.ServeMux
	patterns []string
	unrouted http.Handler
}

// NewMux returns a Mux without routes: all requests are refused.
func NewMux() *Mux { return &Mux{unrouted: NotFound()} }

// Unrouted puts wrap around the refusal of what no route takes. A limit on
// requests stands here, or guessing paths would be free of it.
func (m *Mux) Unrouted(wrap interface {
	Wrap(next http.Handler) http.Handler
},
) {
	m.unrouted = wrap.Wrap(NotFound())
}

// Handle registers a handler for a pattern. Like ServeMux it panics if the
// pattern is malformed or conflicts with another, or if h is nil.
func (m *Mux) Handle(pattern string, h http.Handler) {
	if h == nil {
		panic(fmt.Sprintf("problem: the handler for %q is nil", pattern))
	}
	m.inner.Handle(pattern, &route{h})
	m.patterns = append(m.patterns, pattern)
}

// HandleFunc registers a handler that returns its error.
func (m *Mux) HandleFunc(pattern string, f HandlerFunc) {
	if f == nil {
		panic(fmt.Sprintf("problem: the handler for %q is nil", pattern))
	}
	m.Handle(pattern, f)
}

// Patterns lists the registered patterns in order of registration, so that a
// test can visit every route.
func (m *Mux) Patterns() []string { return slices.Clone(m.patterns) }

// ServeHTTP passes r to the route that matches, and refuses it if none does.
// The pattern that matched is noted on the event record.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		m.unrouted.ServeHTTP(w, r)
		return
	}
	p := &probe{w: w}
	m.inner.ServeHTTP(p, r)
	if !p.routed {
		r.Pattern = "" // set even when ServeMux only wanted to redirect
		m.unrouted.ServeHTTP(w, r)
	}
}

// route marks the handlers that are ours. Whatever ServeMux calls that is not
// a route is an answer of its own, and is lost in the probe.
type route struct{ next http.Handler }

func (rt *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, ok := w.(*probe)
	if !ok { // unreachable: only Mux.ServeHTTP calls the inner mux
		Write(w, r, Internal(fmt.Errorf("problem: route %q called with a %T", r.Pattern, w)))
		return
	}
	p.routed = true
	event.FromContext(r.Context()).Route = r.Pattern
	rt.next.ServeHTTP(p.w, r)
}

// probe is the response writer that ServeMux sees: it carries the real one to
// the route and swallows everything else.
type probe struct {
	w      http.ResponseWriter
	routed bool
	header http.Header
}

func (p *probe) Header() http.Header {
	if p.header == nil {
		p.header = make(http.Header)
	}
	return p.header
}

func (p *probe) Write(b []byte) (int, error) { return len(b), nil }
func (p *probe) WriteHeader(int)             {}
