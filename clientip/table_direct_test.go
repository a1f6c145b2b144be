package clientip_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

func TestDirect(t *testing.T) {
	t.Parallel()
	const client = "203.0.113.7:40000"
	peers := map[string]string{
		client:                        "203.0.113.7",
		"[2001:db8::7]:40000":         "2001:db8::7",
		"[::ffff:203.0.113.7]:40000":  "203.0.113.7",
		"[fe80::1%eth0]:40000":        "fe80::1",
		"[::1]:1":                     "::1",
		"@":                           "",
		"":                            "",
		"/run/sallyport.sock":         "",
		"203.0.113.7":                 "", // what middleware leaves that rewrites RemoteAddr
		"2001:db8::7":                 "",
		"localhost:80":                "",
		"203.0.113.7:http":            "",
		"203.0.113.7:99999":           "",
		"203.0.113.007:80":            "",
		"203.0.113.7, 198.51.100.1:1": "",
	}
	cases := []tableCase{
		{name: "IPv4", remote: client, addr: "203.0.113.7", source: "peer", reason: sayDirect},
		{name: "IPv6", remote: "[2001:db8::7]:40000", addr: "2001:db8::7", source: "peer", reason: sayDirect},
		{name: "loopback", remote: "[::1]:1", addr: "::1", source: "peer", reason: sayDirect},
		{name: "IPv4 on a socket of IPv6", remote: "[::ffff:203.0.113.7]:40000", addr: "203.0.113.7", source: "peer", reason: sayDirect},
		{name: "a zone is dropped", remote: "[fe80::1%eth0]:40000", addr: "fe80::1", source: "peer", reason: sayDirect},
		{name: "Unix socket, unnamed", remote: "@", reason: sayNoPeer},
		{name: "Unix socket, empty", remote: "", reason: sayNoPeer},
		{name: "Unix socket, path", remote: "/run/sallyport.sock", reason: sayNoPeer},
		{name: "no port", remote: "203.0.113.7", reason: sayNoPeer},
		{name: "no port, IPv6", remote: "2001:db8::7", reason: sayNoPeer},
		{name: "a name", remote: "localhost:80", reason: sayNoPeer},
		{name: "a named port", remote: "203.0.113.7:http", reason: sayNoPeer},
		{name: "no such port", remote: "203.0.113.7:99999", reason: sayNoPeer},
		{name: "leading zeros", remote: "203.0.113.007:80", reason: sayNoPeer},
		{name: "a list as RemoteAddr", remote: "203.0.113.7, 198.51.100.1:1", reason: sayNoPeer},
		{name: "no address, but a header", remote: "@", headers: []string{"X-Forwarded-For: 1.2.3.4"}, reason: sayNoPeer},
		{
			name: "harmless headers", remote: client, headers: []string{"X-Forwarded-Proto: https", "Via: 1.1 x", "X-Forwarded-Host: a"},
			addr: "203.0.113.7", source: "peer", reason: sayDirect,
		},
	}
	for _, name := range []string{
		"X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "X-Client-IP",
		"X-Cluster-Client-IP", "Fastly-Client-IP", "X-Original-Client-IP", "X-Original-Forwarded-For", "X-Envoy-External-Address",
		"X-Sallyport-Client", "X-Sallyport-Forwarder",
	} {
		cases = append(cases, tableCase{
			name: "spoof by " + name, remote: client, headers: []string{name + ": 1.2.3.4"},
			addr: "203.0.113.7", source: "peer", spoofed: name, reason: sayDirect,
		})
	}
	cases = append(cases,
		tableCase{
			name: "spoof in lower case", remote: client, headers: []string{"cf-connecting-ip: 1.2.3.4"},
			addr: "203.0.113.7", source: "peer", spoofed: "CF-Connecting-IP", reason: sayDirect,
		},
		tableCase{
			name: "several spoofs, the first of the list is named", remote: client,
			headers: []string{"X-Sallyport-Client: 1.2.3.4", "X-Client-IP: 1.2.3.4", "X-Real-IP: 1.2.3.4"},
			addr:    "203.0.113.7", source: "peer", spoofed: "X-Real-IP", reason: sayDirect,
		},
		tableCase{
			name: "spoof with nonsense", remote: client, headers: []string{"X-Forwarded-For: ' OR 1=1 --"},
			addr: "203.0.113.7", source: "peer", spoofed: "X-Forwarded-For", reason: sayDirect,
		},
	)
	runTable(t, clientip.Config{Kind: clientip.Direct}, peers, cases)
}
