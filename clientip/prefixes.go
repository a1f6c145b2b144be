package clientip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// prefixes is a set of prefixes that do not overlap, in order, for lookup by
// binary search. It is immutable.
type prefixes []netip.Prefix

// newPrefixes returns the set of list, which is not kept. The prefixes must
// have been checked: valid and without host bits.
func newPrefixes(list []netip.Prefix) prefixes {
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	var set prefixes
	for _, p := range sorted {
		// In this order, one that overlaps the last lies within it.
		if n := len(set); n > 0 && set[n-1].Overlaps(p) {
			continue
		}
		set = append(set, p)
	}
	return set
}

func (s prefixes) contains(a netip.Addr) bool {
	low, high := 0, len(s)
	for low < high { // the first that begins after a
		middle := (low + high) / 2
		if s[middle].Addr().Compare(a) <= 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low > 0 && s[low-1].Contains(a)
}

// overlap returns a prefix of s and one of t that share addresses.
func (s prefixes) overlap(t prefixes) (a, b netip.Prefix, found bool) {
	for _, a := range s {
		for _, b := range t {
			if a.Overlaps(b) {
				return a, b, true
			}
		}
	}
	return a, b, false
}

// The shortest prefixes that may be believed, in bits. A wider one is a typing
// mistake, or means "everybody", and believing everybody is no topology.
const (
	shortest4 = 8
	shortest6 = 16
)

// local6 are the prefixes shorter than /16 that are no mistake: unique local
// (RFC 4193) and link-local (RFC 4291, section 2.5.6) addresses.
var local6 = [...]netip.Prefix{netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10")}

var (
	errInvalid  = errors.New("is not a valid prefix")
	errMapped   = errors.New("is an IPv4-mapped IPv6 prefix; write it as IPv4")
	errHostBits = errors.New("has bits set behind its length")
	errTooWide  = fmt.Errorf("is wider than /%d for IPv4 or /%d for IPv6, which would believe nearly everybody", shortest4, shortest6)
)

// checkPrefix says what is wrong with p as a range to believe.
func checkPrefix(p netip.Prefix) error {
	switch {
	case !p.IsValid():
		return errInvalid
	case p.Addr().Is4In6():
		return errMapped
	case p != p.Masked():
		return errHostBits
	case p.Addr().Is4() && p.Bits() < shortest4, p.Addr().Is6() && p.Bits() < shortest6:
		return errTooWide
	}
	return nil
}

// checkTrusted is checkPrefix for proxies of our own, which may live in local
// networks of IPv6.
func checkTrusted(p netip.Prefix) error {
	err := checkPrefix(p)
	if errors.Is(err, errTooWide) {
		for _, local := range local6 {
			if local.Contains(p.Addr()) && p.Bits() >= local.Bits() {
				return nil
			}
		}
	}
	return err
}
