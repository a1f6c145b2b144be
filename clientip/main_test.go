package clientip_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/clientip"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func cidrs(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func newResolver(tb testing.TB, c clientip.Config) *clientip.Resolver {
	tb.Helper()
	rs, err := clientip.New(c)
	check(tb, err)
	return rs
}

// request is one from remote with the lines "Name: value" as header, in the
// form net/http makes of what arrives.
func request(tb testing.TB, remote string, lines ...string) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, "http://api.test/", http.NoBody)
	check(tb, err)
	r.RemoteAddr = remote
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if !found {
			tb.Fatalf("%q is no header", line)
		}
		r.Header.Add(name, strings.Trim(value, " "))
	}
	return r
}

// tableCase is a request to a topology and the whole decision on it.
type tableCase struct {
	name    string
	remote  string
	headers []string
	addr    string // "" is the zero Addr
	source  string
	spoofed string
	reason  string
}

func runTable(t *testing.T, c clientip.Config, peers map[string]string, cases []tableCase) {
	t.Helper()
	rs := newResolver(t, c)
	names := map[string]bool{}
	for _, tt := range cases {
		if names[tt.name] {
			t.Errorf("two cases are named %q", tt.name)
		}
		names[tt.name] = true
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := clientip.Decision{Source: tt.source, Spoofed: tt.spoofed, Reason: tt.reason}
			if tt.addr != "" {
				want.Addr = netip.MustParseAddr(tt.addr)
			}
			peer, known := peers[tt.remote]
			if !known {
				t.Fatalf("the peer of %q is not given", tt.remote)
			}
			if peer != "" {
				want.Peer = netip.MustParseAddr(peer)
			}
			if got := rs.Resolve(request(t, tt.remote, tt.headers...)); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// The sentences, written out: operators' scripts may look for them.
const (
	sayNoPeer      = "The address of the connection is not an IP address and a port, so the request was refused."
	sayDirect      = "Clients connect directly, so the peer is the client."
	sayStranger    = "The peer is not a trusted proxy, so it is the client."
	sayList        = "It is the first address from the right that is not a trusted proxy."
	sayHops        = "It stands as many places from the right as there are proxies."
	sayAllTrusted  = "Every address in the header is a trusted proxy; the leftmost of them is the client."
	sayFewer       = "The header has fewer addresses than there are proxies, so the request is attributed to the peer."
	sayRealIP      = "The trusted proxy says so in X-Real-IP."
	sayRealIPProxy = "X-Real-IP names a trusted proxy, which all the clients behind it share."
	sayContradict  = "X-Real-IP and X-Forwarded-For contradict each other, so the proxy passes one of them on unchecked; " +
		"the request is attributed to the peer."
	sayMissing   = "The trusted proxy did not send the header, so the request is attributed to the last trusted hop."
	saySeveral   = "The header came more than once, so the request is attributed to the last trusted hop."
	sayMalformed = "What stands where the client's address should be is not an address, so the request is attributed to the last trusted hop."
	sayHidden    = "The proxy hides or does not know the client's address, so the request is attributed to the last trusted hop."
	sayTooLong   = "The client's address was not found in the last 32 elements and 4096 bytes, so the request is attributed to the last trusted hop."
	sayCF        = "Cloudflare says so in CF-Connecting-IP."
	sayCFTwice   = "CF-Connecting-IP names an address of Cloudflare itself, so the request passed Cloudflare twice and the client is not known."
	sayNotCF     = "The peer is not in Cloudflare's ranges, so it is the client."
	sayForwarder = "The forwarder proved itself with a secret and says so."
	sayNotFwd    = "The request did not come from the forwarder, so the peer is the client."
	sayBadSecret = "The peer claims to be the forwarder, but did not prove it with exactly one right secret, so it is the client."
)
