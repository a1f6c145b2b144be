package clientip

// outcome is how a decision came about. Each has a sentence that says so, and
// one that tells the operator what to do about it.
type outcome uint8

const (
	noPeer outcome = iota
	directPeer
	strangerPeer
	foundInList
	foundByHops
	allTrusted
	fewerThanHops
	foundRealIP
	realIPOfProxy
	realIPContradicted
	noHeader
	severalHeaders
	malformedAddress
	hiddenAddress
	tooLong
	foundCloudflare
	cloudflareTwice
	notCloudflare
	foundForwarder
	notForwarded
	wrongSecret
	outcomeCount
)

// class is the counter that an outcome belongs to.
type class uint8

const (
	classNone         class = iota
	classUnresolvable       // there is no address to attribute the request to
	classUnusable           // a believed peer sent nothing that could be used
	classShared             // the address is one that many clients share
)

var outcomes = [outcomeCount]struct {
	class  class
	reason string
	advice string
}{
	noPeer: {
		classUnresolvable,
		"The address of the connection is not an IP address and a port, so the request was refused.",
		"Let the proxy connect over TCP instead of a Unix socket, and remove middleware that rewrites RemoteAddr.",
	},
	directPeer: {
		classNone,
		"Clients connect directly, so the peer is the client.",
		"If a proxy stands before this server, every client has the proxy's address here: set topology.kind to what it is.",
	},
	strangerPeer: {
		classNone,
		"The peer is not a trusted proxy, so it is the client.",
		"If this peer is a proxy of yours, add its address to topology.trusted; if not, let a firewall keep it away from this port.",
	},
	foundInList: {
		classNone,
		"It is the first address from the right that is not a trusted proxy.",
		"If this is a proxy of yours and not the client, add it to topology.trusted.",
	},
	foundByHops: {
		classNone,
		"It stands as many places from the right as there are proxies.",
		"Compare the address with your own; if it is a proxy's, or a forged one is shown, topology.hops is wrong.",
	},
	allTrusted: {
		classNone,
		"Every address in the header is a trusted proxy; the leftmost of them is the client.",
		"If clients live in these networks too, make topology.trusted name the proxies alone.",
	},
	fewerThanHops: {
		classUnusable,
		"The header has fewer addresses than there are proxies, so the request is attributed to the peer.",
		"Either topology.hops is too large, or this request came around your outer proxies: let a firewall prevent that.",
	},
	foundRealIP: {
		classNone,
		"The trusted proxy says so in X-Real-IP.",
		"Send a forged X-Real-IP through the proxy: if it is shown here as the client, the proxy passes it on, so use X-Forwarded-For.",
	},
	realIPOfProxy: {
		classShared,
		"X-Real-IP names a trusted proxy, which all the clients behind it share.",
		"Two proxies stand in a row and the inner one overwrites X-Real-IP: use X-Forwarded-For.",
	},
	realIPContradicted: {
		classUnusable,
		"X-Real-IP and X-Forwarded-For contradict each other, so the proxy passes one of them on unchecked; the request is attributed to the peer.",
		"Let the proxy overwrite X-Real-IP, and overwrite, append to or remove X-Forwarded-For.",
	},
	noHeader: {
		classUnusable,
		"The trusted proxy did not send the header, so the request is attributed to the last trusted hop.",
		"Let the proxy send the header; requests that the proxy makes by itself, such as health checks, may lack it.",
	},
	severalHeaders: {
		classUnusable,
		"The header came more than once, so the request is attributed to the last trusted hop.",
		"A header with one address must be overwritten by the proxy, not added to.",
	},
	malformedAddress: {
		classUnusable,
		"What stands where the client's address should be is not an address, so the request is attributed to the last trusted hop.",
		"Look at the value: the proxy passes something on unchecked, or writes a form that this server does not read.",
	},
	hiddenAddress: {
		classUnusable,
		"The proxy hides or does not know the client's address, so the request is attributed to the last trusted hop.",
		"Let the proxy write addresses instead of \"unknown\" or names beginning with an underscore.",
	},
	tooLong: {
		classUnusable,
		"The client's address was not found in the last 32 elements and 4096 bytes, so the request is attributed to the last trusted hop.",
		"No chain of proxies is that long: topology.trusted is too wide, or a proxy repeats itself.",
	},
	foundCloudflare: {
		classNone,
		"Cloudflare says so in CF-Connecting-IP.",
		"If this is not the client but a server that calls for it, use topology.kind forwarder.",
	},
	cloudflareTwice: {
		classShared,
		"CF-Connecting-IP names an address of Cloudflare itself, so the request passed Cloudflare twice and the client is not known.",
		"A second zone or a Worker stands in front, and all its clients share this address: let it forward the client's address, with topology.kind forwarder.",
	},
	notCloudflare: {
		classNone,
		"The peer is not in Cloudflare's ranges, so it is the client.",
		"If this is an edge of Cloudflare's, the list is old: set topology.cloudflare_ranges; if not, let a firewall admit Cloudflare alone.",
	},
	foundForwarder: {
		classNone,
		"The forwarder proved itself with a secret and says so.",
		"The forwarder must take the address from its platform's own header, never from one that its client could send.",
	},
	notForwarded: {
		classNone,
		"The request did not come from the forwarder, so the peer is the client.",
		"If it did come from the forwarder, the forwarder sends no secret: X-Sallyport-Forwarder is missing.",
	},
	wrongSecret: {
		classNone,
		"The peer claims to be the forwarder, but did not prove it with exactly one right secret, so it is the client.",
		"If this is the forwarder, its secret is not one of topology.secrets, or X-Sallyport-Forwarder was sent twice.",
	},
}
