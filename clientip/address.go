package clientip

import (
	"net/netip"
	"strings"
)

// node is what an element of a header turned out to be.
type node uint8

const (
	malformed node = iota // nothing that a correct proxy writes
	hidden                // well-formed, but it names no address: "unknown", "_secret"
	address               // an address
)

// maxElement bounds an element of X-Forwarded-For, in bytes: an address of
// IPv6 in its longest form, with brackets and port, has 53.
const maxElement = 64

// peerAddr returns the address of a [http.Request.RemoteAddr] as net/http sets
// it: always with a port. Without one, some middleware has rewritten it, and
// nobody knows from what.
func peerAddr(remote string) (netip.Addr, bool) {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}, false
	}
	return a.Addr().WithZone("").Unmap(), true
}

// parseElement reads an element of X-Forwarded-For, or the whole of a header
// with one address: an address of IPv4 or IPv6, the latter with or without
// brackets, and behind IPv4 or brackets perhaps a port. Some proxies write
// "unknown".
func parseElement(s string) (netip.Addr, node) {
	s = trimOWS(s)
	switch {
	case s == "" || len(s) > maxElement:
		return netip.Addr{}, malformed
	case strings.EqualFold(s, "unknown"):
		return netip.Addr{}, hidden
	case s[0] == '[':
		return parseBracketed(s, isPort)
	case strings.Count(s, ":") == 1:
		host, port, _ := strings.Cut(s, ":")
		if !isPort(port) {
			return netip.Addr{}, malformed
		}
		return parseAddr(host, netip.Addr.Is4)
	}
	return parseAddr(s, netip.Addr.IsValid)
}

// parseBracketed reads "[" IPv6 "]" and perhaps a port.
func parseBracketed(s string, port func(string) bool) (netip.Addr, node) {
	host, rest, found := strings.Cut(s[1:], "]")
	if !found || rest != "" && (rest[0] != ':' || !port(rest[1:])) {
		return netip.Addr{}, malformed
	}
	return parseAddr(host, netip.Addr.Is6)
}

// parseAddr reads an address of the family that right accepts. A zone means
// something only to the machine that wrote it, and nobody connects from the
// unspecified address or from a multicast one.
func parseAddr(s string, right func(netip.Addr) bool) (netip.Addr, node) {
	if strings.IndexByte(s, '%') >= 0 { // before netip keeps the zone in memory
		return netip.Addr{}, malformed
	}
	a, err := netip.ParseAddr(s)
	if err != nil || !right(a) {
		return netip.Addr{}, malformed
	}
	a = a.Unmap()
	if a.IsUnspecified() || a.IsMulticast() {
		return netip.Addr{}, malformed
	}
	return a, address
}

// isPort accepts 1 to 5 digits, no more than 65535.
func isPort(s string) bool {
	if s == "" || len(s) > 5 {
		return false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n <= 65535
}

// trimOWS removes the optional whitespace of RFC 9110, section 5.6.3.
func trimOWS(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

// network returns the prefix under which a is counted besides itself: /24 of
// IPv4, /48 of IPv6, which is what one customer usually gets (RFC 6177).
func network(a netip.Addr) netip.Prefix {
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, err := a.Prefix(bits)
	if err != nil { // only for the zero address
		return netip.Prefix{}
	}
	return p
}
