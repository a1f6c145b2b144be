package cors

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// checkOrigin reads one origin or pattern of the configuration. It must be
// exactly what browsers send, because that is what it is compared with; the
// error says what that would be.
func (c *Config) checkOrigin(text string) (origin, error) {
	fail := func(format string, args ...any) (origin, error) {
		return origin{}, fmt.Errorf("%.100q "+format, append([]any{text}, args...)...)
	}
	switch {
	case text == "":
		return origin{}, errors.New(`"" is no origin; remove it`)
	case strings.TrimSpace(text) != text || strings.ContainsAny(text, " \t\r\n\x00,"):
		return fail("has white space or a comma; write scheme://host alone, one origin an entry")
	case text == "*" && c.Mode == Cookies:
		return fail("would let every website act with the user's cookies; list the origins that may")
	case text == "*":
		return fail("is no entry; leave Origins empty to let any origin call")
	case strings.EqualFold(text, "null"):
		return fail("is the origin of every sandboxed frame, data: URL and local file, so of anybody; give the page an origin of its own")
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return fail("has no scheme; write https://%.100s", strings.TrimLeft(text, "/"))
	}
	if lower := strings.ToLower(scheme); lower != "https" && lower != "http" {
		return fail("has the scheme %.20q; only pages from https (and http) call", scheme)
	} else if lower != scheme {
		return fail("has upper case in its scheme; browsers send %s://%.100s", lower, rest)
	}
	authority := rest
	if end := strings.IndexAny(rest, `/\?#`); end >= 0 {
		authority = rest[:end]
	}
	bare := authority[strings.LastIndexByte(authority, '@')+1:]
	switch tail := rest[len(authority):]; {
	case bare != authority:
		return fail("has a user name; write %s://%.100s", scheme, bare)
	case tail == "/":
		return fail("has a trailing slash, which is no part of an origin; write %s://%.100s", scheme, authority)
	case tail != "":
		return fail("has a path, query or fragment (%.50q), which is no part of an origin; write %s://%.100s", tail, scheme, authority)
	}
	o := origin{scheme: scheme}
	if o.host, o.port, o.pattern, ok = cutAuthority(authority); !ok {
		return fail("has no host that a browser would know; write %s://host or %s://host:port", scheme, scheme)
	}
	if err := o.checkPort(authority); err != nil {
		return fail("%w", err)
	}
	if err := o.checkHost(); err != nil {
		return fail("%w", err)
	}
	if o.pattern {
		if why := strangers(o.host); why != "" {
			return fail("%s; list the origins that are yours one by one", why)
		}
	}
	if scheme == "http" && !c.DangerouslyAllowInsecureOrigins && !isLoopback(o.host) {
		return fail("is not encrypted, so anybody on the way can be it; use https, or set DangerouslyAllowInsecureOrigins")
	}
	return o, nil
}

// cutAuthority takes host and port apart, and the star off a pattern.
func cutAuthority(authority string) (host, port string, pattern, ok bool) {
	host = authority
	if colon := strings.LastIndexByte(authority, ':'); colon > strings.LastIndexByte(authority, ']') {
		host, port = authority[:colon], authority[colon+1:]
		if port == "" {
			return "", "", false, false
		}
	}
	base, pattern := strings.CutPrefix(host, "*.")
	return base, port, pattern, base != ""
}

func (o *origin) checkPort(authority string) error {
	switch {
	case o.port == "":
		return nil
	case o.port == "*":
		return errors.New("has a star for its port; list each port")
	case o.port == defaultPort(o.scheme):
		return fmt.Errorf("has the scheme's own port, which browsers leave out; write %s://%.100s",
			o.scheme, strings.TrimSuffix(authority, ":"+o.port))
	case !isPort(o.port):
		return fmt.Errorf("has the port %.20q; ports are 1 to 65535, without leading zeros", o.port)
	}
	return nil
}

// checkHost refuses what is not exactly what browsers send.
func (o *origin) checkHost() error {
	host := o.host
	if strings.Contains(host, "*") {
		return errors.New("has a star elsewhere than as the whole first label; the one form of a pattern is https://*.example.com")
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			if ascii, err := idna.Lookup.ToASCII(host); err == nil {
				return fmt.Errorf("has a host that is not ASCII; browsers send %.100s", ascii)
			}
			return errors.New("has a host that is not ASCII and no domain name")
		}
	}
	if lower := strings.ToLower(host); lower != host {
		return fmt.Errorf("has upper case in its host; browsers send %.100s", lower)
	}
	if host[0] == '[' || endsInNumber(host) {
		return o.checkAddress()
	}
	if strings.HasSuffix(host, ".") {
		return errors.New("has a dot after its host; remove it")
	}
	if !isDomain(host) {
		return fmt.Errorf("has the host %.100q, which is no domain name: labels of 1 to %d of a-z 0-9 - _, %d bytes in all", host, maxLabel, maxHost)
	}
	for label := range strings.SplitSeq(host, ".") {
		if !strings.HasPrefix(label, "xn--") {
			continue
		}
		if ascii, err := idna.Lookup.ToASCII(label); err != nil || ascii != label {
			return fmt.Errorf("has the label %q, which is no punycode; browsers would not go there", label)
		}
	}
	return nil
}

// checkAddress takes IP addresses in the one spelling that browsers send.
func (o *origin) checkAddress() error {
	if o.pattern {
		return errors.New("is a pattern of IP addresses, which have no subdomains; list each address")
	}
	literal, v6 := strings.CutPrefix(o.host, "[")
	if v6 {
		literal = strings.TrimSuffix(literal, "]")
	}
	address, err := netip.ParseAddr(literal)
	if err != nil || address.Zone() != "" || address.Is6() != v6 || address.Is4In6() {
		return fmt.Errorf("has the host %.60q; browsers send IPv4 addresses as 192.0.2.7 and IPv6 addresses as [2001:db8::7]", o.host)
	}
	canonical := address.String()
	if v6 {
		canonical = "[" + canonical + "]"
	}
	if canonical != o.host {
		return fmt.Errorf("has an IP address in a form that browsers do not send; write %s", canonical)
	}
	return nil
}

// isLoopback reports whether host is this machine by its name: W3C Secure
// Contexts, "Is origin potentially trustworthy?".
func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}
