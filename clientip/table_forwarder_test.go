package clientip_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

const (
	oldSecret = "5f0c1f7a3e9b4d2c8a6e7b1d0f3c5a99"
	newSecret = "c4a1d5e2b3f60718293a4b5c6d7e8f90"
)

func TestForwarder(t *testing.T) {
	t.Parallel()
	const (
		old   = "X-Sallyport-Forwarder: " + oldSecret
		fresh = "X-Sallyport-Forwarder: " + newSecret
	)
	peers := map[string]string{stranger: "203.0.113.7", "[2001:db8::7]:1": "2001:db8::7", "@": ""}
	ok := func(name, addr string, headers ...string) tableCase {
		return tableCase{name: name, remote: stranger, headers: headers, addr: addr, source: "X-Sallyport-Client", reason: sayForwarder}
	}
	peer := func(name, spoofed, reason string, headers ...string) tableCase {
		return tableCase{name: name, remote: stranger, headers: headers, addr: "203.0.113.7", source: "peer", spoofed: spoofed, reason: reason}
	}
	c := clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret, newSecret}}
	runTable(t, c, peers, []tableCase{
		ok("first secret", "198.51.100.7", old, "X-Sallyport-Client: 198.51.100.7"),
		ok("second secret", "2001:db8::1", fresh, "X-Sallyport-Client: 2001:db8::1"),
		ok("in brackets with a port", "2001:db8::1", fresh, "X-Sallyport-Client: [2001:db8::1]:443"),
		ok("headers of platforms in between", "198.51.100.7", fresh, "X-Sallyport-Client: 198.51.100.7", "X-Forwarded-For: 3.80.0.9", "CF-Connecting-IP: 3.80.0.9"),
		peer("nobody's", "", sayNotFwd),
		peer("nobody's, through a platform", "", sayNotFwd, "X-Forwarded-For: 198.51.100.7", "CF-Connecting-IP: 198.51.100.7"),
		peer("no secret", "X-Sallyport-Client", sayNotFwd, "X-Sallyport-Client: 1.1.1.1"),
		peer("empty secret", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", "X-Sallyport-Forwarder:"),
		peer("wrong secret", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", old[:len(old)-1]+"8"),
		peer("cut secret", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", old[:len(old)-1]),
		peer("longer secret", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", old+"0"),
		peer("secret in upper case", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", "X-Sallyport-Forwarder: "+strings.ToUpper(oldSecret)),
		peer("huge secret", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", "X-Sallyport-Forwarder: "+strings.Repeat(oldSecret, 1<<14)),
		peer("both secrets", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", old, fresh),
		peer("both secrets in one line", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", old+","+newSecret),
		peer("the same secret twice", "X-Sallyport-Client", sayBadSecret, "X-Sallyport-Client: 1.1.1.1", old, old),
		peer("wrong secret alone", "X-Sallyport-Forwarder", sayBadSecret, "X-Sallyport-Forwarder: x"),
		peer("secret in the wrong header", "X-Sallyport-Client", sayNotFwd, "X-Sallyport-Client: 1.1.1.1", "Authorization: "+oldSecret),
		peer("secret without an address", "", sayMissing, old),
		peer("secret with two addresses", "", saySeveral, old, "X-Sallyport-Client: 1.1.1.1", "X-Sallyport-Client: 2.2.2.2"),
		peer("secret with a list", "", sayMalformed, old, "X-Sallyport-Client: 1.1.1.1, 2.2.2.2"),
		peer("secret with nonsense", "", sayMalformed, old, "X-Sallyport-Client: me"),
		peer("secret with unknown", "", sayHidden, old, "X-Sallyport-Client: unknown"),
		{name: "no address", remote: "@", headers: []string{old, "X-Sallyport-Client: 198.51.100.7"}, reason: sayNoPeer},
		{name: "client over IPv6", remote: "[2001:db8::7]:1", addr: "2001:db8::7", source: "peer", reason: sayNotFwd},
	})

	c.ForwarderHeader = "x-edge-client"
	runTable(t, c, peers, []tableCase{
		{
			name: "own header", remote: stranger, headers: []string{old, "X-Edge-Client: 198.51.100.7", "X-Sallyport-Client: 1.1.1.1"},
			addr: "198.51.100.7", source: "x-edge-client", reason: sayForwarder,
		},
		{
			name: "own header, spoofed", remote: stranger, headers: []string{"X-Edge-Client: 1.1.1.1"},
			addr: "203.0.113.7", source: "peer", spoofed: "x-edge-client", reason: sayNotFwd,
		},
	})
}
