package clientip_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

// edges are in the ranges that Cloudflare publishes, and workers is what its
// documentation says CF-Connecting-IP has for Workers of other zones.
const (
	edge    = "172.70.1.1:443"
	edge6   = "[2400:cb00::1]:443"
	workers = "2a06:98c0:3600::103"
)

var cloudflarePeers = map[string]string{
	edge: "172.70.1.1", edge6: "2400:cb00::1", proxy: "10.0.0.1", stranger: "203.0.113.7", "@": "",
	"[::ffff:172.70.1.1]:443": "172.70.1.1", "172.72.0.1:443": "172.72.0.1",
}

func TestCloudflare(t *testing.T) {
	t.Parallel()
	runTable(t, clientip.Config{Kind: clientip.Cloudflare}, cloudflarePeers, []tableCase{
		{name: "client", remote: edge, headers: []string{"CF-Connecting-IP: 198.51.100.7"}, addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF},
		{name: "client, IPv6", remote: edge6, headers: []string{"CF-Connecting-IP: 2001:db8::7"}, addr: "2001:db8::7", source: "CF-Connecting-IP", reason: sayCF},
		{name: "edge on a socket of IPv6", remote: "[::ffff:172.70.1.1]:443", headers: []string{"CF-Connecting-IP: 198.51.100.7"}, addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF},
		{
			name: "all that Cloudflare sends", remote: edge,
			headers: []string{"CF-Connecting-IP: 198.51.100.7", "X-Forwarded-For: 1.1.1.1,198.51.100.7", "True-Client-IP: 198.51.100.7"},
			addr:    "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF,
		},
		{
			name: "forged headers that Cloudflare passes on", remote: edge,
			headers: []string{"CF-Connecting-IP: 198.51.100.7", "X-Real-IP: 1.1.1.1", "X-Forwarded-For: 1.1.1.1, 2.2.2.2", "True-Client-IP: 1.1.1.1", "Forwarded: for=1.1.1.1"},
			addr:    "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF,
		},
		{
			name: "pseudo IPv4 stands for itself", remote: edge, headers: []string{"CF-Connecting-IP: 240.16.3.4", "CF-Connecting-IPv6: 2001:db8::7"},
			addr: "240.16.3.4", source: "CF-Connecting-IP", reason: sayCF,
		},
		{
			name: "CF-Connecting-IPv6 is not read", remote: edge, headers: []string{"CF-Connecting-IP: 198.51.100.7", "CF-Connecting-IPv6: 2001:db8::bad"},
			addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF,
		},
		{name: "missing", remote: edge, addr: "172.70.1.1", source: "peer", reason: sayMissing},
		{name: "missing, but X-Forwarded-For", remote: edge, headers: []string{"X-Forwarded-For: 1.1.1.1"}, addr: "172.70.1.1", source: "peer", reason: sayMissing},
		{name: "twice", remote: edge, headers: []string{"CF-Connecting-IP: 1.1.1.1", "CF-Connecting-IP: 198.51.100.7"}, addr: "172.70.1.1", source: "peer", reason: saySeveral},
		{name: "a list", remote: edge, headers: []string{"CF-Connecting-IP: 1.1.1.1, 198.51.100.7"}, addr: "172.70.1.1", source: "peer", reason: sayMalformed},
		{name: "malformed", remote: edge, headers: []string{"CF-Connecting-IP: x"}, addr: "172.70.1.1", source: "peer", reason: sayMalformed},
		{name: "empty", remote: edge, headers: []string{"CF-Connecting-IP:"}, addr: "172.70.1.1", source: "peer", reason: sayMalformed},
		// The trap: Cloudflare twice in the path.
		{name: "a Worker of another zone", remote: edge, headers: []string{"CF-Connecting-IP: " + workers}, addr: workers, source: "CF-Connecting-IP", reason: sayCFTwice},
		{
			name: "a Worker that forges X-Forwarded-For", remote: edge, headers: []string{"CF-Connecting-IP: " + workers, "X-Forwarded-For: 1.1.1.1," + workers},
			addr: workers, source: "CF-Connecting-IP", reason: sayCFTwice,
		},
		{
			name: "another zone in front", remote: edge, headers: []string{"CF-Connecting-IP: 172.71.2.2", "X-Forwarded-For: 198.51.100.7,172.71.2.2"},
			addr: "172.71.2.2", source: "CF-Connecting-IP", reason: sayCFTwice,
		},
		{name: "a serverless platform in front", remote: edge, headers: []string{"CF-Connecting-IP: 3.80.0.9"}, addr: "3.80.0.9", source: "CF-Connecting-IP", reason: sayCF},
		// Around Cloudflare.
		{name: "stranger", remote: stranger, addr: "203.0.113.7", source: "peer", reason: sayNotCF},
		{name: "stranger forges", remote: stranger, headers: []string{"CF-Connecting-IP: 7.7.7.7"}, addr: "203.0.113.7", source: "peer", spoofed: "CF-Connecting-IP", reason: sayNotCF},
		{name: "stranger forges an edge", remote: stranger, headers: []string{"X-Forwarded-For: 172.70.1.1", "CF-Connecting-IP: 7.7.7.7"}, addr: "203.0.113.7", source: "peer", spoofed: "X-Forwarded-For", reason: sayNotCF},
		{name: "one address beyond the range", remote: "172.72.0.1:443", headers: []string{"CF-Connecting-IP: 7.7.7.7"}, addr: "172.72.0.1", source: "peer", spoofed: "CF-Connecting-IP", reason: sayNotCF},
		{name: "a private proxy that was not named", remote: proxy, headers: []string{"CF-Connecting-IP: 198.51.100.7"}, addr: "10.0.0.1", source: "peer", spoofed: "CF-Connecting-IP", reason: sayNotCF},
		{name: "no address", remote: "@", headers: []string{"CF-Connecting-IP: 198.51.100.7"}, reason: sayNoPeer},
	})
}

func TestCloudflareBehindOurProxy(t *testing.T) {
	t.Parallel()
	c := clientip.Config{Kind: clientip.Cloudflare, Trusted: cidrs("10.0.0.0/24")}
	runTable(t, c, cloudflarePeers, []tableCase{
		{name: "client", remote: proxy, headers: []string{"CF-Connecting-IP: 198.51.100.7", "X-Forwarded-For: 198.51.100.7, 172.70.1.1"}, addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF},
		{name: "two proxies of ours", remote: proxy, headers: []string{"CF-Connecting-IP: 198.51.100.7", "X-Forwarded-For: 172.70.1.1, 10.0.0.2"}, addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF},
		{name: "our proxy sets X-Real-IP", remote: proxy, headers: []string{"CF-Connecting-IP: 198.51.100.7", "X-Forwarded-For: 172.70.1.1", "X-Real-IP: 172.70.1.1"}, addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF},
		{name: "Cloudflare without our proxy", remote: edge, headers: []string{"CF-Connecting-IP: 198.51.100.7"}, addr: "198.51.100.7", source: "CF-Connecting-IP", reason: sayCF},
		{
			name: "around Cloudflare", remote: proxy, headers: []string{"CF-Connecting-IP: 7.7.7.7", "X-Forwarded-For: 203.0.113.7"},
			addr: "203.0.113.7", source: "X-Forwarded-For", spoofed: "CF-Connecting-IP", reason: sayNotCF,
		},
		{
			name: "around Cloudflare, with a forged edge", remote: proxy, headers: []string{"CF-Connecting-IP: 7.7.7.7", "X-Forwarded-For: 172.70.1.1, 203.0.113.7"},
			addr: "203.0.113.7", source: "X-Forwarded-For", spoofed: "CF-Connecting-IP", reason: sayNotCF,
		},
		{
			name: "around Cloudflare, our proxy sets X-Real-IP", remote: proxy, headers: []string{"X-Real-IP: 203.0.113.7", "X-Forwarded-For: 203.0.113.7"},
			addr: "203.0.113.7", source: "X-Forwarded-For", reason: sayNotCF,
		},
		{name: "our proxy sends no X-Forwarded-For", remote: proxy, headers: []string{"CF-Connecting-IP: 7.7.7.7"}, addr: "10.0.0.1", source: "peer", spoofed: "CF-Connecting-IP", reason: sayMissing},
		{name: "our proxy sends garbage", remote: proxy, headers: []string{"CF-Connecting-IP: 7.7.7.7", "X-Forwarded-For: 172.70.1.1, x"}, addr: "10.0.0.1", source: "peer", spoofed: "CF-Connecting-IP", reason: sayMalformed},
		{name: "a check of our own", remote: proxy, headers: []string{"X-Forwarded-For: 10.0.0.9"}, addr: "10.0.0.9", source: "X-Forwarded-For", reason: sayAllTrusted},
		{name: "no CF-Connecting-IP", remote: proxy, headers: []string{"X-Forwarded-For: 198.51.100.7, 172.70.1.1"}, addr: "172.70.1.1", source: "X-Forwarded-For", reason: sayMissing},
		{name: "stranger", remote: stranger, headers: []string{"CF-Connecting-IP: 7.7.7.7"}, addr: "203.0.113.7", source: "peer", spoofed: "CF-Connecting-IP", reason: sayNotCF},
	})
}
