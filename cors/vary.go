package cors

import (
	"net/http"
	"slices"
	"strings"
)

var (
	// Whether an OPTIONS request is a preflight, and what the answer is,
	// depends on all of these.
	varyOptions = []string{strings.Join([]string{originHeader, requestMethod, requestHeaders, requestPrivateNetwork}, ", ")}
	varyOrigin  = []string{originHeader}
)

// vary tells caches what the response depends on (RFC 9110, section 12.5.5),
// before it is known what the response will be. Values that are there stay.
func (c *CORS) vary(h http.Header, method string) {
	value := varyOrigin
	switch {
	case method == http.MethodOptions:
		value = varyOptions
	case c.anywhere:
		return
	}
	old := h[varyHeader]
	switch {
	case len(old) == 0:
		h[varyHeader] = value
	case slices.Contains(old, value[0]):
	default:
		// A copy: the old values may be shared by all responses too.
		h[varyHeader] = slices.Concat(old, value)
	}
}
