package cors

import (
	"errors"
	"net/http"

	"github.com/sallyport-dev/sallyport/problem"
)

// Header names in the spelling of net/http's maps.
const (
	originHeader = "Origin"
	varyHeader   = "Vary"

	allowOrigin         = "Access-Control-Allow-Origin"
	allowCredentials    = "Access-Control-Allow-Credentials"
	allowMethods        = "Access-Control-Allow-Methods"
	allowHeaders        = "Access-Control-Allow-Headers"
	allowPrivateNetwork = "Access-Control-Allow-Private-Network"
	exposeHeaders       = "Access-Control-Expose-Headers"
	maxAgeHeader        = "Access-Control-Max-Age"

	requestMethod         = "Access-Control-Request-Method"
	requestHeaders        = "Access-Control-Request-Headers"
	requestPrivateNetwork = "Access-Control-Request-Private-Network"
)

// Values shared by all responses. Their capacity is their length, so that
// Header.Add in a handler copies them.
var (
	anyValue  = []string{"*"}
	trueValue = []string{"true"}
)

var (
	errOrigin    = problem.Forbidden(errors.New("cors: the origin is not allowed")).By("cors", "cors.origin")
	errMethod    = problem.Forbidden(errors.New("cors: the preflight asks for another method than allowed")).By("cors", "cors.method")
	errHeaders   = problem.Forbidden(errors.New("cors: the preflight asks for another header than allowed")).By("cors", "cors.headers")
	errPrivate   = problem.Forbidden(errors.New("cors: a page from outside asks for the private network")).By("cors", "cors.private_network")
	errCrossSite = problem.Forbidden(errors.New("cors: another site made the browser send this")).By("cors", "cors.cross_site")
)

// CORS is the middleware. It is made by [New], does not change, and is safe for
// concurrent use.
type CORS struct {
	settings
	credentials bool
	private     bool
	protection  *http.CrossOriginProtection // nil in the mode Header
	counts      counters
}

// New returns the middleware, or every mistake in the configuration.
func New(c Config) (*CORS, error) {
	s, err := c.settings()
	if err != nil {
		return nil, err
	}
	m := &CORS{settings: *s, credentials: c.Mode == Cookies, private: c.PrivateNetwork}
	if m.credentials {
		m.protection = http.NewCrossOriginProtection()
		for own := range m.own {
			if err := m.protection.AddTrustedOrigin(own); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// Wrap returns next behind the rules: preflights are answered, requests that
// may not be made are refused, and the responses to all others carry the
// headers that the origin needs. It panics on a CORS that was not made by New.
func (c *CORS) Wrap(next http.Handler) http.Handler {
	if c == nil || c.methods == nil {
		panic("cors: Wrap on a CORS that New did not make; was its error ignored?")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		c.vary(h, r.Method)
		origins := r.Header[originHeader]
		var refused *problem.Error
		if r.Method == http.MethodOptions && len(origins) > 0 && r.Header[requestMethod] != nil {
			c.counts.preflights.Add(1)
			if refused = c.preflight(h, r, origins); refused == nil {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			c.counts.refusedPreflights.Add(1)
		} else {
			refused = c.actual(h, r, origins)
		}
		if refused != nil {
			c.count(refused)
			problem.Write(w, r, refused)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *CORS) count(refused *problem.Error) {
	switch refused {
	case errOrigin:
		c.counts.refusedOrigins.Add(1)
	case errCrossSite:
		c.counts.refusedCrossSite.Add(1)
	}
}

// actual sets the headers of the response to a request that is no preflight,
// or says why there is none: Fetch, "CORS protocol", "HTTP responses".
func (c *CORS) actual(h http.Header, r *http.Request, origins []string) *problem.Error {
	if c.anywhere {
		// Also without Origin: the answer never depends on it, so that caches
		// need no Vary (Fetch, "CORS protocol and HTTP caches").
		h[allowOrigin] = anyValue
		h[exposeHeaders] = c.exposed
		return nil
	}
	if len(origins) > 0 {
		value := c.allowedOrigin(origins)
		if value != nil {
			h[allowOrigin] = value
			h[exposeHeaders] = c.exposed
			if c.credentials {
				h[allowCredentials] = trueValue
			}
			return nil
		}
		if !c.isOwn(r, origins) {
			return errOrigin
		}
	}
	if c.credentials && c.crossSite(r) {
		return errCrossSite
	}
	return nil
}

// allowedOrigin returns the value for Access-Control-Allow-Origin, or nil.
// Browsers send one Origin; two are somebody else's work (Fetch, "Origin header").
func (c *CORS) allowedOrigin(origins []string) []string {
	if len(origins) != 1 {
		return nil
	}
	return c.origins.match(origins[0])
}
