package cors

import (
	"strconv"
	"strings"
)

// maxOrigin is the longest origin a browser can send, in bytes: a scheme, a
// host name of 253 (RFC 1035, section 2.3.4, without the final dot), a port.
const maxOrigin = len("https://") + maxHost + len(":65535")

const (
	maxHost  = 253
	maxLabel = 63
)

// origin is an origin in three parts. port is empty for the scheme's own.
type origin struct {
	scheme, host, port string
	pattern            bool // host is the domain whose subdomains are meant
}

// patternKey is what a pattern is found by. base is the part after "*.".
type patternKey struct{ scheme, base, port string }

// matcher knows the allowed origins. Its time does not depend on their number.
type matcher struct {
	exact    map[string][]string // to itself, as the value of a header
	patterns map[patternKey]struct{}
}

func newMatcher(n int) matcher {
	return matcher{exact: make(map[string][]string, n), patterns: map[patternKey]struct{}{}}
}

func (m *matcher) add(text string, o origin) {
	if o.pattern {
		m.patterns[patternKey{o.scheme, o.host, o.port}] = struct{}{}
		return
	}
	m.exact[text] = []string{text}
}

// match returns sent as the value of a header if it is allowed, and nil if not.
func (m *matcher) match(sent string) []string {
	if len(sent) > maxOrigin {
		return nil
	}
	if value, ok := m.exact[sent]; ok {
		return value
	}
	if len(m.patterns) == 0 {
		return nil
	}
	o, ok := split(sent)
	if !ok {
		return nil
	}
	// Whole labels fall off at the left, one or more, until the rest is a
	// pattern's domain. The host itself is never compared: a pattern does not
	// match its own domain.
	for rest := o.host; ; {
		dot := strings.IndexByte(rest, '.')
		if dot < 0 {
			return nil
		}
		rest = rest[dot+1:]
		if _, ok := m.patterns[patternKey{o.scheme, rest, o.port}]; ok && !suffixBelow(o.host, rest) {
			return []string{sent}
		}
	}
}

// split takes an origin apart that is in the form browsers send: WHATWG HTML,
// "serialization of an origin", with a domain for its host. Anything else, IP
// addresses included, is not matched by a pattern.
func split(s string) (origin, bool) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme != "https" && scheme != "http" {
		return origin{}, false
	}
	host, port, hasPort := strings.Cut(rest, ":")
	if hasPort && !isPort(port) || port == defaultPort(scheme) || !isDomain(host) {
		return origin{}, false
	}
	return origin{scheme: scheme, host: host, port: port}, true
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// isPort reports whether s is a port as URLs are serialised: no leading zero.
func isPort(s string) bool {
	if s == "" || len(s) > 5 || s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return err == nil && n <= 65535
}

// isDomain reports whether s is a domain name in lower case, as browsers
// serialise one, and no IPv4 address in any spelling.
func isDomain(s string) bool {
	if s == "" || len(s) > maxHost {
		return false
	}
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
		if label++; label > maxLabel {
			return false
		}
	}
	return label > 0 && !endsInNumber(s)
}

// endsInNumber reports whether a browser would read host as an IPv4 address or
// refuse it: WHATWG URL, "ends in a number checker".
func endsInNumber(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	if hex, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(hex, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}
