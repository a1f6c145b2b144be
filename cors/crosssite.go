package cors

import (
	"net/http"
	"strings"
)

// Fetch Metadata Request Headers, https://www.w3.org/TR/fetch-metadata. Pages
// cannot set them: names with "Sec-" are forbidden request-headers.
const (
	fetchSite = "Sec-Fetch-Site"
	fetchMode = "Sec-Fetch-Mode"
	fetchDest = "Sec-Fetch-Dest"
)

// isOwn reports whether the request comes from the API's own origin. Browsers
// put Origin on same-origin requests too, if they are neither GET nor HEAD
// (Fetch, "append a request Origin header"), and then it is "null" if the page
// has Referrer-Policy: no-referrer; so Sec-Fetch-Site decides first.
func (c *CORS) isOwn(r *http.Request, origins []string) bool {
	if len(origins) != 1 {
		return false
	}
	if site := r.Header[fetchSite]; len(site) == 1 && site[0] == "same-origin" {
		return true
	}
	sent := origins[0]
	if _, ok := c.own[sent]; ok {
		return true
	}
	// Fetch Metadata goes to trustworthy URLs only, and no old browser has it.
	scheme, port := "http://", ":80"
	if r.TLS != nil {
		scheme, port = "https://", ":443"
	}
	host, ok := strings.CutPrefix(sent, scheme)
	return ok && host != "" && host == strings.TrimSuffix(r.Host, port)
}

// crossSite reports whether another site made the browser send a request that
// carries no allowed Origin, and so the user's cookies with it.
func (c *CORS) crossSite(r *http.Request) bool {
	if c.protection.Check(r) != nil {
		return true
	}
	// Safe methods may still cost work, and give the answer's size or time
	// away. Links that open a page of their own stay.
	switch r.Header.Get(fetchSite) {
	case "", "same-origin", "none":
		return false
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return r.Header.Get(fetchMode) != "navigate" || r.Header.Get(fetchDest) != "document"
	case http.MethodOptions:
		return true
	default:
		return false // Check passed it: an own origin that the configuration lists
	}
}
