package clientip

import "fmt"

// Kind is the topology: who stands between the clients and this server. There
// is no universal header, so it is configuration. The zero value is unknown,
// and [New] refuses it.
type Kind uint8

// The topologies.
const (
	// Direct: clients connect to this server. No header is believed.
	Direct Kind = iota + 1
	// Cloudflare: clients connect to Cloudflare's edge, which connects to this
	// server, perhaps through proxies of our own ([Config.Trusted]).
	Cloudflare
	// Proxies: reverse proxies of our own, known by address
	// ([Config.Trusted]) or by number ([Config.Hops]).
	Proxies
	// Forwarder: a program of our own that cannot be known by its address,
	// such as a serverless function. It forwards the address that it saw in a
	// header of ours and proves itself with a secret.
	Forwarder
)

var kinds = [...]string{Direct: "direct", Cloudflare: "cloudflare", Proxies: "proxies", Forwarder: "forwarder"}

// String returns the word of the configuration, "direct", "cloudflare",
// "proxies" or "forwarder"; "unknown" for any other value.
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kinds) {
		return "unknown"
	}
	return kinds[k]
}

// ParseKind returns the topology that is written "direct", "cloudflare",
// "proxies" or "forwarder". Case counts.
func ParseKind(s string) (Kind, error) {
	for k, word := range kinds {
		if word != "" && s == word {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("clientip: topology %.40q is unknown; write direct, cloudflare, proxies or forwarder", s)
}

// Header is the header in which proxies of our own write the client's address.
type Header uint8

// The headers. The zero value in a [Config] means XForwardedFor.
const (
	// XForwardedFor is X-Forwarded-For: a list of addresses, to which each
	// proxy appends its peer's at the right end.
	XForwardedFor Header = iota + 1
	// Forwarded is the same as a standard: RFC 7239.
	Forwarded
	// XRealIP is X-Real-IP: one address. Many proxies pass on what the client
	// sent, so use it only with one that is known to overwrite it.
	XRealIP
)

var listHeaders = [...]string{XForwardedFor: "X-Forwarded-For", Forwarded: "Forwarded", XRealIP: "X-Real-IP"}

// String returns the header's name; "unknown" for no header of the list.
func (h Header) String() string {
	if h == 0 || int(h) >= len(listHeaders) {
		return "unknown"
	}
	return listHeaders[h]
}

// ParseHeader returns the header that is written "X-Forwarded-For",
// "Forwarded" or "X-Real-IP". Case counts.
func ParseHeader(s string) (Header, error) {
	for h, name := range listHeaders {
		if name != "" && s == name {
			return Header(h), nil
		}
	}
	return 0, fmt.Errorf("clientip: header %.40q is unknown; write X-Forwarded-For, Forwarded or X-Real-IP", s)
}
