package problem

import (
	"net/http"

	"github.com/sallyport-dev/sallyport/event"
)

// HandlerFunc is a handler that returns its error instead of writing it. It is
// an [http.Handler]: ServeHTTP passes the error to [Write].
//
// A handler that returns an error before it wrote anything is answered with
// the problem document; after that, the connection is cut.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// ServeHTTP calls f and writes its error, if any.
func (f HandlerFunc) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Tracked here, and not only further out: a middleware in between may
	// hold bytes back that an outer tracker has not seen yet.
	tracked, _ := event.Track(w, r)
	if err := f(tracked, r); err != nil {
		Write(tracked, r, err)
	}
}
