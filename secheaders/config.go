package secheaders

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The strict values, which an empty Config field stands for.
const (
	StrictContentSecurityPolicy     = "default-src 'none'; frame-ancestors 'none'"
	StrictReferrerPolicy            = "no-referrer"
	StrictFrameOptions              = "DENY"
	StrictCrossOriginResourcePolicy = "same-origin"
	StrictCrossOriginOpenerPolicy   = "same-origin"
	StrictPermissionsPolicy         = "accelerometer=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), " +
		"gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), " +
		"screen-wake-lock=(), usb=(), xr-spatial-tracking=()"
	StrictCacheControl = "no-store"
)

// defaultMaxAge is two years, what hstspreload.org recommends.
const defaultMaxAge = 2 * 365 * 24 * time.Hour

// Config configures [Headers]. The zero value is the strict set.
type Config struct {
	// ContentSecurityPolicy (W3C CSP3): nothing may load, nobody may frame.
	ContentSecurityPolicy string
	// ReferrerPolicy (W3C Referrer Policy).
	ReferrerPolicy string
	// FrameOptions is X-Frame-Options (RFC 7034), for browsers older than
	// frame-ancestors: DENY or SAMEORIGIN.
	FrameOptions string
	// CrossOriginResourcePolicy (Fetch standard): same-origin, same-site or
	// cross-origin.
	CrossOriginResourcePolicy string
	// CrossOriginOpenerPolicy (HTML standard): same-origin,
	// same-origin-allow-popups, noopener-allow-popups or unsafe-none.
	CrossOriginOpenerPolicy string
	// PermissionsPolicy (W3C Permissions Policy).
	PermissionsPolicy string
	// CacheControl (RFC 9111, section 5.2.2) for handlers that set none.
	CacheControl string

	// HTTPS says that clients reach the site by https although this process
	// does not see TLS, because a proxy ends it. Strict-Transport-Security is
	// sent on requests that came by TLS, and with HTTPS on all others too.
	HTTPS bool
	// MaxAge is how long browsers keep to https (RFC 6797, section 6.1.1);
	// 0 is two years, at least one second, whole seconds.
	MaxAge time.Duration
	// IncludeSubDomains extends that to every host under this one (RFC 6797,
	// section 6.1.2). Off by default: it is a promise on behalf of hosts that
	// may not be yours to make.
	IncludeSubDomains bool

	// DangerouslyOmit lists headers, by name, that are not to be sent.
	// X-Content-Type-Options cannot be omitted.
	DangerouslyOmit []string
}

const (
	noSniffHeader = "X-Content-Type-Options"
	hstsHeader    = "Strict-Transport-Security"
)

// header is one header as it is put into the response.
type header struct {
	name  string
	value []string
}

// set computes the headers, and every mistake in c.
func (c *Config) set() (always []header, hsts header, err error) {
	var errs []error
	add := func(name, value, strict string, oneOf ...string) {
		if value == "" {
			value = strict
		}
		if bad := checkValue(name, value, oneOf); bad != nil {
			errs = append(errs, bad)
		}
		always = append(always, header{name, []string{value}})
	}
	add(noSniffHeader, "", "nosniff") // Fetch standard, section 3.6; it has no other value
	add("Content-Security-Policy", c.ContentSecurityPolicy, StrictContentSecurityPolicy)
	add("Referrer-Policy", c.ReferrerPolicy, StrictReferrerPolicy, "no-referrer", "no-referrer-when-downgrade",
		"same-origin", "origin", "strict-origin", "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url")
	add("X-Frame-Options", c.FrameOptions, StrictFrameOptions, "DENY", "SAMEORIGIN")
	add("Cross-Origin-Resource-Policy", c.CrossOriginResourcePolicy, StrictCrossOriginResourcePolicy,
		"same-origin", "same-site", "cross-origin")
	add("Cross-Origin-Opener-Policy", c.CrossOriginOpenerPolicy, StrictCrossOriginOpenerPolicy,
		"same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none")
	add("Permissions-Policy", c.PermissionsPolicy, StrictPermissionsPolicy)
	add("Cache-Control", c.CacheControl, StrictCacheControl)

	age := c.MaxAge
	switch {
	case age == 0:
		age = defaultMaxAge
	case age < 0 || age%time.Second != 0:
		errs = append(errs, fmt.Errorf("secheaders: MaxAge %v must be positive and in whole seconds", age))
	}
	value := "max-age=" + strconv.FormatInt(int64(age/time.Second), 10)
	if c.IncludeSubDomains {
		value += "; includeSubDomains"
	}
	hsts = header{hstsHeader, []string{value}}

	always, hsts, errs = omit(c.DangerouslyOmit, always, hsts, errs)
	if err := errors.Join(errs...); err != nil {
		return nil, header{}, err
	}
	return always, hsts, nil
}

// checkValue finds values that would not be sent as they stand, or that are no
// value of the header.
func checkValue(name, value string, oneOf []string) error {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' {
			return fmt.Errorf("secheaders: the value of %s has the byte 0x%02x; only printable ASCII is allowed", name, c)
		}
	}
	if strings.TrimSpace(value) == "" {
		return fmt.Errorf("secheaders: the value of %s is blank; leave it empty for the strict value", name)
	}
	if len(oneOf) > 0 && !slices.Contains(oneOf, value) {
		return fmt.Errorf("secheaders: %q is no value of %s; it is one of %s", value, name, strings.Join(oneOf, ", "))
	}
	return nil
}

// omit drops the named headers from the set.
func omit(names []string, always []header, hsts header, errs []error) ([]header, header, []error) {
	for _, name := range names {
		canonical := http.CanonicalHeaderKey(name)
		i := slices.IndexFunc(always, func(h header) bool { return h.name == canonical })
		switch {
		case canonical == noSniffHeader:
			errs = append(errs, fmt.Errorf("secheaders: %s cannot be omitted", name))
		case canonical == hstsHeader:
			hsts = header{}
		case i < 0:
			errs = append(errs, fmt.Errorf("secheaders: DangerouslyOmit names %q, which is not one of the headers set", name))
		default:
			always = slices.Delete(always, i, i+1)
		}
	}
	return always, hsts, errs
}
