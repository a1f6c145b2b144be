package cors

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
)

var fuzzOrigins = []string{"https://app.example.com", "https://*.example.org", "https://*.a.example.net:8443", "http://localhost:3000", "https://*.fastly.net"}

// allowedByURL decides the same question in another way: with net/url, label
// lists and no maps. What it allows must be canonical, because a browser sends
// nothing else.
func allowedByURL(sent string) bool {
	u, err := url.Parse(sent)
	if err != nil || u.Opaque != "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(sent, "#") {
		return false
	}
	if u.Scheme+"://"+u.Host != sent || strings.ToLower(sent) != sent {
		return false
	}
	for _, text := range fuzzOrigins {
		if text == sent {
			return true
		}
		allowed, err := url.Parse(strings.Replace(text, "*.", "", 1))
		if err != nil || !strings.Contains(text, "*") || u.Scheme != allowed.Scheme || u.Port() != allowed.Port() || strings.HasSuffix(u.Host, ":") {
			continue
		}
		have, want := strings.Split(u.Hostname(), "."), strings.Split(allowed.Hostname(), ".")
		if len(have) <= len(want) || !slices.Equal(have[len(have)-len(want):], want) || len(u.Hostname()) > 253 {
			continue
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil {
			continue
		}
		if slices.ContainsFunc(have, func(label string) bool {
			return label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""
		}) {
			continue
		}
		// The suffixes of fastly.net in the private section, by hand.
		if strings.Join(want, ".") == "fastly.net" && len(have) >= 4 {
			switch strings.Join(have[len(have)-4:], ".") {
			case "a.prod.fastly.net", "global.prod.fastly.net", "a.ssl.fastly.net", "b.ssl.fastly.net", "global.ssl.fastly.net":
				return false
			}
		}
		if strings.Join(want, ".") == "fastly.net" && slices.Contains([]string{"map", "freetls"}, have[len(have)-3]) {
			return false
		}
		return true
	}
	return false
}

// The matcher agrees with the oracle on any bytes.
func FuzzMatch(f *testing.F) {
	for _, seed := range []string{
		"", "null", "*", "https://app.example.com", "https://a.example.org", "https://a.b.example.org", "https://example.org",
		"https://evilexample.org", "https://a.example.org.evil.net", "https://evil.net/.example.org", "https://evil.net?.example.org",
		"https://evil.net#.example.org", `https://evil.net\.example.org`, "https://evil@a.example.org", "https://a.example.org:443", "https://a.example.org:",
		"https://x.a.example.net:8443", "https://x.a.example.net:08443", "http://localhost:3000", "https://A.example.org", "https://.example.org",
		"https://a..example.org", "https://a.example.org.", "https://bücher.example.org", "https://%61.example.org", "https://evil.net\x00.example.org",
		"https://www.fastly.net", "https://x.freetls.fastly.net", "https://a.b.global.ssl.fastly.net", "https://a.example.org#", "https://a.example.org?",
		"https://[a.example.org", "https://[::1].example.org", "https://a_b.example.org", "https://-.example.org", "https://1.example.org",
		"https://" + strings.Repeat("a", 64) + ".example.org", "https://" + strings.Repeat("a.", 120) + "a.example.org",
	} {
		f.Add(seed)
	}
	s, err := (&Config{Mode: Header, Origins: fuzzOrigins}).settings()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		value := s.origins.match(sent)
		if got, want := value != nil, allowedByURL(sent); got != want {
			t.Errorf("match(%q) = %v, the oracle says %v", sent, got, want)
		}
		if value != nil && (len(value) != 1 || value[0] != sent) {
			t.Errorf("match(%q) answers %q", sent, value)
		}
	})
}

// Around an allowed host, nothing in front of or behind it makes a stranger's
// site match: whatever matches ends in the pattern's domain after a dot.
func FuzzSuffixTricks(f *testing.F) {
	for _, seed := range [][2]string{{"evil", ""}, {"evil.", ""}, {"", ".evil.net"}, {"evil.net/", ""}, {"a.", ":443"}, {"a.", "@evil.net"}, {"a@", ""}, {"\r\n", ""}, {"*.", ""}} {
		f.Add(seed[0], seed[1])
	}
	s, err := (&Config{Mode: Cookies, Origins: []string{"https://*.example.org"}}).settings()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		sent := "https://" + before + "example.org" + after
		if s.origins.match(sent) == nil {
			return
		}
		u, err := url.Parse(sent)
		if err != nil {
			t.Fatalf("%q matches and is no URL: %v", sent, err)
		}
		if u.Scheme != "https" || u.Port() != "" || u.User != nil || !strings.HasSuffix(u.Hostname(), ".example.org") {
			t.Errorf("%q matches; its host is %q", sent, u.Host)
		}
	})
}

// What New accepts as an exact origin is what it then allows, and browsers can
// send it; no configuration makes it panic.
func FuzzNew(f *testing.F) {
	for _, seed := range []string{
		"https://example.com", "https://*.example.com", "https://[::1]:8443", "http://127.0.0.1", "https://xn--bcher-kva.example", "https://*.*", "https://*.",
		"https://a:b:c", "https://[", "https://]:1", "https://[]", "https://@", "https://:", "://", "https://*.[::1]", "https://0x", "https://\xff", "https://a.0x1f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := Config{Mode: Cookies, Origins: []string{text}}
		s, err := c.settings()
		if err != nil {
			if !strings.HasPrefix(err.Error(), "cors: Origins: ") {
				t.Errorf("an error without its field: %v", err)
			}
			return
		}
		if s.anywhere || len(s.origins.exact)+len(s.origins.patterns) != 1 {
			t.Errorf("%q allows more than one thing", text)
		}
		example := strings.Replace(text, "*.", "sub.", 1)
		if len(example) <= maxOrigin && s.origins.match(example) == nil && len(strings.TrimPrefix(example, "https://")) <= maxHost {
			t.Errorf("%q was accepted and does not match %q", text, example)
		}
		u, err := url.Parse(example)
		if err != nil || u.Scheme+"://"+u.Host != example || u.Hostname() == "" {
			t.Errorf("%q was accepted and is no origin: %v", text, err)
		}
	})
}

// Whatever the list says, only allowed names get through.
func FuzzRequestHeaders(f *testing.F) {
	for _, seed := range []string{"", ",", "x-api-key", "content-type,x-api-key", " authorization\t, ", "X-API-Key", "x-evil", "*", "a,b", ",,,,,,,,,,,,,,,,,,,,,,"} {
		f.Add(seed, "")
		f.Add("content-type", seed)
	}
	set := newHeaderSet([]string{"Content-Type", "Authorization", "X-API-Key"})
	f.Fuzz(func(t *testing.T, one, two string) {
		if !set.covers([]string{one, two}) {
			return
		}
		for _, name := range strings.Split(one+","+two, ",") {
			switch strings.Trim(name, " \t") {
			case "", "content-type", "authorization", "x-api-key":
			default:
				t.Errorf("%q, %q: %q got through", one, two, name)
			}
		}
	})
}
