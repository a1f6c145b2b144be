package cors_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/cors"
)

// What an entry of Origins is refused for. The error names it and says what to
// write instead. WHATWG HTML, "serialization of an origin"; WHATWG URL.
func TestOriginsRefused(t *testing.T) {
	t.Parallel()
	const pattern = "the one form of a pattern is https://*.example.com"
	for _, tt := range []struct{ origin, want string }{
		{"null", "every sandboxed frame"},
		{"NULL", "every sandboxed frame"},
		{"", "remove it"},
		{"example.com", "has no scheme; write https://example.com"},
		{"//example.com", "has no scheme; write https://example.com"},
		{"localhost:3000", "has no scheme; write https://localhost:3000"},
		{"ftp://example.com", `has the scheme "ftp"`},
		{"chrome-extension://abc", `has the scheme "chrome-extension"`},
		{"*://example.com", `has the scheme "*"`},
		{"HTTPS://example.com", "browsers send https://example.com"},
		{"https://example.com/", "trailing slash, which is no part of an origin; write https://example.com"},
		{"https://example.com/app", `(\"/app\"), which is no part of an origin; write https://example.com`},
		{"https://example.com?a=b", "path, query or fragment"},
		{"https://example.com#top", "path, query or fragment"},
		{`https://example.com\app`, "path, query or fragment"},
		{"https://*.example.com/*", "path, query or fragment"},
		{"https://user@example.com", "has a user name; write https://example.com"},
		{"https://user:pass@example.com:8443", "has a user name; write https://example.com:8443"},
		{" https://example.com", "white space"},
		{"https://example.com ", "white space"},
		{"https://a.example https://b.example", "white space"},
		{"https://example.com\r\nSet-Cookie:a", "white space"},
		{"https://", "has no host"},
		{"https://:8443", "has no host"},
		{"https://example.com:", "has no host"},
		{"https://example.com:443", "the scheme's own port, which browsers leave out; write https://example.com"},
		{"http://localhost:80", "the scheme's own port, which browsers leave out; write http://localhost"},
		{"https://*.example.com:443", "write https://*.example.com"},
		{"https://example.com:0", "ports are 1 to 65535"},
		{"https://example.com:08443", "ports are 1 to 65535"},
		{"https://example.com:65536", "ports are 1 to 65535"},
		{"https://example.com:http", "ports are 1 to 65535"},
		{"https://example.com:*", "list each port"},
		{"https://Example.com", "upper case in its host; browsers send example.com"},
		{"https://*.EXAMPLE.com", "browsers send example.com"},
		{"https://bücher.example", "not ASCII; browsers send xn--bcher-kva.example"},
		{"https://*.bücher.example", "browsers send xn--bcher-kva.example"},
		{"https://\xff.example", "not ASCII"},
		{"https://xn--a.example", "no punycode"},
		{"https://example.com.", "a dot after its host"},
		{"https://a..example", "no domain name"},
		{"https://.example.com", "no domain name"},
		{"https://exa%6dple.com", "no domain name"},
		{"https://example.com,https://b.example", "one origin an entry"},
		{"https://exam!ple.com", "no domain name"},
		{"https://" + strings.Repeat("a", 64) + ".example", "no domain name"},
		{"https://" + strings.Repeat("a.", 130) + "example", "no domain name"},
		{"https://127.1", "browsers send IPv4 addresses as"},
		{"https://0x7f.0.0.1", "browsers send IPv4 addresses as"},
		{"https://2130706433", "browsers send IPv4 addresses as"},
		{"https://example.1", "browsers send IPv4 addresses as"},
		{"https://192.0.2.256", "browsers send IPv4 addresses as"},
		{"https://[2001:DB8::7]", "upper case in its host; browsers send [2001:db8::7]"},
		{"https://[2001:db8:0:0::7]", "write [2001:db8::7]"},
		{"https://2001:db8::7", "has the host"},
		{"https://[fe80::1%25eth0]", "IPv6 addresses as"},
		{"https://[::ffff:192.0.2.7]", "IPv4 addresses as"},
		{"https://[192.0.2.7]", "IPv6 addresses as"},
		{"http://example.com", "use https, or set DangerouslyAllowInsecureOrigins"},
		{"http://*.example.com", "use https, or set DangerouslyAllowInsecureOrigins"},
		{"http://10.0.0.1:3000", "use https, or set DangerouslyAllowInsecureOrigins"},
		{"http://localhost.example.com", "use https"},
		{"https://*", pattern},
		{"https://**.example.com", pattern},
		{"https://*example.com", pattern},
		{"https://app*.example.com", pattern},
		{"https://app.*.example.com", pattern},
		{"https://*.*.example.com", pattern},
		{"https://example.*", pattern},
		{"https://*.0.0.1", "IP addresses, which have no subdomains"},
		{"https://*.2.7", "IP addresses, which have no subdomains"},
		{"https://*.[2001:db8::7]", "IP addresses, which have no subdomains"},
		{"https://*.com", "top-level domain"},
		{"https://*.internal", "top-level domain"},
		{"http://*.localhost:3000", "top-level domain"},
		{"https://*.co.uk", "the public suffix co.uk"},
		{"https://*.github.io", "the public suffix github.io"},
		{"https://*.vercel.app", "the public suffix vercel.app"},
		{"https://*.netlify.app", "the public suffix netlify.app"},
		{"https://*.pages.dev", "the public suffix pages.dev"},
		{"https://*.onrender.com", "the public suffix onrender.com"},
		{"https://*.up.railway.app", "the public suffix up.railway.app"},
		{"https://*.railway.app", "spans up.railway.app"},
		{"https://*.railway.app:8443", "spans up.railway.app"},
		{"https://*.run.app", "public suffix"},
		{"https://*.digitaloceanspaces.com", "public suffixes below digitaloceanspaces.com"},
		{"https://*.kawasaki.jp", "public suffix"},
		{"https://*.amazonaws.com", "spans s3.amazonaws.com"},
		{"https://*.azure.com", "spans cloudapp.azure.com"},
		{"https://*.westeurope.cloudapp.azure.com", "spans cloudapp.azure.com"},
		{"https://*.windows.net", "spans blob.core.windows.net"},
		{"https://*.surge.sh", "spans surge.sh"},
		{"https://*.gradio.live", "spans gradio.live"},
		{"https://*.nip.io", "spans nip.io"},
		{"https://*.euw.devtunnels.ms", "spans devtunnels.ms"},
		{"https://*.github.dev", "spans app.github.dev"},
	} {
		t.Run(tt.origin, func(t *testing.T) {
			t.Parallel()
			_, err := cors.New(cors.Config{Mode: cors.Header, Origins: []string{tt.origin}})
			if err == nil {
				t.Fatal("accepted")
			}
			text := err.Error()
			quoted := fmt.Sprintf("%.100q", tt.origin)
			if want := strings.ReplaceAll(tt.want, `\"`, `"`); !strings.Contains(text, want) || !strings.Contains(text, quoted) {
				t.Errorf("the error %q does not say %q of %s", text, want, quoted)
			}
			if strings.Count(text, "\n") > 0 {
				t.Errorf("more than one error for one mistake:\n%s", text)
			}
		})
	}
}

func TestOriginsAccepted(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{
		"https://example.com", "https://example.com:8443", "https://app.example.com", "https://*.example.com",
		"https://*.example.com:8443", "https://*.a.b.example.co.uk", "https://my_app.example.com", "https://intranet",
		"https://192.0.2.7", "https://[2001:db8::7]", "https://[2001:db8::7]:8443", "https://xn--bcher-kva.example",
		"http://localhost", "http://localhost:3000", "http://app.localhost:3000", "http://127.0.0.1:3000", "http://127.8.8.8", "http://[::1]:3000",
		"https://me.github.io", "https://my-app.vercel.app", "https://my-app.up.railway.app", "https://example.surge.sh", // one's own
		"https://*.me.github.io", "https://*.city.kawasaki.jp", "https://*.corp.internal",
		"https://" + strings.Repeat("a.", 120) + "a.example.org",
	} {
		if _, err := cors.New(cors.Config{Mode: cors.Cookies, Origins: []string{origin}}); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	app := []string{"https://app.example.com"}
	many := make([]string, 1001)
	names := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf("https://a%d.example.com", i)
	}
	for i := range names {
		names[i] = fmt.Sprintf("X-%d", i)
	}
	for _, tt := range []struct {
		why    string
		config cors.Config
		want   string
	}{
		{"nothing", cors.Config{}, "Mode 0 is none; use Header"},
		{"no mode", cors.Config{Origins: app}, "Mode 0 is none"},
		{"no such mode", cors.Config{Mode: 3}, "Mode 3 is none"},
		{"cookies from anywhere", cors.Config{Mode: cors.Cookies}, "Origins is empty; with cookies every origin that may call must be listed"},
		{"cookies with a star", cors.Config{Mode: cors.Cookies, Origins: []string{"*"}}, `"*" would let every website act with the user's cookies`},
		{"a star", cors.Config{Mode: cors.Header, Origins: []string{"*"}}, `"*" is no entry; leave Origins empty`},
		{"the same twice", cors.Config{Mode: cors.Header, Origins: append(app[:1:1], app...)}, `"https://app.example.com" twice`},
		{"too many", cors.Config{Mode: cors.Header, Origins: many}, "Origins has 1001 entries; at most 1000"},
		{"own without origins", cors.Config{Mode: cors.Header, OwnOrigins: app}, "OwnOrigins has no effect"},
		{"too many own", cors.Config{Mode: cors.Header, Origins: app, OwnOrigins: many}, "OwnOrigins has 1001 entries"},
		{"an own pattern", cors.Config{Mode: cors.Header, Origins: app, OwnOrigins: []string{"https://*.example.com"}}, "OwnOrigins: \"https://*.example.com\" is a pattern"},
		{"a bad own origin", cors.Config{Mode: cors.Header, Origins: app, OwnOrigins: []string{"api.example.com"}}, "OwnOrigins: \"api.example.com\" has no scheme"},
		{"an own origin twice", cors.Config{Mode: cors.Header, Origins: app, OwnOrigins: append(app[:1:1], app...)}, "OwnOrigins has \"https://app.example.com\" twice"},
		{"the private network for anybody", cors.Config{Mode: cors.Header, PrivateNetwork: true}, "PrivateNetwork would let every website"},
		{"a negative age", cors.Config{Mode: cors.Header, MaxAge: -1}, "MaxAge -1ns must be positive"},
		{"a fraction of a second", cors.Config{Mode: cors.Header, MaxAge: 1500 * time.Millisecond}, "in whole seconds"},
		{"longer than any browser", cors.Config{Mode: cors.Header, MaxAge: 24*time.Hour + time.Second}, "use at most 24h"},
		{"any method", cors.Config{Mode: cors.Header, Methods: []string{"*"}}, "Methods: there is no wildcard"},
		{"no token", cors.Config{Mode: cors.Header, Methods: []string{"GET, POST"}}, `Methods: "GET, POST" is no token`},
		{"lower case", cors.Config{Mode: cors.Header, Methods: []string{"put"}}, "write PUT"},
		{"lower-case patch", cors.Config{Mode: cors.Header, Methods: []string{"patch"}}, "write PATCH"},
		{"a forbidden method", cors.Config{Mode: cors.Header, Methods: []string{"TRACE"}}, "never let a page use"},
		{"a method twice", cors.Config{Mode: cors.Header, Methods: []string{"PUT", "PUT"}}, `"PUT" is there twice`},
		{"an empty method", cors.Config{Mode: cors.Header, Methods: []string{""}}, "Methods: an entry is empty"},
		{"too many methods", cors.Config{Mode: cors.Header, Methods: names}, "Methods has 101 entries"},
		{"any request header", cors.Config{Mode: cors.Header, RequestHeaders: []string{"*"}}, "RequestHeaders: there is no wildcard"},
		{"a forbidden header", cors.Config{Mode: cors.Header, RequestHeaders: []string{"Cookie"}}, "never let a page set"},
		{"a forbidden prefix", cors.Config{Mode: cors.Header, RequestHeaders: []string{"Sec-Fetch-Site"}}, "never let a page set"},
		{"another forbidden prefix", cors.Config{Mode: cors.Header, RequestHeaders: []string{"PROXY-Authorization"}}, "never let a page set"},
		{"a header twice, in any case", cors.Config{Mode: cors.Header, RequestHeaders: []string{"X-A", "x-a"}}, `"x-a" is there twice`},
		{"no header name", cors.Config{Mode: cors.Header, RequestHeaders: []string{"X-A: b"}}, "is no token"},
		{"too many headers", cors.Config{Mode: cors.Header, RequestHeaders: names}, "RequestHeaders has 101 entries"},
		{"any response header", cors.Config{Mode: cors.Header, ResponseHeaders: []string{"*"}}, "ResponseHeaders: there is no wildcard"},
		{"a cookie", cors.Config{Mode: cors.Header, ResponseHeaders: []string{"Set-Cookie"}}, "never let a page read"},
		{"a safelisted one", cors.Config{Mode: cors.Header, ResponseHeaders: []string{"Content-Type"}}, "can always read"},
		{"too long", cors.Config{Mode: cors.Header, ResponseHeaders: []string{strings.Repeat("a", 101)}}, "of at most 100 bytes"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			_, err := cors.New(tt.config)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %q, want %q alone", err, tt.want)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := cors.New(cors.Config{
		Mode: cors.Cookies, Origins: []string{"*", "null", "https://*.vercel.app", "example.com"}, OwnOrigins: []string{"https://api.example.com/"},
		Methods: []string{"get"}, RequestHeaders: []string{"*"}, ResponseHeaders: []string{"Set-Cookie"}, MaxAge: -time.Second,
	})
	if err == nil {
		t.Fatal("accepted")
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 9 {
		t.Errorf("%d errors, want 9:\n%v", len(lines), err)
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !strings.HasPrefix(line, "cors: ") {
			t.Errorf("an error does not say whose it is: %s", line)
		}
	}
}

// A list with a thousand entries is matched as a short one is.
func TestManyOrigins(t *testing.T) {
	t.Parallel()
	c := cors.Config{Mode: cors.Header}
	for i := range 500 {
		c.Origins = append(c.Origins, fmt.Sprintf("https://a%d.example.com", i), fmt.Sprintf("https://*.b%d.example.com", i))
	}
	m := build(t, c)
	c.Origins[0] = "https://evil.net" // New has copied
	for origin, want := range map[string]string{
		"https://a0.example.com": "200", "https://a499.example.com": "200", "https://x.b499.example.com": "200",
		"https://a500.example.com": "403", "https://b1.example.com": "403", "https://evil.net": "403",
	} {
		if got := play(t, m, "GET "+api+" | Origin: "+origin, nothing); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", origin, got, want)
		}
	}
}

func TestParseMode(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cors.Mode{"header": cors.Header, "cookies": cors.Cookies} {
		got, err := cors.ParseMode(name)
		if err != nil || got != want || got.String() != name {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "Header", "cookie", "none", "*", " header"} {
		if got, err := cors.ParseMode(name); err == nil || got != 0 {
			t.Errorf("%q: %v, %v", name, got, err)
		}
	}
	if got := cors.Mode(0).String(); got != "unknown" {
		t.Errorf("the zero mode is %q", got)
	}
}

func TestWrapWithoutNew(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]*cors.CORS{"nil": nil, "zero": {}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			m.Wrap(nil)
		}()
	}
}

// Nothing that a Config says is shared with the caller's slices.
func TestConfigIsCopied(t *testing.T) {
	t.Parallel()
	c := cors.Config{Mode: cors.Header, Methods: []string{"PUT"}, RequestHeaders: []string{"X-A"}, ResponseHeaders: []string{"X-B"}}
	before := c
	m := build(t, c)
	const ask = "OPTIONS " + api + " | Origin: https://a.example | Access-Control-Request-Method: PUT | Access-Control-Request-Headers: x-a"
	first := play(t, m, ask, nothing)
	c.Methods[0], c.RequestHeaders[0], c.ResponseHeaders[0] = "POST", "X-C", "X-D"
	if second := play(t, m, ask, nothing); first != second || !strings.HasPrefix(first, "204") {
		t.Errorf("got\n%s\nthen\n%s", first, second)
	}
	if !reflect.DeepEqual(before, c) {
		t.Error("Config was copied by the test itself")
	}
}
