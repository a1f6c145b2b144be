package clientip_test

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

// oracle reads X-Forwarded-For in the plainest way, with other parsers: all
// lines joined, split, and gone through from the right. It knows no limits.
func oracle(lines []string, peer netip.Addr, trusted func(netip.Addr) bool) netip.Addr {
	last := peer
	elements := strings.Split(strings.Join(lines, ","), ",")
	for _, e := range slices.Backward(elements) {
		a, ok := oracleAddr(strings.Trim(e, " \t"))
		if !ok {
			return last
		}
		if last = a; !trusted(a) {
			return a
		}
	}
	return last
}

func oracleAddr(s string) (netip.Addr, bool) {
	host := s
	if h, port, err := net.SplitHostPort(s); err == nil && (strings.Contains(h, ":") == strings.HasPrefix(s, "[")) {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || len(port) > 5 || port != strconv.Itoa(int(n)) && strings.Trim(port, "0123456789") != "" {
			return netip.Addr{}, false
		}
		host = h
		if strings.HasPrefix(s, "[") && net.ParseIP(h) != nil && !strings.Contains(h, ":") {
			return netip.Addr{}, false
		}
	} else if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		if host = s[1 : len(s)-1]; !strings.Contains(host, ":") {
			return netip.Addr{}, false
		}
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.IsUnspecified() || ip.IsMulticast() {
		return netip.Addr{}, false
	}
	a, _ := netip.AddrFromSlice(ip)
	return a.Unmap(), true
}

// FuzzXForwardedFor compares with the oracle.
func FuzzXForwardedFor(f *testing.F) {
	for _, seed := range [][2]string{
		{"1.1.1.1", "198.51.100.7"},
		{"", ""},
		{"1.1.1.1, [2001:db8::1]:80", "10.0.0.2,10.0.0.3"},
		{"unknown", "[::ffff:10.0.0.9]"},
		{"1.1.1.1:0x50", "fe80::1%eth0"},
		{",,,", "1.2.3.4:00080"},
		{"::ffff:0.0.0.0", "10.0.0.2:1"},
		{"[1.2.3.4]", "[::1"},
	} {
		f.Add(seed[0], seed[1])
	}
	rs := newResolver(f, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24")})
	trusted := cidrs("10.0.0.0/24")[0].Contains
	f.Fuzz(func(t *testing.T, first, second string) {
		lines := []string{first, second}
		if len(first)+len(second) > 4000 || strings.Count(first, ",")+strings.Count(second, ",") > 30 {
			return // the oracle has no limits
		}
		r := request(t, proxy)
		r.Header["X-Forwarded-For"] = lines
		got := rs.Resolve(r)
		if want := oracle(lines, netip.MustParseAddr("10.0.0.1"), trusted); got.Addr != want {
			t.Errorf("%q: got %+v, want %v", lines, got, want)
		}
	})
}

// FuzzForwarded: where a parser of MIME parameters, whose grammar is the same,
// understands an element too, it finds the same address.
func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{
		"for=192.0.2.60;proto=http;by=203.0.113.43", `For="[2001:db8:cafe::17]:4711"`, `x="a;b";for="192.0.2.60:_p"`, "for=_hidden", `for="unknown"`,
		"for=1.1.1.1;for=2.2.2.2", "for =1.1.1.1", `for="[::ffff:1.1.1.1]"; by=x`, "for=1.1.1.1;",
	} {
		f.Add(seed)
	}
	rs := newResolver(f, clientip.Config{Kind: clientip.Proxies, Hops: 1, Header: clientip.Forwarded})
	f.Fuzz(func(t *testing.T, element string) {
		if strings.ContainsAny(element, `,\*`) { // lists; MIME has rules of its own for the others
			return
		}
		r := request(t, proxy)
		r.Header["Forwarded"] = []string{element}
		d := rs.Resolve(r)
		_, params, err := mime.ParseMediaType("form-data;" + element)
		if err != nil {
			return
		}
		value := params["for"]
		if port, err := netip.ParseAddrPort(value); err == nil {
			value = port.Addr().String()
		} else if host, port, found := strings.Cut(value, ":_"); found && port != "" {
			value = host
		}
		want, ok := oracleAddr(strings.Trim(value, "[]"))
		if !ok || strings.Contains(params["for"], ":") != strings.Contains(params["for"], "[") && want.Is6() {
			want = d.Peer
		}
		if d.Addr != d.Peer && d.Addr != want {
			t.Errorf("%q: got %+v, want %v", element, d, want)
		}
	})
}

// topologies are all that there are, with lists of which the peers below are
// no part.
func topologies(tb testing.TB) []*clientip.Resolver {
	tb.Helper()
	return []*clientip.Resolver{
		newResolver(tb, clientip.Config{Kind: clientip.Direct}),
		newResolver(tb, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24")}),
		newResolver(tb, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24"), Header: clientip.Forwarded}),
		newResolver(tb, clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24"), Header: clientip.XRealIP}),
		newResolver(tb, clientip.Config{Kind: clientip.Cloudflare}),
		newResolver(tb, clientip.Config{Kind: clientip.Cloudflare, Trusted: cidrs("10.0.0.0/24")}),
		newResolver(tb, clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}}),
	}
}

// FuzzStranger: no header ever changes the address of a peer that is not
// trusted, in any topology.
func FuzzStranger(f *testing.F) {
	f.Add("X-Forwarded-For", "10.0.0.1", "Forwarded", "for=10.0.0.1")
	f.Add("CF-Connecting-IP", "1.1.1.1", "X-Forwarded-For", "172.70.1.1")
	f.Add("X-Sallyport-Client", "1.1.1.1", "X-Sallyport-Forwarder", strings.Repeat("0", 32))
	f.Add("x-real-ip", "1.1.1.1", "Connection", "x-real-ip")
	f.Add("X-Real-IP", "\xff, \x00", "True-Client-IP", "[::1]:80")
	all := topologies(f)
	f.Fuzz(func(t *testing.T, name, value, otherName, other string) {
		if strings.Contains(value+other, oldSecret) {
			return
		}
		for _, rs := range all {
			for _, peer := range []string{stranger, "[2001:db8::7]:1"} {
				r := request(t, peer)
				r.Header.Add(name, value)
				r.Header.Add(otherName, other)
				d := rs.Resolve(r)
				if d.Addr != netip.MustParseAddrPort(peer).Addr() || d.Addr != d.Peer || d.Source != "peer" {
					t.Errorf("%s: %q, %q: %s, %q: %+v", peer, name, value, otherName, other, d)
				}
			}
		}
	})
}

// FuzzAppended: whatever a client sends, when a trusted proxy appends the
// client's address, to the line or as a line of its own, that is the answer:
// never anything left of it.
func FuzzAppended(f *testing.F) {
	for _, forged := range []string{
		"", "1.1.1.1", "1.1.1.1,", `for="`, `for="1.1.1.1`, `for=1.1.1.1\`, `\"`, `"\`, `for="\\"`, `,"`, ";", "10.0.0.2", "for=10.0.0.2", "\xff\x00",
		`secret="a\", for=1.1.1.1, \"`,
	} {
		f.Add(forged)
	}
	c := clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24")}
	lists := []struct {
		rs       *clientip.Resolver
		name     string
		elements []string // each says 198.51.100.7, or that behind proxies
	}{
		{newResolver(f, c), "X-Forwarded-For", []string{"198.51.100.7", "198.51.100.7:80", "198.51.100.7, 10.0.0.2", "198.51.100.7,[::ffff:10.0.0.2]:80"}},
		{},
		{},
	}
	c.Header = clientip.Forwarded
	lists[1].rs, lists[1].name = newResolver(f, c), "Forwarded"
	lists[1].elements = []string{
		"for=198.51.100.7", `for="198.51.100.7:80"`, `By="[fd00::1]";For="[::ffff:198.51.100.7]:1"`, `for=198.51.100.7;x="a\\", for="10.0.0.2:_x";proto="a,\"b"`,
	}
	lists[2].rs = newResolver(f, clientip.Config{Kind: clientip.Proxies, Hops: 1})
	lists[2].name, lists[2].elements = "X-Forwarded-For", []string{"198.51.100.7", "[::ffff:198.51.100.7]:1"}
	want := netip.MustParseAddr("198.51.100.7")
	f.Fuzz(func(t *testing.T, forged string) {
		for _, l := range lists {
			for _, element := range l.elements {
				for _, lines := range [][]string{{forged + ", " + element}, {forged, element}} {
					r := request(t, proxy)
					r.Header[l.name] = lines
					if d := l.rs.Resolve(r); d.Addr != want || d.Source != l.name {
						t.Errorf("%s %q: %+v", l.name, lines, d)
					}
				}
			}
		}
	})
}

// FuzzParseRanges: what is accepted can be written down and read again, and is
// accepted by Replace.
func FuzzParseRanges(f *testing.F) {
	f.Add("# x\n172.64.0.0/13\n2400:cb00::/32")
	f.Add("0.0.0.0/0")
	f.Add("::ffff:10.0.0.0/104\r\n")
	rs := newResolver(f, clientip.Config{Kind: clientip.Cloudflare})
	f.Fuzz(func(t *testing.T, text string) {
		list, err := clientip.ParseRanges(strings.NewReader(text))
		if err != nil {
			return
		}
		var b strings.Builder
		for _, p := range list {
			b.WriteString(p.String() + "\n")
			if p.Bits() < 8 {
				t.Errorf("%v is accepted", p)
			}
		}
		if b.Len() <= 64<<10 {
			again, err := clientip.ParseRanges(strings.NewReader(b.String()))
			if err != nil || !slices.Equal(list, again) {
				t.Errorf("%q: %v, %v", text, again, err)
			}
		}
		if err := rs.Replace(list); err != nil {
			t.Error(err)
		}
	})
}

// FuzzWhoami: whatever came is shown within bounds.
func FuzzWhoami(f *testing.F) {
	f.Add("X-Forwarded-For", "\xff")
	rs := newResolver(f, clientip.Config{Kind: clientip.Direct})
	f.Fuzz(func(t *testing.T, name, value string) {
		r := request(t, stranger)
		r.Header.Add(name, value)
		checkShown(t, rs.Whoami(), r)
	})
}

func checkShown(t *testing.T, h http.Handler, r *http.Request) {
	t.Helper()
	w := &countingWriter{header: http.Header{}}
	h.ServeHTTP(w, r)
	if !w.valid || w.n > 4<<10 {
		t.Errorf("%d bytes, valid %v for %q", w.n, w.valid, r.Header)
	}
}
