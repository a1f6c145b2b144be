package clientip_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/sallyport-dev/sallyport/clientip"
)

func TestParseRanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		text string
		want []netip.Prefix
		err  string
	}{
		{"as published", "173.245.48.0/20\n103.21.244.0/22\n", cidrs("173.245.48.0/20", "103.21.244.0/22"), ""},
		{"no line break at the end", "2400:cb00::/32\n2606:4700::/32", cidrs("2400:cb00::/32", "2606:4700::/32"), ""},
		{"comments, blanks, CRLF", "# list\r\n\r\n \t172.64.0.0/13 # edge\r\n", cidrs("172.64.0.0/13"), ""},
		{"widest", "10.0.0.0/8\n2400::/16", cidrs("10.0.0.0/8", "2400::/16"), ""},
		{"empty", "", nil, "there is no prefix"},
		{"comments alone", "# 10.0.0.0/8\n", nil, "there is no prefix"},
		{"everybody", "0.0.0.0/0", nil, "line 1: 0.0.0.0/0 is wider than /8 for IPv4 or /16 for IPv6"},
		{"half of everybody", "172.64.0.0/13\n128.0.0.0/1", nil, "line 2: 128.0.0.0/1 is wider than"},
		{"too wide by one", "10.0.0.0/7", nil, "line 1: 10.0.0.0/7 is wider than"},
		{"everybody, IPv6", "::/0", nil, "line 1: ::/0 is wider than"},
		{"too wide by one, IPv6", "2400::/15", nil, "line 1: 2400::/15 is wider than"},
		{"host bits", "172.64.0.1/13", nil, "line 1: 172.64.0.1/13 has bits set behind its length"},
		{"an address", "172.64.0.1", nil, `line 1: "172.64.0.1" is not a prefix`},
		{"mapped", "::ffff:172.64.0.0/112", nil, "IPv4-mapped"},
		{"two lists run together", "131.0.72.0/222400:cb00::/32", nil, "is not a prefix"},
		{"two on a line", "172.64.0.0/13 131.0.72.0/22", nil, "is not a prefix"},
		{"an error page", "<!DOCTYPE html>\n<html>", nil, `line 1: "<!DOCTYPE html>" is not a prefix`},
		{"all mistakes", "x\n172.64.0.0/13\ny\n", nil, "line 3"},
		{"too long", strings.Repeat("#", 64<<10+1), nil, "longer than 65536 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := clientip.ParseRanges(strings.NewReader(tt.text))
			if !slices.Equal(got, tt.want) || (err == nil) != (tt.err == "") {
				t.Fatalf("got %v, %v; want %v", got, err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("no %q in %v", tt.err, err)
			}
		})
	}
	if _, err := clientip.ParseRanges(strings.NewReader(strings.Repeat(strings.Repeat("é", 10)+"\n", 3000))); len(err.Error()) > 4000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
	broken := errors.New("broken")
	if _, err := clientip.ParseRanges(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// The list as three sources have it on the day that the file names. Whoever
// refreshes the file with scripts/cloudflare-ranges changes this as well: two
// places, so that an edit of one is seen.
func TestBundledCloudflareRanges(t *testing.T) {
	t.Parallel()
	want := cidrs(
		"103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "104.16.0.0/13", "104.24.0.0/14", "108.162.192.0/18", "131.0.72.0/22",
		"141.101.64.0/18", "162.158.0.0/15", "172.64.0.0/13", "173.245.48.0/20", "188.114.96.0/20", "190.93.240.0/20", "197.234.240.0/22",
		"198.41.128.0/17",
		"2400:cb00::/32", "2405:8100::/32", "2405:b500::/32", "2606:4700::/32", "2803:f800::/32", "2a06:98c0::/29", "2c0f:f248::/32",
	)
	got, asOf := clientip.BundledCloudflareRanges()
	slices.SortFunc(got, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if !asOf.Equal(time.Date(2026, time.July, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("as of %v", asOf)
	}
	got[0] = netip.Prefix{} // the caller's own
	if again, _ := clientip.BundledCloudflareRanges(); slices.Contains(again, netip.Prefix{}) {
		t.Error("the list is shared")
	}
}
