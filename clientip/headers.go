package clientip

import "net/http"

// header is a header by which clients and proxies speak of addresses.
type header struct {
	name string // as its inventor writes it, for people
	key  string // as net/http does, for lookup
}

// The positions of headers in the list that the code has to name.
const (
	hXForwardedFor = iota
	hForwarded
	hXRealIP
	hTrueClientIP
	hCFConnectingIP
	hCFConnectingIPv6
	hXClientIP
	hXClusterClientIP
	hFastlyClientIP
	hXOriginalClientIP
	hXOriginalForwardedFor
	hXEnvoyExternalAddress
	hClient // Config.ForwarderHeader takes this place
	hForwarder
	headerCount
)

const (
	defaultForwarderHeader = "X-Sallyport-Client"
	secretHeader           = "X-Sallyport-Forwarder" //nolint:gosec // the header's name, not a secret
)

// headers is the fixed list. The order is that in which Decision.Spoofed
// prefers one to another.
type headers [headerCount]header

func knownHeaders() headers {
	names := [headerCount]string{
		hXForwardedFor:         "X-Forwarded-For",
		hForwarded:             "Forwarded",
		hXRealIP:               "X-Real-IP",
		hTrueClientIP:          "True-Client-IP",
		hCFConnectingIP:        "CF-Connecting-IP",
		hCFConnectingIPv6:      "CF-Connecting-IPv6",
		hXClientIP:             "X-Client-IP",
		hXClusterClientIP:      "X-Cluster-Client-IP",
		hFastlyClientIP:        "Fastly-Client-IP",
		hXOriginalClientIP:     "X-Original-Client-IP",
		hXOriginalForwardedFor: "X-Original-Forwarded-For",
		hXEnvoyExternalAddress: "X-Envoy-External-Address",
		hClient:                defaultForwarderHeader,
		hForwarder:             secretHeader,
	}
	var list headers
	for i, name := range names {
		list[i] = header{name: name, key: http.CanonicalHeaderKey(name)}
	}
	return list
}

// claims is a set of positions in the list, one bit each.
type claims uint16

const (
	allClaims claims = 1<<headerCount - 1
	// edgeClaims are the headers that only Cloudflare writes, and ours.
	edgeClaims = 1<<hTrueClientIP | 1<<hCFConnectingIP | 1<<hCFConnectingIPv6 | 1<<hClient | 1<<hForwarder
	// forwarderClaims are the headers of a forwarder.
	forwarderClaims = 1<<hClient | 1<<hForwarder
)

func (c claims) has(i int) bool { return c&(1<<i) != 0 }

// claimed returns which of the wanted headers h has. Few headers are looked up
// in the list, many the other way round: the work has a bound.
func (l *headers) claimed(h http.Header, wanted claims) claims {
	var c claims
	if len(h) > headerCount {
		for i := range l {
			if len(h[l[i].key]) > 0 {
				c |= 1 << i
			}
		}
		return c & wanted
	}
	for key, lines := range h {
		for i := range l {
			if l[i].key == key && len(lines) > 0 {
				c |= 1 << i
			}
		}
	}
	return c & wanted
}

// first returns the name of the first header of c, or "".
func (l *headers) first(c claims) string {
	for i := range l {
		if c.has(i) {
			return l[i].name
		}
	}
	return ""
}
