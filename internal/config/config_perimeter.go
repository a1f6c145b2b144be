package config

// Operator is the listener for whoever runs the server: metrics, profiles, readiness.
type Operator struct {
	// Listen is its address, "off" for none. Empty: DefaultOperator, if it is free.
	Listen string
	// DangerouslyExpose allows an address beyond loopback. Whoever reaches it needs no key.
	DangerouslyExpose bool
}

const (
	// DefaultOperator is the operator's address where none is configured.
	DefaultOperator = "127.0.0.1:9090"
	// OperatorOff is the word for no operator's listener.
	OperatorOff = "off"
)

// Topology says what stands between clients and the server. See package clientip.
type Topology struct {
	// Kind is direct, cloudflare, proxies or forwarder.
	Kind string
	// Trusted are the networks of proxies that are believed, in CIDR form.
	Trusted []string
	// Hops is the number of proxies, instead of Trusted. Zero: not given.
	Hops int
	// Header is what the proxies write: X-Forwarded-For, Forwarded or X-Real-IP.
	Header string
	// ForwarderHeader is the header in which a forwarder sends the address it saw.
	ForwarderHeader string
	// Secrets are those a forwarder may show.
	Secrets []string
	// CloudflareRanges is the path of a list of Cloudflare's networks. Empty: the bundled list.
	CloudflareRanges string
}

// The kinds of topology.
const (
	TopologyDirect     = "direct"
	TopologyCloudflare = "cloudflare"
	TopologyProxies    = "proxies"
	TopologyForwarder  = "forwarder"
)

// terminatesTLS says whether what stands before the server can have TLS in its place. A forwarder cannot: it is a client.
func (t Topology) terminatesTLS() bool {
	return t.Kind == TopologyProxies || t.Kind == TopologyCloudflare
}

// trustsHereOnly says whether there are trusted proxies, all of them on this machine.
func (t Topology) trustsHereOnly() bool {
	for _, text := range t.Trusted {
		if network, err := parseNetwork(text); err != nil || !network.Addr().Unmap().IsLoopback() {
			return false
		}
	}
	return len(t.Trusted) > 0
}

// Bearer admits users by the tokens of an OpenID Connect issuer. See package bearer. Zero: nobody.
type Bearer struct {
	// Issuer is the URL of the issuer. Empty: there is none.
	Issuer string
	// Audience are the names of this server, of which a token must carry one.
	Audience []string
	// Algorithms are the signature algorithms that are accepted. Empty: the package's own choice.
	Algorithms []string
	// Scopes must all be in the token.
	Scopes []string
	// Subjects and Emails are who may query, by the token's sub and verified email; "@example.org" is a whole domain.
	Subjects, Emails []string
	// DangerouslyAnySubject admits everybody to whom the issuer gives a token.
	DangerouslyAnySubject bool
	// Skew is how far the clocks of issuer and server may differ.
	Skew Duration
	// CA is the path of a PEM file with the authorities that vouch for the issuer. Empty: those of the system.
	CA string
}

// Enabled says whether there is an issuer.
func (b Bearer) Enabled() bool { return b.Issuer != "" }

// given says whether anything says which tokens are accepted.
func (b Bearer) given() bool {
	return b.Enabled() || b.DangerouslyAnySubject || b.CA != "" ||
		len(b.Audience)+len(b.Algorithms)+len(b.Scopes)+len(b.Subjects)+len(b.Emails) > 0
}

// Lockout is for clients that fail to authenticate.
type Lockout struct {
	// Failures is how many are free.
	Failures int
	// Pause is the time after which one more is.
	Pause Duration
}

// CORS says which web pages may call. See package cors.
type CORS struct {
	// Mode is header (a key in a header) or cookies.
	Mode string
	// Origins are the pages' origins. Empty: all, in the mode header.
	Origins []string
	// OwnOrigins are the origins under which browsers reach this server itself.
	OwnOrigins []string
	// DangerouslyAllowInsecureOrigins admits http:// origins beyond this machine.
	DangerouslyAllowInsecureOrigins bool
	// MaxAge is how long a browser may keep the answer to a preflight request.
	MaxAge Duration
	// PrivateNetwork lets public pages call a server in a private network.
	PrivateNetwork bool
}

// Perimeter bounds how often callers come, and how many at once. See packages ratelimit and concurrency.
type Perimeter struct {
	// PerClient, Global and PerKey are for queries. An empty PerKey: no such limit.
	PerClient, Global, PerKey Rate
	// PerNetwork is for queries from one network.
	PerNetwork PerNetwork
	// PerASN is for queries from one autonomous system.
	PerASN PerASN
	// Catalog is per client, for the routes that describe the sources; Other for everything else.
	Catalog, Other Rate
	// ReportOnly: the rates refuse nothing, but record what they would have refused.
	ReportOnly bool
	// Memory bounds what the counts take in this process.
	Memory Size
	// InFlight bounds the queries that are answered at once.
	InFlight InFlight
	// Store is "memory", or the URL of a Redis that several instances share.
	Store string
}

// StoreMemory is the store of a single instance.
const StoreMemory = "memory"

// PerNetwork bounds the queries from one network.
type PerNetwork struct {
	// IPv4 and IPv6 are the lengths of the networks' prefixes, in bits.
	IPv4, IPv6 int
	Rate       Rate
}

// PerASN bounds the queries from one autonomous system.
type PerASN struct {
	// Database is the path of an MMDB file. Empty: no such limit.
	Database string
	Rate     Rate
}

// InFlight bounds the queries that are answered at once.
type InFlight struct {
	// PerClient and Global bound those of one client and of all.
	PerClient, Global int
	// Queue bounds those that wait, and Wait how long one does.
	Queue int
	Wait  Duration
}
