package ratelimit

import (
	"bytes"
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

// same says whether two clients share a count.
func same(t *testing.T, by By, a, b string) bool {
	t.Helper()
	return bytes.Equal(by.partition(nil, from(t, a)), by.partition(nil, from(t, b)))
}

func TestWhatIsCountedTogether(t *testing.T) {
	t.Parallel()
	client, network := ByClient(remote), ByNetwork(remote, 24, 48)
	tests := []struct {
		a, b                    string
		sameClient, sameNetwork bool
	}{
		{"192.0.2.1", "192.0.2.1", true, true},
		{"192.0.2.1", "192.0.2.2", false, true},
		{"192.0.2.1", "192.0.3.1", false, false},
		{"192.0.2.1", "::ffff:192.0.2.1", true, true}, // RFC 4291, section 2.5.5.2: the same host
		{"192.0.2.1", "::192.0.2.1", false, false},
		{"2001:db8::1", "2001:db8::2", true, true},
		{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true, true},
		{"2001:db8::1", "2001:db8:0:1::1", false, true},
		{"2001:db8::1", "2001:db8:1::1", false, false},
		{"fe80::1%eth0", "fe80::1%eth1", true, true}, // a zone is no part of a name that others know
		{"0.0.0.0", "::", false, false},
		{"", "", true, true},
		{"", "0.0.0.0", false, false},
		{"", "::", false, false},
	}
	for _, tt := range tests {
		if got := same(t, client, tt.a, tt.b); got != tt.sameClient {
			t.Errorf("clients %q and %q share a count: %v", tt.a, tt.b, got)
		}
		if got := same(t, network, tt.a, tt.b); got != tt.sameNetwork {
			t.Errorf("networks of %q and %q share a count: %v", tt.a, tt.b, got)
		}
		if !same(t, Everybody(), tt.a, tt.b) {
			t.Errorf("%q and %q are not counted as everybody", tt.a, tt.b)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	by := ByName(func(r *http.Request) string { return r.Header.Get("Name") })
	seen := map[string]string{}
	long := strings.Repeat("a", 1<<20)
	for _, name := range []string{"", "a", "b", "ab", strings.Repeat("a", 128), strings.Repeat("a", 129), long, long[1:] + "b", "b" + long[1:], long + "b"} {
		r := from(t, "192.0.2.1")
		r.Header.Set("Name", name)
		got := string(by.partition(nil, r))
		if len(got) > maxName+1 {
			t.Errorf("a name of %d bytes takes %d", len(name), len(got))
		}
		if other, ok := seen[got]; ok {
			t.Errorf("names of %d and %d bytes are the same", len(name), len(other))
		}
		seen[got] = name
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	asn := openASN(t, networks{"198.51.100.0/24": 64496})
	name := func(s string) By { return ByName(func(*http.Request) string { return s }) }
	tests := []struct {
		by         By
		addr, want string
	}{
		{ByClient(remote), "192.0.2.1", "192.0.2.1/32"},
		{ByClient(remote), "2001:db8::1", "2001:db8::/64"},
		{ByClient(remote), "", "none"},
		{ByNetwork(remote, 24, 48), "192.0.2.1", "192.0.2.0/24"},
		{ByASN(remote, asn), "198.51.100.7", "AS64496"},
		{ByASN(remote, asn), "192.0.2.1", "192.0.2.0/24"},
		{Everybody(), "192.0.2.1", "all"},
		{name("nightly-report"), "", "=nightly-report"},
		{name(""), "", "="},
		{name("{other}client:192.0.2.1/32"), "", "#"},
		{name("line\nbreak"), "", "#"},
		{name(strings.Repeat("a", 65)), "", "#"},
		{name(strings.Repeat("a", 1000)), "", "#"},
	}
	for _, tt := range tests {
		got := printable(tt.by.partition(nil, from(t, tt.addr)))
		if tt.want == "#" {
			if !strings.HasPrefix(got, "#") || len(got) != 33 || strings.ContainsAny(got, "{}:\n") {
				t.Errorf("%q, want a hash", got)
			}
		} else if got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestPartitionDoesNotAllocate(t *testing.T) {
	asn := openASN(t, networks{"198.51.100.0/24": 64496})
	addr := netip.MustParseAddr("2001:db8::1")
	fixed := func(*http.Request) netip.Addr { return addr }
	long := strings.Repeat("a", 4096)
	dst := make([]byte, 0, 1024)
	for name, by := range map[string]By{
		"client": ByClient(fixed), "network": ByNetwork(fixed, 24, 48), "asn": ByASN(fixed, asn),
		"name": ByName(func(*http.Request) string { return long[:100] }),
	} {
		if n := testing.AllocsPerRun(100, func() { _ = by.partition(dst, nil) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	by := ByName(func(*http.Request) string { return long })
	if n := testing.AllocsPerRun(100, func() { _ = by.partition(dst, nil) }); n > 2 {
		t.Errorf("a long name: %v allocations", n)
	}
}
