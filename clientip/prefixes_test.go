package clientip

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// The binary search agrees with asking every prefix.
func TestPrefixesAgreeWithAll(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	address := func() netip.Addr {
		// Few different bits, so that prefixes overlap and addresses hit.
		if random.IntN(2) == 0 {
			return netip.AddrFrom4([4]byte{10, byte(random.IntN(4)), byte(random.IntN(4) * 64), byte(random.IntN(4) * 64)})
		}
		return netip.AddrFrom16([16]byte{0: 0x20, 1: 1, 2: byte(random.IntN(4)), 3: byte(random.IntN(4) * 64), 15: byte(random.IntN(2))})
	}
	for range 500 {
		var list []netip.Prefix
		for range random.IntN(12) {
			a := address()
			p, err := a.Prefix(8 + random.IntN(a.BitLen()-7))
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, p)
		}
		set := newPrefixes(list)
		for range 100 {
			a := address()
			want := slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
			if got := set.contains(a); got != want {
				t.Fatalf("%v in %v: got %v, want %v", a, list, got, want)
			}
		}
	}
	if prefixes(nil).contains(netip.MustParseAddr("10.0.0.1")) {
		t.Error("the empty set has an address")
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"198.51.100.7": "198.51.100.0/24", "2001:db8:1:2:3::4": "2001:db8:1::/48", "::1": "::/48",
	} {
		if got := network(netip.MustParseAddr(addr)); got != netip.MustParsePrefix(want) {
			t.Errorf("%s: got %v, want %s", addr, got, want)
		}
	}
	if got := network(netip.Addr{}); got != (netip.Prefix{}) {
		t.Errorf("the zero address is in %v", got)
	}
}

func TestEveryOutcomeHasItsSentences(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i, o := range outcomes {
		if o.reason == "" || o.advice == "" || seen[o.reason] || o.reason[len(o.reason)-1] != '.' || o.advice[len(o.advice)-1] != '.' {
			t.Errorf("outcome %d: %+v", i, o)
		}
		seen[o.reason] = true
	}
}
