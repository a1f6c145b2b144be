package cors

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	// maxOrigins bounds Origins and OwnOrigins. Matching takes the same time
	// with one origin and with a thousand; longer lists are data, not configuration.
	maxOrigins = 1000
	// maxNames bounds Methods, RequestHeaders and ResponseHeaders, each.
	maxNames = 100

	defaultMaxAge = 10 * time.Minute
	maxMaxAge     = 24 * time.Hour
)

// Config configures a [CORS]. [New] copies it. The zero value is refused.
type Config struct {
	// Mode says how browsers authenticate. Required.
	Mode Mode

	// Origins are the origins whose pages may call: "https://app.example.com",
	// or the pattern "https://*.example.com" for the subdomains of
	// example.com, at any depth, without example.com itself. At most 1,000.
	// Empty means any origin in the mode Header, and is refused in the mode
	// Cookies. Overlapping patterns are fine; the same text twice is a mistake.
	// Fetch, "CORS check"; HTML, "Origin" (ASCII serialisation).
	Origins []string

	// OwnOrigins are the origins under which browsers reach this API itself,
	// without patterns. Browsers send Origin on same-origin POST requests too.
	// Such a request is recognised without this field by Sec-Fetch-Site:
	// same-origin, or where Origin is the request's own scheme and Host. List
	// the origins if a proxy in front ends TLS or changes Host: browsers older
	// than 2023 have no Sec-Fetch-Site. Only with Origins; the pages need no CORS
	// headers and get none. Empty: none but those recognised.
	OwnOrigins []string

	// Methods are the methods that a preflight may ask for, exactly as they
	// are sent: methods are case-sensitive (RFC 9110, section 9.1). Empty:
	// GET, HEAD, POST, which are the CORS-safelisted ones (Fetch, "Methods").
	Methods []string

	// RequestHeaders are the names of the headers that a preflight may ask
	// for, in any case. Empty: Content-Type, Authorization, X-API-Key. There is no
	// wildcard: it would not cover Authorization ("CORS-preflight fetch",
	// step 7.6), and nothing else where credentials are sent.
	RequestHeaders []string

	// ResponseHeaders are the names of the headers that pages may read, beyond
	// the CORS-safelisted ones. Empty: X-Request-ID, Retry-After, RateLimit,
	// RateLimit-Policy. Fetch, "CORS-safelisted response-header name".
	ResponseHeaders []string

	// MaxAge is how long a browser may remember a preflight's answer, in whole
	// seconds, at most 24 h. Zero: 10 minutes. Chromium remembers at most two
	// hours, Firefox 24. Fetch, "HTTP responses", Access-Control-Max-Age.
	MaxAge time.Duration

	// PrivateNetwork answers the preflights of Private Network Access
	// (https://wicg.github.io/private-network-access, section 3), by which a
	// page from the internet asks to call a server on a private network or on
	// the user's own machine. Only with Origins. False refuses them. Browsers
	// that have Local Network Access instead ask the user and send none.
	PrivateNetwork bool

	// DangerouslyAllowInsecureOrigins permits http:// origins other than
	// loopback ones (localhost, *.localhost, 127.0.0.0/8, [::1]). Whoever is on
	// the network between the user and such an origin can put pages there,
	// and call the API from them. False refuses them.
	DangerouslyAllowInsecureOrigins bool
}

// settings is what a Config amounts to, in the form the request path needs.
type settings struct {
	origins  matcher
	own      map[string]struct{}
	methods  map[string]struct{}
	headers  headerSet
	allow    []string // Access-Control-Allow-Methods
	allowed  []string // Access-Control-Allow-Headers
	exposed  []string // Access-Control-Expose-Headers
	maxAge   []string // Access-Control-Max-Age
	anywhere bool     // any origin may call
}

// settings computes them, or every mistake in c.
func (c *Config) settings() (*settings, error) {
	s := &settings{anywhere: c.Mode == Header && len(c.Origins) == 0}
	errs := c.checkModes()

	var err error
	if s.origins, err = c.checkOrigins(); err != nil {
		errs = append(errs, err)
	}
	if s.own, err = c.checkOwn(); err != nil {
		errs = append(errs, err)
	}
	methods, err := checkMethods(c.Methods)
	if err != nil {
		errs = append(errs, err)
	}
	request, err := checkRequestHeaders(c.RequestHeaders)
	if err != nil {
		errs = append(errs, err)
	}
	response, err := checkResponseHeaders(c.ResponseHeaders)
	if err != nil {
		errs = append(errs, err)
	}
	age := c.MaxAge
	switch {
	case age == 0:
		age = defaultMaxAge
	case age < 0 || age%time.Second != 0:
		errs = append(errs, fmt.Errorf("cors: MaxAge %v must be positive and in whole seconds; 1s is the least", age))
	case age > maxMaxAge:
		errs = append(errs, fmt.Errorf("cors: MaxAge %v is longer than any browser remembers; use at most 24h (Chromium: 2h)", age))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}

	s.methods = make(map[string]struct{}, len(methods))
	for _, m := range methods {
		s.methods[m] = struct{}{}
	}
	s.headers = newHeaderSet(request)
	s.allow = []string{strings.Join(methods, ", ")}
	s.allowed = []string{strings.Join(request, ", ")}
	s.exposed = []string{strings.Join(response, ", ")}
	s.maxAge = []string{strconv.FormatInt(int64(age/time.Second), 10)}
	return s, nil
}

// checkModes finds fields that do not go together.
func (c *Config) checkModes() []error {
	var errs []error
	switch c.Mode {
	case Header:
		if len(c.Origins) > 0 {
			break
		}
		if c.PrivateNetwork {
			errs = append(errs, errors.New("cors: PrivateNetwork would let every website reach into the private network; list in Origins those that may"))
		}
		if len(c.OwnOrigins) > 0 {
			errs = append(errs, errors.New("cors: OwnOrigins has no effect where any origin may call; remove it, or list Origins"))
		}
	case Cookies:
		if len(c.Origins) == 0 {
			errs = append(errs, errors.New("cors: Origins is empty; with cookies every origin that may call must be listed (the API's own, if no other)"))
		}
	default:
		errs = append(errs, fmt.Errorf("cors: Mode %d is none; use Header (keys and tokens) or Cookies", c.Mode))
	}
	return errs
}

// checkOrigins returns the matcher for Origins.
func (c *Config) checkOrigins() (matcher, error) {
	if len(c.Origins) > maxOrigins {
		return matcher{}, fmt.Errorf("cors: Origins has %d entries; at most %d are allowed (a pattern may stand for many)", len(c.Origins), maxOrigins)
	}
	var errs []error
	m := newMatcher(len(c.Origins))
	seen := make(map[string]struct{}, len(c.Origins))
	for _, text := range c.Origins {
		if _, twice := seen[text]; twice {
			errs = append(errs, fmt.Errorf("cors: Origins has %.100q twice; is one of them misspelt?", text))
			continue
		}
		seen[text] = struct{}{}
		o, err := c.checkOrigin(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("cors: Origins: %w", err))
			continue
		}
		m.add(text, o)
	}
	return m, errors.Join(errs...)
}

// checkOwn returns the set of OwnOrigins.
func (c *Config) checkOwn() (map[string]struct{}, error) {
	if len(c.OwnOrigins) > maxOrigins {
		return nil, fmt.Errorf("cors: OwnOrigins has %d entries; at most %d are allowed", len(c.OwnOrigins), maxOrigins)
	}
	var errs []error
	own := make(map[string]struct{}, len(c.OwnOrigins))
	for _, text := range c.OwnOrigins {
		o, err := c.checkOrigin(text)
		switch _, twice := own[text]; {
		case err != nil:
			errs = append(errs, fmt.Errorf("cors: OwnOrigins: %w", err))
		case o.pattern:
			errs = append(errs, fmt.Errorf("cors: OwnOrigins: %.100q is a pattern; list each of the API's own origins", text))
		case twice:
			errs = append(errs, fmt.Errorf("cors: OwnOrigins has %.100q twice", text))
		default:
			own[text] = struct{}{}
		}
	}
	return own, errors.Join(errs...)
}
