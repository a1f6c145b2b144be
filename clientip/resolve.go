package clientip

import (
	"net/http"
	"net/netip"
)

// sourcePeer is the Source of a decision that believed no header.
const sourcePeer = "peer"

// Decision says whom a request is attributed to, and why.
type Decision struct {
	// Addr is the address the request is attributed to: never IPv4-mapped,
	// never with a zone. It is the zero Addr, which is not valid, only if the
	// connection has no IP address; [Resolver.Wrap] refuses such a request.
	Addr netip.Addr
	// Peer is the other end of the connection, in the same form.
	Peer netip.Addr
	// Source says where Addr was found: "peer", or the name of the header that
	// was believed: "X-Forwarded-For", "Forwarded", "X-Real-IP",
	// "CF-Connecting-IP" or the configured header of the forwarder. Empty
	// where there is no address.
	Source string
	// Spoofed names a header that claimed an address though the peer may not
	// do so, or "". If there are several, it is the first in the order of the
	// package documentation. No such claim was believed.
	Spoofed string
	// Reason is one of a fixed list of English sentences, for people.
	Reason string
}

// verdict is a decision before it is put into words.
type verdict struct {
	addr, peer netip.Addr
	source     string
	outcome    outcome
	claims     claims // by whom may not make them
	surplus    bool   // elements were left that did not count
}

// Resolve decides whom r is attributed to. It looks only at RemoteAddr and the
// headers, changes nothing and counts nothing.
func (rs *Resolver) Resolve(r *http.Request) Decision {
	return rs.decision(rs.resolve(r))
}

func (rs *Resolver) decision(v verdict) Decision {
	return Decision{
		Addr:    v.addr,
		Peer:    v.peer,
		Source:  v.source,
		Spoofed: rs.headers.first(v.claims),
		Reason:  outcomes[v.outcome].reason,
	}
}

func (rs *Resolver) resolve(r *http.Request) verdict {
	peer, ok := peerAddr(r.RemoteAddr)
	if !ok {
		return verdict{outcome: noPeer}
	}
	v := verdict{addr: peer, peer: peer, source: sourcePeer}
	switch rs.kind {
	case Proxies:
		rs.proxies(r.Header, &v)
	case Cloudflare:
		rs.cloudflare(r.Header, &v)
	case Forwarder:
		rs.forwarder(r.Header, &v)
	default: // New lets only Direct through
		v.outcome, v.claims = directPeer, rs.headers.claimed(r.Header, allClaims)
	}
	return v
}

// proxies decides behind proxies of our own.
func (rs *Resolver) proxies(h http.Header, v *verdict) {
	if rs.hops > 0 {
		rs.countHops(h, v)
		return
	}
	if !rs.trusted.contains(v.peer) {
		v.outcome, v.claims = strangerPeer, rs.headers.claimed(h, allClaims)
		return
	}
	if rs.header == hXRealIP {
		rs.realIP(h, v)
		return
	}
	rs.walk(h, rs.header, v)
}

// walk goes through the list of header i from the right, over trusted proxies,
// to the first address that is none. v stands at the peer, which is trusted;
// each address that is trusted as well becomes the new last trusted hop.
func (rs *Resolver) walk(h http.Header, i int, v *verdict) {
	lines := h[rs.headers[i].key]
	if len(lines) == 0 {
		v.outcome = noHeader
		return
	}
	l := newList(lines, i == hForwarded)
	for {
		element, step := l.next()
		if step != stepElement {
			v.outcome = allTrusted
			if step == stepOverrun {
				v.outcome, v.surplus = tooLong, true
			}
			return
		}
		a, node := l.parse(element)
		if node != address {
			v.outcome, v.surplus = unusable(node), l.more()
			return
		}
		v.addr, v.source = a, rs.headers[i].name
		if !rs.trusted.contains(a) {
			v.outcome, v.surplus = foundInList, l.more()
			return
		}
	}
}

func unusable(n node) outcome {
	if n == hidden {
		return hiddenAddress
	}
	return malformedAddress
}

// countHops takes the n-th element from the right: the proxy nearest to us
// wrote the first, the outermost of n the n-th. Those in between are the
// addresses of proxies, and may be hidden, but not malformed: whoever wrote
// that is no proxy of ours.
func (rs *Resolver) countHops(h http.Header, v *verdict) {
	lines := h[rs.headers[rs.header].key]
	if len(lines) == 0 {
		v.outcome = noHeader
		return
	}
	l := newList(lines, rs.header == hForwarded)
	peer := v.peer
	for n := 1; ; n++ {
		element, step := l.next()
		if step != stepElement {
			v.outcome = fewerThanHops
			if step == stepOverrun {
				v.outcome, v.surplus = tooLong, true
			} else {
				v.addr, v.source = peer, sourcePeer
			}
			return
		}
		a, node := l.parse(element)
		if node == malformed || node == hidden && n == rs.hops {
			v.outcome, v.surplus = unusable(node), l.more()
			return
		}
		if node == address {
			v.addr, v.source = a, rs.headers[rs.header].name
		}
		if n == rs.hops {
			v.outcome, v.surplus = foundByHops, l.more()
			return
		}
	}
}

// realIP believes the X-Real-IP of a trusted peer, unless X-Forwarded-For
// shows that the proxy passes on what it gets.
func (rs *Resolver) realIP(h http.Header, v *verdict) {
	a, node, why := rs.single(h, hXRealIP)
	if node != address {
		v.outcome = why
		return
	}
	if len(h[rs.headers[hXForwardedFor].key]) > 0 {
		list := *v
		rs.walk(h, hXForwardedFor, &list)
		if list.addr != a {
			v.outcome, v.claims = realIPContradicted, 1<<hXRealIP
			return
		}
	}
	v.addr, v.source, v.outcome = a, rs.headers[hXRealIP].name, foundRealIP
	if rs.trusted.contains(a) {
		v.outcome = realIPOfProxy
	}
}

// single reads header i, which must have one line with one address. Where it
// does not, the outcome says what is wrong.
func (rs *Resolver) single(h http.Header, i int) (netip.Addr, node, outcome) {
	lines := h[rs.headers[i].key]
	switch len(lines) {
	case 0:
		return netip.Addr{}, malformed, noHeader
	case 1:
		a, node := parseElement(lines[0])
		return a, node, unusable(node)
	default:
		return netip.Addr{}, malformed, severalHeaders
	}
}

// cloudflare decides behind Cloudflare's edge, and perhaps proxies of our own
// between it and us, which write X-Forwarded-For.
func (rs *Resolver) cloudflare(h http.Header, v *verdict) {
	ranges := *rs.ranges.Load()
	own := claims(0)
	if rs.trusted.contains(v.peer) {
		own = 1 << hXForwardedFor
		if rs.walk(h, hXForwardedFor, v); v.outcome != foundInList {
			// Not known who is outside, so nothing can be believed of them.
			v.claims = rs.headers.claimed(h, edgeClaims)
			return
		}
		v.surplus = false // Cloudflare appends to it as well
	}
	if !ranges.contains(v.addr) {
		wanted := allClaims
		if own != 0 { // our proxies may well have set the rest
			wanted = edgeClaims
		}
		v.outcome, v.claims = notCloudflare, rs.headers.claimed(h, wanted)
		return
	}
	a, node, why := rs.single(h, hCFConnectingIP)
	if node != address {
		v.outcome = why
		return
	}
	v.addr, v.source, v.outcome = a, rs.headers[hCFConnectingIP].name, foundCloudflare
	if ranges.contains(a) {
		v.outcome = cloudflareTwice
	}
}

// forwarder decides where a program of our own may come from any address.
// Others than it are clients; the headers of platforms in between are neither
// believed nor counted.
func (rs *Resolver) forwarder(h http.Header, v *verdict) {
	lines := h[rs.headers[hForwarder].key]
	if len(lines) != 1 || !rs.secrets.match(lines[0]) {
		v.outcome, v.claims = notForwarded, rs.headers.claimed(h, forwarderClaims)
		if len(lines) > 0 {
			v.outcome = wrongSecret
		}
		return
	}
	a, node, why := rs.single(h, hClient)
	if node != address {
		v.outcome = why
		return
	}
	v.addr, v.source, v.outcome = a, rs.headers[hClient].name, foundForwarder
}
