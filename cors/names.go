package cors

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Lists of the Fetch standard, in lower case.
var (
	// "Methods": browsers never send these for a page.
	forbiddenMethods = []string{"connect", "trace", "track"}
	// "Methods", normalize: browsers turn these into upper case, and only these.
	normalizedMethods = []string{
		http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut,
	}
	// "Forbidden request-header": pages cannot set these, or any proxy- or sec- one.
	forbiddenRequestHeaders = []string{
		"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt",
		"expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via",
	}
	// "Forbidden response-header name": pages cannot read these.
	forbiddenResponseHeaders = []string{"set-cookie", "set-cookie2"}
	// "CORS-safelisted response-header name": pages can read these anyway.
	safelistedResponseHeaders = []string{
		"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma",
	}
)

func checkMethods(names []string) ([]string, error) {
	if len(names) == 0 {
		return []string{http.MethodGet, http.MethodHead, http.MethodPost}, nil
	}
	return checkNames("Methods", names, func(name string) error {
		upper := strings.ToUpper(name)
		switch {
		case slices.Contains(forbiddenMethods, strings.ToLower(name)):
			return fmt.Errorf("%q is a method that browsers never let a page use; remove it", name)
		case name != upper && (slices.Contains(normalizedMethods, upper) || upper == http.MethodPatch):
			return fmt.Errorf("%q would never match, methods are case-sensitive; write %s", name, upper)
		}
		return nil
	}, func(name string) string { return name })
}

func checkRequestHeaders(names []string) ([]string, error) {
	if len(names) == 0 {
		return []string{"Content-Type", "Authorization", "X-API-Key"}, nil
	}
	return checkNames("RequestHeaders", names, func(name string) error {
		lower := strings.ToLower(name)
		if slices.Contains(forbiddenRequestHeaders, lower) || strings.HasPrefix(lower, "proxy-") || strings.HasPrefix(lower, "sec-") {
			return fmt.Errorf("%q is a header that browsers never let a page set; remove it", name)
		}
		return nil
	}, strings.ToLower)
}

func checkResponseHeaders(names []string) ([]string, error) {
	if len(names) == 0 {
		return []string{"X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"}, nil
	}
	return checkNames("ResponseHeaders", names, func(name string) error {
		lower := strings.ToLower(name)
		switch {
		case slices.Contains(forbiddenResponseHeaders, lower):
			return fmt.Errorf("%q is a header that browsers never let a page read; remove it", name)
		case slices.Contains(safelistedResponseHeaders, lower):
			return fmt.Errorf("%q is a header that pages can always read; remove it", name)
		}
		return nil
	}, strings.ToLower)
}

// checkNames checks a list of methods or header names and returns a copy.
func checkNames(field string, names []string, check func(string) error, fold func(string) string) ([]string, error) {
	if len(names) > maxNames {
		return nil, fmt.Errorf("cors: %s has %d entries; at most %d are allowed", field, len(names), maxNames)
	}
	var errs []error
	seen := make(map[string]struct{}, len(names))
	for _, name := range names {
		var err error
		switch _, twice := seen[fold(name)]; {
		case name == "":
			err = errors.New("an entry is empty; remove it")
		case name == "*":
			err = errors.New("there is no wildcard; list what is needed")
		case len(name) > 100 || !isToken(name):
			err = fmt.Errorf("%.100q is no token of RFC 9110, section 5.6.2, of at most 100 bytes", name)
		case twice:
			err = fmt.Errorf("%q is there twice; remove one", name)
		default:
			err = check(name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("cors: %s: %w", field, err))
		}
		seen[fold(name)] = struct{}{}
	}
	return slices.Clone(names), errors.Join(errs...)
}

// isToken reports whether s is a token: RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
