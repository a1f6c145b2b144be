package secheaders

import "net/http"

// Headers is the middleware that sets the headers. It is immutable and safe
// for concurrent use.
type Headers struct {
	always []header
	hsts   header // name is empty if omitted
	https  bool
}

// New returns the middleware, or every mistake in the configuration.
func New(c Config) (*Headers, error) {
	always, hsts, err := c.set()
	if err != nil {
		return nil, err
	}
	return &Headers{always: always, hsts: hsts, https: c.HTTPS}, nil
}

// Wrap returns next with the headers set on every response, before next runs.
func (s *Headers) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for i := range s.always {
			// The slices are shared; their capacity is their length, so that
			// Header.Add in a handler copies and cannot change them.
			h[s.always[i].name] = s.always[i].value
		}
		// RFC 6797, section 7.2: never over plain HTTP, where anybody could
		// have put it there.
		if s.hsts.name != "" && (r.TLS != nil || s.https) {
			h[s.hsts.name] = s.hsts.value
		}
		delete(h, "Server")
		delete(h, "X-Powered-By")
		next.ServeHTTP(w, r)
	})
}
