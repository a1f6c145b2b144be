package cors

import (
	"net/http"

	"github.com/sallyport-dev/sallyport/problem"
)

// preflight sets the headers of the answer to a preflight, or says why it is
// refused: Fetch, "CORS-preflight fetch", step 7, seen from the other side. The
// answer lists what is allowed, never what was asked for. A refusal has no
// header of the protocol, as the whole configuration is none of its business.
func (c *CORS) preflight(h http.Header, r *http.Request, origins []string) *problem.Error {
	value := anyValue
	if !c.anywhere {
		if value = c.allowedOrigin(origins); value == nil {
			return errOrigin
		}
	}
	private := r.Header[requestPrivateNetwork]
	if private != nil && (!c.private || len(private) != 1 || private[0] != "true") {
		return errPrivate
	}
	method := r.Header[requestMethod]
	if len(method) != 1 {
		return errMethod
	}
	if _, ok := c.methods[method[0]]; !ok {
		return errMethod
	}
	if !c.headers.covers(r.Header[requestHeaders]) {
		return errHeaders
	}
	h[allowOrigin] = value
	if c.credentials {
		h[allowCredentials] = trueValue
	}
	h[allowMethods] = c.allow
	h[allowHeaders] = c.allowed
	h[maxAgeHeader] = c.maxAge
	if private != nil {
		h[allowPrivateNetwork] = trueValue
	}
	return nil
}
