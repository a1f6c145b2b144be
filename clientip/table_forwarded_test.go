package clientip_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

// The values are from the examples and the grammar of RFC 7239.
func TestProxiesForwarded(t *testing.T) {
	t.Parallel()
	f := func(values ...string) []string {
		var lines []string
		for _, v := range values {
			lines = append(lines, "Forwarded: "+v)
		}
		return lines
	}
	c := clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24", "fd00::/16"), Header: clientip.Forwarded}
	ok := func(name, addr string, values ...string) tableCase {
		return tableCase{name: name, remote: proxy, headers: f(values...), addr: addr, source: "Forwarded", reason: sayList}
	}
	bad := func(name string, values ...string) tableCase {
		return tableCase{name: name, remote: proxy, headers: f(values...), addr: "10.0.0.1", source: "peer", reason: sayMalformed}
	}
	hid := func(name string, values ...string) tableCase {
		return tableCase{name: name, remote: proxy, headers: f(values...), addr: "10.0.0.1", source: "peer", reason: sayHidden}
	}
	runTable(t, c, proxyPeers, []tableCase{
		// Section 4, examples.
		hid("4 obfuscated", `for="_gazonk"`),
		ok("4 case of the name", "2001:db8:cafe::17", `For="[2001:db8:cafe::17]:4711"`),
		ok("4 parameters", "192.0.2.60", "for=192.0.2.60;proto=http;by=203.0.113.43"),
		ok("4 list", "198.51.100.17", "for=192.0.2.43, for=198.51.100.17"),
		// Section 7.1: one list, however it is spread over lines.
		ok("7.1 with spaces", "2001:db8:cafe::17", `for=192.0.2.43, for="[2001:db8:cafe::17]"`),
		ok("7.1 without spaces", "2001:db8:cafe::17", `for=192.0.2.43,for="[2001:db8:cafe::17]"`),
		ok("7.1 lines", "198.51.100.17", "for=192.0.2.43", "for=198.51.100.17"),
		ok("7.1 lines with a list", "198.51.100.17", `for=192.0.2.43, for="[2001:db8:cafe::17]"`, `for=unknown`, "for=198.51.100.17"),
		// Section 4, grammar.
		ok("upper case name", "192.0.2.60", "FOR=192.0.2.60"),
		ok("quoted IPv4", "192.0.2.60", `for="192.0.2.60"`),
		ok("quoted port", "192.0.2.60", `for="192.0.2.60:8080"`),
		ok("obfuscated port", "192.0.2.60", `for="192.0.2.60:_web"`),
		ok("IPv6 with obfuscated port", "2001:db8::1", `for="[2001:db8::1]:_x.y-z"`),
		ok("quoted-pair", "192.0.2.60", `for="192\.0.2.6\0"`),
		ok("comma in quotes", "192.0.2.60", `secret="a, for=1.1.1.1";for=192.0.2.60`),
		ok("comma in quotes behind", "192.0.2.60", `for=192.0.2.60;secret="a, for=1.1.1.1"`),
		ok("semicolon in quotes", "192.0.2.60", `secret="a;for=1.1.1.1";for=192.0.2.60`),
		ok("escaped quote", "192.0.2.60", `secret="a\", for=1.1.1.1, \"";for=192.0.2.60`),
		ok("escaped backslash", "192.0.2.60", `for=1.1.1.1, for=192.0.2.60;secret="a\\"`),
		ok("empty pairs", "192.0.2.60", ";;for=192.0.2.60;"),
		ok("spaces around semicolons", "192.0.2.60", "by=10.0.0.1 ; for=192.0.2.60 ; proto=https"),
		ok("extension parameter", "192.0.2.60", "for=192.0.2.60;x-trace=abc"),
		ok("parameter that ends in for", "192.0.2.60", "xfor=1.1.1.1;for=192.0.2.60"),
		ok("mapped", "192.0.2.60", `for="[::ffff:192.0.2.60]"`),
		ok("trusted is skipped", "192.0.2.60", `for=192.0.2.60, for=10.0.0.2, for="[fd00::2]:80"`),
		// Section 6.
		hid("6.2 unknown", "for=1.1.1.1, for=unknown"),
		hid("6.2 unknown, in any case", "for=1.1.1.1, for=UnKnown"),
		hid("6.2 unknown with a port", `for=1.1.1.1, for="unknown:80"`),
		hid("6.3 obfuscated", "for=1.1.1.1, for=_hidden"),
		hid("6.3 obfuscated, all characters", "for=1.1.1.1, for=_SEVKISEK.a-9_"),
		hid("6.3 obfuscated with a port", `for=1.1.1.1, for="_hidden:_p"`),
		hid("no for", "for=1.1.1.1, by=10.0.0.1;proto=http"),
		hid("nothing but a semicolon", "for=1.1.1.1, ;"),
		bad("6.3 only an underscore", "for=1.1.1.1, for=_"),
		bad("6.3 a wrong character", `for=1.1.1.1, for="_a b"`),
		bad("IPv6 without brackets", `for="2001:db8::1"`),
		bad("IPv6 without quotes", "for=[2001:db8::1]"),
		bad("port without quotes", "for=192.0.2.60:80"),
		bad("IPv4 in brackets", `for="[192.0.2.60]"`),
		bad("zone", `for="[fe80::1%25eth0]"`),
		bad("port too long", `for="192.0.2.60:123456"`),
		bad("empty value", "for="),
		bad("empty quoted value", `for=""`),
		bad("no equals", "for"),
		bad("space before equals", "for =192.0.2.60"),
		bad("space behind equals", "for= 192.0.2.60"),
		bad("for twice", "for=1.1.1.1;for=192.0.2.60"),
		bad("for twice, cases", "for=1.1.1.1;FOR=192.0.2.60"),
		bad("open quote at the right", `for=1.1.1.1, for="192.0.2.60`),
		bad("text behind the quote", `for="192.0.2.60"x`),
		bad("X-Forwarded-For in Forwarded", "192.0.2.60"),
		bad("garbage behind a semicolon", "for=192.0.2.60;???"),
		bad("empty", ""),
		bad("empty element", "for=1.1.1.1,"),
		// What a stranger writes cannot change how the proxy's element is read.
		ok("open quote of a stranger", "192.0.2.60", `for="1.1.1.1, for=192.0.2.60`),
		ok("open quote in a stranger's line", "192.0.2.60", `for="1.1.1.1`, "for=192.0.2.60"),
		ok("open quote before a quoted element", "2001:db8::1", `for="1.1.1.1, for="[2001:db8::1]"`),
		ok("backslash at a stranger's end", "2001:db8::1", `for=1.1.1.1\, for="[2001:db8::1]"`),
		ok("quote and backslash of a stranger", "2001:db8::1", `for="\, for="[2001:db8::1]"`),
		ok("garbage of a stranger", "192.0.2.60", `=;"",,;;=\, for=192.0.2.60`),
		{
			name: "forged behind a trusted proxy", remote: proxy, headers: f(`for=1.1.1.1, for="x, for=10.0.0.2`),
			addr: "10.0.0.2", source: "Forwarded", reason: sayMalformed,
		},
		{name: "all trusted", remote: proxy, headers: f("for=10.0.0.3, for=10.0.0.2"), addr: "10.0.0.3", source: "Forwarded", reason: sayAllTrusted},
		{name: "X-Forwarded-For is ignored", remote: proxy, headers: []string{"X-Forwarded-For: 1.1.1.1"}, addr: "10.0.0.1", source: "peer", reason: sayMissing},
		{name: "stranger", remote: stranger, headers: f("for=1.1.1.1"), addr: "203.0.113.7", source: "peer", spoofed: "Forwarded", reason: sayStranger},
		{name: "a megabyte of quotes", remote: proxy, headers: f(strings.Repeat(`"\`, 1<<19)), addr: "10.0.0.1", source: "peer", reason: sayTooLong},
	})
}
