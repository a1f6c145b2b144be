package clientip_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

const (
	proxy    = "10.0.0.1:9000"
	proxy6   = "[fd00::1]:9000"
	stranger = "203.0.113.7:40000"
)

var proxyPeers = map[string]string{
	proxy: "10.0.0.1", proxy6: "fd00::1", stranger: "203.0.113.7", "[::ffff:10.0.0.1]:9000": "10.0.0.1", "@": "",
}

func TestProxiesXForwardedFor(t *testing.T) {
	t.Parallel()
	xff := func(values ...string) []string {
		var lines []string
		for _, v := range values {
			lines = append(lines, "X-Forwarded-For: "+v)
		}
		return lines
	}
	runTable(t, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24", "10.0.0.128/25", "fc00::/7")}, proxyPeers, []tableCase{
		{name: "one proxy", remote: proxy, headers: xff("198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "one proxy, IPv6", remote: proxy6, headers: xff("2001:db8::7"), addr: "2001:db8::7", source: "X-Forwarded-For", reason: sayList},
		{name: "peer on a socket of IPv6", remote: "[::ffff:10.0.0.1]:9000", headers: xff("198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "two proxies", remote: proxy, headers: xff("198.51.100.7, 10.0.0.2"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "forged left part", remote: proxy, headers: xff("1.1.1.1, 198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "forged trusted address", remote: proxy, headers: xff("1.1.1.1, 10.0.0.2, 198.51.100.7, 10.0.0.3"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "forged first line", remote: proxy, headers: xff("1.1.1.1", "198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "three lines are one list", remote: proxy, headers: xff("1.1.1.1, 2.2.2.2", "198.51.100.7", "10.0.0.2"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "no spaces, tabs", remote: proxy, headers: xff("1.1.1.1,\t198.51.100.7\t,10.0.0.2"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "port", remote: proxy, headers: xff("198.51.100.7:567"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "IPv6 in brackets", remote: proxy, headers: xff("[2001:db8::7]"), addr: "2001:db8::7", source: "X-Forwarded-For", reason: sayList},
		{name: "IPv6 with port", remote: proxy, headers: xff("[2001:db8::7]:80"), addr: "2001:db8::7", source: "X-Forwarded-For", reason: sayList},
		{name: "mapped address is unmapped", remote: proxy, headers: xff("::ffff:198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "mapped trusted address is skipped", remote: proxy, headers: xff("198.51.100.7, ::ffff:10.0.0.2"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "private client outside the list", remote: proxy, headers: xff("1.1.1.1, 192.168.0.9"), addr: "192.168.0.9", source: "X-Forwarded-For", reason: sayList},
		{name: "all trusted", remote: proxy, headers: xff("10.0.0.9, 10.0.0.2"), addr: "10.0.0.9", source: "X-Forwarded-For", reason: sayAllTrusted},
		{name: "no header", remote: proxy, addr: "10.0.0.1", source: "peer", reason: sayMissing},
		{name: "empty header", remote: proxy, headers: xff(""), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "empty element decides", remote: proxy, headers: xff("1.1.1.1, "), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "empty element between", remote: proxy, headers: xff("1.1.1.1, , 10.0.0.2"), addr: "10.0.0.2", source: "X-Forwarded-For", reason: sayMalformed},
		{name: "empty line at the right", remote: proxy, headers: xff("1.1.1.1", ""), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "empty line left of the client", remote: proxy, headers: xff("", "198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "garbage decides", remote: proxy, headers: xff("1.1.1.1, garbage"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "garbage decides behind a second proxy", remote: proxy, headers: xff("1.1.1.1, garbage, 10.0.0.2"), addr: "10.0.0.2", source: "X-Forwarded-For", reason: sayMalformed},
		{name: "garbage left of the client", remote: proxy, headers: xff("garbage, 198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList},
		{name: "unknown decides", remote: proxy, headers: xff("1.1.1.1, unknown"), addr: "10.0.0.1", source: "peer", reason: sayHidden},
		{name: "zone", remote: proxy, headers: xff("1.1.1.1, fe80::1%eth0"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "port out of range", remote: proxy, headers: xff("198.51.100.7:65536"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "port without digits", remote: proxy, headers: xff("198.51.100.7:"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "named port", remote: proxy, headers: xff("198.51.100.7:http"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "IPv4 in brackets", remote: proxy, headers: xff("[198.51.100.7]"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "open bracket", remote: proxy, headers: xff("[2001:db8::7"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "text behind the bracket", remote: proxy, headers: xff("[2001:db8::7]x"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "quotes are not of this header", remote: proxy, headers: xff(`"198.51.100.7"`), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "leading zeros", remote: proxy, headers: xff("198.051.100.7"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "short form of inet_aton", remote: proxy, headers: xff("127.1"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "a number", remote: proxy, headers: xff("3405803783"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "a prefix", remote: proxy, headers: xff("198.51.100.0/24"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "unspecified", remote: proxy, headers: xff("0.0.0.0"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "unspecified IPv6", remote: proxy, headers: xff("::"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "multicast", remote: proxy, headers: xff("224.0.0.1"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "two addresses and a space", remote: proxy, headers: xff("1.1.1.1 198.51.100.7"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "a semicolon is no separator", remote: proxy, headers: xff("1.1.1.1; 198.51.100.7"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "a long element", remote: proxy, headers: xff(strings.Repeat("1", 65)), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{
			name: "the client is the 32nd", remote: proxy, headers: xff("198.51.100.7" + strings.Repeat(",10.0.0.2", 31)),
			addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList,
		},
		{
			name: "the client is the 33rd", remote: proxy, headers: xff("198.51.100.7" + strings.Repeat(",10.0.0.2", 32)),
			addr: "10.0.0.2", source: "X-Forwarded-For", reason: sayTooLong,
		},
		{
			name: "the client is the 33rd line", remote: proxy, headers: xff(append([]string{"198.51.100.7"}, strings.Split(strings.Repeat(" 10.0.0.2", 32), " ")[1:]...)...),
			addr: "10.0.0.2", source: "X-Forwarded-For", reason: sayTooLong,
		},
		{
			name: "a megabyte of forgery", remote: proxy, headers: xff(strings.Repeat("1.1.1.1, ", 1<<17) + "198.51.100.7"),
			addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList,
		},
		{
			name: "a megabyte without a comma", remote: proxy, headers: xff(strings.Repeat("1", 1<<20)),
			addr: "10.0.0.1", source: "peer", reason: sayTooLong,
		},
		{
			name: "a megabyte of spaces before a proxy", remote: proxy, headers: xff("198.51.100.7," + strings.Repeat(" ", 1<<20) + ",10.0.0.2"),
			addr: "10.0.0.2", source: "X-Forwarded-For", reason: sayTooLong,
		},
		{
			name: "the trusted proxy passes X-Real-IP on", remote: proxy, headers: append(xff("198.51.100.7"), "X-Real-IP: 1.1.1.1"),
			addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList,
		},
		{
			name: "the trusted proxy passes X-Real-IP on and sends nothing", remote: proxy, headers: []string{"X-Real-IP: 1.1.1.1", "Forwarded: for=1.1.1.1"},
			addr: "10.0.0.1", source: "peer", reason: sayMissing,
		},
		{
			name: "the trusted proxy passes CF-Connecting-IP on", remote: proxy, headers: append(xff("198.51.100.7"), "CF-Connecting-IP: 1.1.1.1"),
			addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayList,
		},
		{name: "stranger", remote: stranger, addr: "203.0.113.7", source: "peer", reason: sayStranger},
		{name: "stranger forges", remote: stranger, headers: xff("1.1.1.1"), addr: "203.0.113.7", source: "peer", spoofed: "X-Forwarded-For", reason: sayStranger},
		{name: "stranger forges a trusted address", remote: stranger, headers: xff("10.0.0.1"), addr: "203.0.113.7", source: "peer", spoofed: "X-Forwarded-For", reason: sayStranger},
		{name: "stranger forges X-Real-IP", remote: stranger, headers: []string{"X-Real-IP: 10.0.0.1"}, addr: "203.0.113.7", source: "peer", spoofed: "X-Real-IP", reason: sayStranger},
		{name: "no address", remote: "@", headers: xff("198.51.100.7"), reason: sayNoPeer},
	})
}

func TestProxiesHops(t *testing.T) {
	t.Parallel()
	xff := func(v string) []string { return []string{"X-Forwarded-For: " + v} }
	for _, tt := range []struct {
		name  string
		c     clientip.Config
		cases []tableCase
	}{
		{"one hop", clientip.Config{Kind: clientip.Proxies, Hops: 1}, []tableCase{
			{name: "client", remote: stranger, headers: xff("198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "forged left part", remote: stranger, headers: xff("1.1.1.1, 198.51.100.7"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "forged line", remote: stranger, headers: []string{"X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 198.51.100.7"}, addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "no header", remote: stranger, addr: "203.0.113.7", source: "peer", reason: sayMissing},
			{name: "malformed", remote: stranger, headers: xff("1.1.1.1, x"), addr: "203.0.113.7", source: "peer", reason: sayMalformed},
			{name: "unknown", remote: stranger, headers: xff("1.1.1.1, unknown"), addr: "203.0.113.7", source: "peer", reason: sayHidden},
			{name: "other headers are ignored", remote: stranger, headers: append(xff("198.51.100.7"), "X-Real-IP: 1.1.1.1", "CF-Connecting-IP: 1.1.1.1"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
		}},
		{"two hops", clientip.Config{Kind: clientip.Proxies, Hops: 2}, []tableCase{
			{name: "client", remote: proxy, headers: xff("198.51.100.7, 192.0.2.1"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "forged left part", remote: proxy, headers: xff("1.1.1.1, 198.51.100.7, 192.0.2.1"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "fewer addresses than hops", remote: proxy, headers: xff("198.51.100.7"), addr: "10.0.0.1", source: "peer", reason: sayFewer},
			{name: "malformed at the place", remote: proxy, headers: xff("1.1.1.1, x, 192.0.2.1"), addr: "192.0.2.1", source: "X-Forwarded-For", reason: sayMalformed},
			{name: "malformed before the place", remote: proxy, headers: xff("1.1.1.1, 198.51.100.7, x"), addr: "10.0.0.1", source: "peer", reason: sayMalformed},
			{name: "hidden proxy counts", remote: proxy, headers: xff("198.51.100.7, unknown"), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "hidden client behind a hidden proxy", remote: proxy, headers: xff("1.1.1.1, unknown, unknown"), addr: "10.0.0.1", source: "peer", reason: sayHidden},
		}},
		{"two hops, Forwarded", clientip.Config{Kind: clientip.Proxies, Hops: 2, Header: clientip.Forwarded}, []tableCase{
			{name: "client", remote: proxy, headers: []string{`Forwarded: for=1.1.1.1, for="198.51.100.7:80", for=_outer`}, addr: "198.51.100.7", source: "Forwarded", reason: sayHops},
			{name: "fewer", remote: proxy, headers: []string{"Forwarded: for=_outer"}, addr: "10.0.0.1", source: "peer", reason: sayFewer},
		}},
		{"31 hops", clientip.Config{Kind: clientip.Proxies, Hops: 31}, []tableCase{
			{name: "client", remote: proxy, headers: xff("1.1.1.1, 198.51.100.7" + strings.Repeat(",10.0.0.2", 30)), addr: "198.51.100.7", source: "X-Forwarded-For", reason: sayHops},
			{name: "too long", remote: proxy, headers: xff("198.51.100.7," + strings.Repeat(" ", 4096) + ",10.0.0.2"), addr: "10.0.0.2", source: "X-Forwarded-For", reason: sayTooLong},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			runTable(t, tt.c, proxyPeers, tt.cases)
		})
	}
}

func TestProxiesXRealIP(t *testing.T) {
	t.Parallel()
	c := clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24"), Header: clientip.XRealIP}
	runTable(t, c, proxyPeers, []tableCase{
		{name: "client", remote: proxy, headers: []string{"X-Real-IP: 198.51.100.7"}, addr: "198.51.100.7", source: "X-Real-IP", reason: sayRealIP},
		{name: "IPv6", remote: proxy, headers: []string{"X-Real-IP: 2001:db8::7"}, addr: "2001:db8::7", source: "X-Real-IP", reason: sayRealIP},
		{name: "stranger forges", remote: stranger, headers: []string{"X-Real-IP: 1.1.1.1"}, addr: "203.0.113.7", source: "peer", spoofed: "X-Real-IP", reason: sayStranger},
		{name: "missing", remote: proxy, addr: "10.0.0.1", source: "peer", reason: sayMissing},
		{name: "twice: the proxy adds instead of overwriting", remote: proxy, headers: []string{"X-Real-IP: 1.1.1.1", "X-Real-IP: 198.51.100.7"}, addr: "10.0.0.1", source: "peer", reason: saySeveral},
		{name: "a list", remote: proxy, headers: []string{"X-Real-IP: 1.1.1.1, 198.51.100.7"}, addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "malformed", remote: proxy, headers: []string{"X-Real-IP: localhost"}, addr: "10.0.0.1", source: "peer", reason: sayMalformed},
		{name: "hidden", remote: proxy, headers: []string{"X-Real-IP: unknown"}, addr: "10.0.0.1", source: "peer", reason: sayHidden},
		{name: "both agree", remote: proxy, headers: []string{"X-Real-IP: 198.51.100.7", "X-Forwarded-For: 1.1.1.1, 198.51.100.7"}, addr: "198.51.100.7", source: "X-Real-IP", reason: sayRealIP},
		{name: "both agree behind two proxies", remote: proxy, headers: []string{"X-Real-IP: 198.51.100.7", "X-Forwarded-For: 198.51.100.7, 10.0.0.2"}, addr: "198.51.100.7", source: "X-Real-IP", reason: sayRealIP},
		// The trap: Caddy writes X-Forwarded-For and passes the client's X-Real-IP on.
		{name: "passed through", remote: proxy, headers: []string{"X-Real-IP: 1.1.1.1", "X-Forwarded-For: 198.51.100.7"}, addr: "10.0.0.1", source: "peer", spoofed: "X-Real-IP", reason: sayContradict},
		// The other way round: nginx writes X-Real-IP and passes the client's X-Forwarded-For on.
		{name: "the other one passed through", remote: proxy, headers: []string{"X-Real-IP: 198.51.100.7", "X-Forwarded-For: 1.1.1.1"}, addr: "10.0.0.1", source: "peer", spoofed: "X-Real-IP", reason: sayContradict},
		{name: "X-Forwarded-For is garbage", remote: proxy, headers: []string{"X-Real-IP: 198.51.100.7", "X-Forwarded-For: x"}, addr: "10.0.0.1", source: "peer", spoofed: "X-Real-IP", reason: sayContradict},
		{name: "two proxies that both overwrite", remote: proxy, headers: []string{"X-Real-IP: 10.0.0.2"}, addr: "10.0.0.2", source: "X-Real-IP", reason: sayRealIPProxy},
	})
}
