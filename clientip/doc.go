// Package clientip decides which address a request is attributed to. Limits,
// logs and audit records all use this one answer.
//
// Place in the chain: inside event.Recorder and requestid, outside everything
// that counts or logs by address:
//
//	ips, err := clientip.New(clientip.Config{
//		Kind:    clientip.Proxies,
//		Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")},
//	})
//	...
//	handler := chain.New(recorder, ids, ips, recoverer, limits).Then(mux)
//
// # Which header
//
// None by itself: every header is text that its sender chose. The topology is
// configuration ([Config.Kind]), and a header is believed only if the peer of
// the TCP connection may set it.
//
//	Direct      no header
//	Proxies     X-Forwarded-For, Forwarded or X-Real-IP of a trusted peer
//	Cloudflare  CF-Connecting-IP of a peer in Cloudflare's ranges
//	Forwarder   a header of ours, with a secret
//
// Lists are read from the right, over all lines of the header, and at most 32
// elements and 4 KiB. Trusted proxies are skipped; the first other address is
// the client. What stands left of it was written by whoever that is, and is
// not even parsed. Where the place that decides holds no address, because it
// is empty, malformed, "unknown" or obfuscated, the request is attributed to
// the last trusted hop: the nearest address to the right of it, or the peer.
//
// # Spoofing
//
// A header that claims an address though its sender may not do so is ignored,
// counted in [Stats] and named in [Decision.Spoofed] and on the event record.
// The headers are, in the order in which one is named: X-Forwarded-For,
// Forwarded, X-Real-IP, True-Client-IP, CF-Connecting-IP, CF-Connecting-IPv6,
// X-Client-IP, X-Cluster-Client-IP, Fastly-Client-IP, X-Original-Client-IP,
// X-Original-Forwarded-For, X-Envoy-External-Address, the configured
// [Config.ForwarderHeader], X-Sallyport-Forwarder. Counted are:
//
//   - Direct: all of them, from anybody;
//   - Proxies with Trusted: all, from a peer that is not trusted. Headers that
//     came through a trusted proxy are not, since nobody can tell who wrote
//     them; those that are not the configured one are ignored. With X-Real-IP
//     a contradiction to X-Forwarded-For is counted as X-Real-IP;
//   - Proxies with Hops: none, since every peer is believed;
//   - Cloudflare: all, from a peer outside its ranges. Behind proxies of our
//     own only those that Cloudflare writes, and ours;
//   - Forwarder: its two headers without the right secret. Platforms between
//     the forwarder and this server may write the others.
//
// Addresses left of the one that decides are no spoofing: a proxy that appends
// to what it got is correct, and some clients have proxies too. They are
// counted as [Stats.Surplus].
//
// # Cloudflare twice
//
// CF-Connecting-IP is the address that connected to the last zone. If another
// zone or a Worker stands in front, that is an address of Cloudflare's own,
// 2a06:98c0:3600::103 for Workers of other zones, whoever the client was. Such
// requests are attributed to it, counted as [Stats.Shared] and explained by
// the Reason. X-Forwarded-For would not help: a Worker is anybody's program
// and can set it. Use Forwarder there.
//
// # Limits
//
// An address is not a person: offices and mobile networks share one, and
// attackers have many.
//
// The headers stay on the request, also those that were not believed, and the
// forwarder's secret. Handlers must use [FromRequest], and a handler that
// passes requests on must remove or overwrite them. httputil.ReverseProxy does
// so with Rewrite, but for Forwarded and X-Forwarded-For alone.
//
// RemoteAddr must be what net/http made it. Middleware that rewrites it from a
// header makes a stranger a trusted proxy; an address without a port, which
// such middleware leaves, is refused. So are Unix sockets, which have no
// address: let the proxy connect to a loopback address. With the PROXY
// protocol the listener has to set the address; this package does not read it.
//
// Do not do this; it believes whoever connects:
//
//	clientip.New(clientip.Config{
//		Kind: clientip.Proxies,
//		Hops: 1, // on a port that clients can reach without the proxy
//	})
package clientip
