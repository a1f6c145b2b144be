package clientip_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/clientip"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	wide := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	tests := []struct {
		name string
		c    clientip.Config
		want []string // in the error, each on a line of its own
	}{
		{"nothing", clientip.Config{}, []string{"Config.Kind 0 is no topology"}},
		{"no such kind", clientip.Config{Kind: 9}, []string{"Config.Kind 9 is no topology"}},
		{
			"everything at once with direct",
			clientip.Config{
				Kind: clientip.Direct, Trusted: cidrs("10.0.0.0/8"), Hops: 1, Header: clientip.Forwarded,
				ForwarderHeader: "X-A", Secrets: []string{oldSecret}, CloudflareRanges: cidrs("172.64.0.0/13"),
			},
			[]string{
				"Config.Trusted does nothing with topology direct; leave it out, or use topology proxies", "Config.Hops does nothing",
				"Config.Header does nothing", "Config.ForwarderHeader does nothing", "Config.Secrets does nothing",
				"Config.CloudflareRanges does nothing with topology direct; leave it out, or use topology cloudflare",
			},
		},
		{"proxies without proxies", clientip.Config{Kind: clientip.Proxies}, []string{"Config.Trusted and Config.Hops are both missing"}},
		{"both", clientip.Config{Kind: clientip.Proxies, Hops: 1, Trusted: cidrs("10.0.0.0/8")}, []string{"are both set"}},
		{"negative hops", clientip.Config{Kind: clientip.Proxies, Hops: -1}, []string{"Config.Hops is -1; it may be 1 to 31"}},
		{"too many hops", clientip.Config{Kind: clientip.Proxies, Hops: 32}, []string{"Config.Hops is 32; it may be 1 to 31"}},
		{"X-Real-IP by hops", clientip.Config{Kind: clientip.Proxies, Hops: 1, Header: clientip.XRealIP}, []string{"X-Real-IP has no hops to count"}},
		{"no such header", clientip.Config{Kind: clientip.Proxies, Hops: 1, Header: 7}, []string{"Config.Header 7 is unknown"}},
		{"everybody", clientip.Config{Kind: clientip.Proxies, Trusted: wide}, []string{"Config.Trusted: 0.0.0.0/0 is wider than /8"}},
		{"half of everybody", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("128.0.0.0/1")}, []string{"128.0.0.0/1 is wider than"}},
		{"everybody, IPv6", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("::/0", "2000::/3")}, []string{"::/0 is wider than", "2000::/3 is wider than"}},
		{"more than local", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("fc00::/6")}, []string{"fc00::/6 is wider than"}},
		{"host bits", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.1/8")}, []string{"10.0.0.1/8 has bits set behind its length"}},
		{"mapped", clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("::ffff:10.0.0.0/104")}, []string{"is an IPv4-mapped IPv6 prefix; write it as IPv4"}},
		{"zero prefix", clientip.Config{Kind: clientip.Proxies, Trusted: []netip.Prefix{{}}}, []string{"is not a valid prefix"}},
		{"empty ranges", clientip.Config{Kind: clientip.Cloudflare, CloudflareRanges: []netip.Prefix{}}, []string{"CloudflareRanges is empty"}},
		{"wide ranges", clientip.Config{Kind: clientip.Cloudflare, CloudflareRanges: wide}, []string{"CloudflareRanges: 0.0.0.0/0 is wider than"}},
		{"local ranges are no less wide", clientip.Config{Kind: clientip.Cloudflare, CloudflareRanges: cidrs("fc00::/7")}, []string{"fc00::/7 is wider than"}},
		{"trusted edge", clientip.Config{Kind: clientip.Cloudflare, Trusted: cidrs("10.0.0.0/8", "172.64.0.0/16")}, []string{"Config.Trusted 172.64.0.0/16 overlaps Cloudflare's 172.64.0.0/13"}},
		{"hops with Cloudflare", clientip.Config{Kind: clientip.Cloudflare, Hops: 1}, []string{"Config.Hops does nothing with topology cloudflare"}},
		{"no secret", clientip.Config{Kind: clientip.Forwarder}, []string{"Config.Secrets is empty"}},
		{
			"bad secrets",
			clientip.Config{Kind: clientip.Forwarder, Secrets: []string{"short", oldSecret, oldSecret, strings.Repeat("a b", 11), strings.Repeat("x", 257), strings.Repeat("é", 20)}},
			[]string{
				"Config.Secrets[0] has 5 bytes, but needs 32 to 256", "Config.Secrets[2] is there twice", "Config.Secrets[3] has a character",
				"Config.Secrets[4] has 257 bytes", "Config.Secrets[5] has a character",
			},
		},
		{"header of others", clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}, ForwarderHeader: "x-real-ip"}, []string{`"x-real-ip" has a meaning of its own`}},
		{"header of Cloudflare", clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}, ForwarderHeader: "CF-Client"}, []string{"has a meaning of its own"}},
		{"header of the secret", clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}, ForwarderHeader: "x-sallyport-forwarder"}, []string{"has a meaning of its own"}},
		{"no header name", clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}, ForwarderHeader: "X Client"}, []string{"is no name of a header"}},
		{"long header name", clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret}, ForwarderHeader: strings.Repeat("x", 65)}, []string{"is no name of a header"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rs, err := clientip.New(tt.c)
			if err == nil || rs != nil {
				t.Fatalf("got %v, %v; want an error alone", rs, err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(tt.want) {
				t.Errorf("%d mistakes, want %d:\n%v", len(lines), len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in\n%v", want, err)
				}
			}
			for _, secret := range tt.c.Secrets {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows a secret: %v", err)
				}
			}
		})
	}
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]clientip.Config{
		"direct":               {Kind: clientip.Direct},
		"widest":               {Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/8", "2001::/16", "fc00::/7", "fe80::/10")},
		"overlapping":          {Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/8", "10.0.0.0/8", "10.1.0.0/16")},
		"one address":          {Kind: clientip.Proxies, Trusted: cidrs("10.0.0.1/32", "::1/128"), Header: clientip.XForwardedFor},
		"cloudflare":           {Kind: clientip.Cloudflare},
		"cloudflare, own list": {Kind: clientip.Cloudflare, CloudflareRanges: cidrs("172.64.0.0/13")},
		"forwarder":            {Kind: clientip.Forwarder, Secrets: []string{oldSecret}, ForwarderHeader: "X-Sallyport-Client"},
	} {
		if _, err := clientip.New(c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	trusted := cidrs("10.0.0.0/24")
	rs := newResolver(t, clientip.Config{Kind: clientip.Proxies, Trusted: trusted})
	trusted[0] = netip.MustParsePrefix("203.0.113.0/24")
	if got := rs.Resolve(request(t, stranger, "X-Forwarded-For: 1.1.1.1")); got.Source != "peer" {
		t.Errorf("a later change of the list is believed: %+v", got)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	rs := newResolver(t, clientip.Config{Kind: clientip.Cloudflare, Trusted: cidrs("10.0.0.0/24")})
	resolve := func(remote string) string {
		return rs.Resolve(request(t, remote, "CF-Connecting-IP: 198.51.100.7")).Addr.String()
	}
	for _, bad := range [][]netip.Prefix{nil, {}, cidrs("0.0.0.0/0"), cidrs("203.0.113.0/24", "10.0.0.0/16"), {{}}} {
		if err := rs.Replace(bad); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
	if got := resolve(edge); got != "198.51.100.7" {
		t.Errorf("after refused lists the old one is not in force: %s", got)
	}
	list := cidrs("203.0.113.0/24")
	check(t, rs.Replace(list))
	list[0] = netip.MustParsePrefix("172.64.0.0/13")
	if got := resolve(stranger); got != "198.51.100.7" {
		t.Errorf("the new list is not in force: %s", got)
	}
	if got := resolve(edge); got != "172.70.1.1" {
		t.Errorf("the old list is still in force: %s", got)
	}
	if err := newResolver(t, clientip.Config{Kind: clientip.Direct}).Replace(list); err == nil {
		t.Error("a topology without Cloudflare takes its ranges")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for kind, word := range map[clientip.Kind]string{
		clientip.Direct: "direct", clientip.Cloudflare: "cloudflare", clientip.Proxies: "proxies", clientip.Forwarder: "forwarder",
	} {
		if got, err := clientip.ParseKind(word); got != kind || err != nil || kind.String() != word {
			t.Errorf("%s: got %v, %v", word, got, err)
		}
	}
	for header, word := range map[clientip.Header]string{
		clientip.XForwardedFor: "X-Forwarded-For", clientip.Forwarded: "Forwarded", clientip.XRealIP: "X-Real-IP",
	} {
		if got, err := clientip.ParseHeader(word); got != header || err != nil || header.String() != word {
			t.Errorf("%s: got %v, %v", word, got, err)
		}
	}
	for _, word := range []string{"", "unknown", "Direct", "x-forwarded-for", strings.Repeat("x", 1000)} {
		if k, err := clientip.ParseKind(word); k != 0 || err == nil || len(err.Error()) > 200 {
			t.Errorf("kind %.20q: %v, %v", word, k, err)
		}
		if h, err := clientip.ParseHeader(word); h != 0 || err == nil || len(err.Error()) > 200 {
			t.Errorf("header %.20q: %v, %v", word, h, err)
		}
	}
	if clientip.Kind(99).String() != "unknown" || clientip.Header(99).String() != "unknown" {
		t.Error("a value without a word has one")
	}
}
