package clientip

import (
	"net/netip"
	"strings"
)

// parseForwarded reads one element of the Forwarded header: RFC 7239, section
// 4. Only the parameter "for" matters. Without it the element does not say who
// the client was, which is the same as "unknown". Whitespace around the
// semicolons is tolerated, nothing else that the grammar does not have.
func parseForwarded(element string) (netip.Addr, node) {
	rest := trimOWS(element)
	if rest == "" {
		return netip.Addr{}, malformed
	}
	var client string
	found := false
	for {
		rest = trimOWS(rest)
		if rest != "" && rest[0] != ';' {
			name, value, after, ok := cutPair(rest)
			if !ok {
				return netip.Addr{}, malformed
			}
			if strings.EqualFold(name, "for") {
				if found { // "MUST NOT occur more than once"
					return netip.Addr{}, malformed
				}
				client, found = value, true
			}
			rest = trimOWS(after)
		}
		if rest == "" {
			break
		}
		if rest[0] != ';' {
			return netip.Addr{}, malformed
		}
		rest = rest[1:]
	}
	if !found {
		return netip.Addr{}, hidden
	}
	return parseNode(client)
}

// cutPair reads forwarded-pair = token "=" value from the start of s. A quoted
// value is returned without its quotes and backslashes.
func cutPair(s string) (name, value, rest string, ok bool) {
	n := tokenLen(s)
	if n == 0 || n == len(s) || s[n] != '=' {
		return "", "", "", false
	}
	name, s = s[:n], s[n+1:]
	if s == "" || s[0] != '"' {
		n = tokenLen(s)
		return name, s[:n], s[n:], n > 0
	}
	escapes := false
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			escapes = true
			i++
		case '"':
			value = s[1:i]
			if escapes {
				value = unescape(value)
			}
			return name, value, s[i+1:], true
		}
	}
	return "", "", "", false
}

// unescape undoes quoted-pair: RFC 9110, section 5.6.4. No correct proxy needs
// one in an address, so that it allocates does not matter; maxList bounds it.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// parseNode reads a node identifier: RFC 7239, section 6. An address of IPv6
// always has brackets.
func parseNode(s string) (netip.Addr, node) {
	if s != "" && s[0] == '[' {
		return parseBracketed(s, isNodePort)
	}
	name, port, found := strings.Cut(s, ":")
	if found && !isNodePort(port) {
		return netip.Addr{}, malformed
	}
	if strings.EqualFold(name, "unknown") || isObfuscated(name) {
		return netip.Addr{}, hidden
	}
	return parseAddr(name, netip.Addr.Is4)
}

// isNodePort accepts node-port = port / obfport.
func isNodePort(s string) bool { return isPort(s) || isObfuscated(s) }

// isObfuscated accepts "_" 1*( ALPHA / DIGIT / "." / "_" / "-" ): RFC 7239,
// section 6.3.
func isObfuscated(s string) bool {
	if len(s) < 2 || s[0] != '_' {
		return false
	}
	for i := range len(s) {
		if !isAlnum(s[i]) && s[i] != '.' && s[i] != '_' && s[i] != '-' {
			return false
		}
	}
	return true
}

// tokenLen returns the length of the token at the start of s: RFC 9110,
// section 5.6.2.
func tokenLen(s string) int {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte("!#$%&'*+-.^_`|~", s[i]) < 0 {
			return i
		}
	}
	return len(s)
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
