package cors_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/cors"
)

const api = "https://api.example.com/"

// The mode Header with Origins, requests that are no preflights. Fetch, "CORS
// check", step 4: the origin must come back exactly.
func TestListedOrigins(t *testing.T) {
	t.Parallel()
	allow := func(origin string) string {
		return "200 reached | Access-Control-Allow-Origin: " + origin + " | " + exposed + " | " + vary
	}
	var exchanges []exchange
	for _, x := range []struct{ why, origin string }{
		{"the very origin", "https://app.example.com"},
		{"a subdomain", "https://a.example.org"},
		{"a deeper subdomain", "https://a.b.c.example.org"},
		{"a subdomain of one character", "https://x.example.org"},
		{"a subdomain with hyphens", "https://my--app-1.example.org"},
		{"a subdomain with an underscore, which is no host name but a domain", "https://my_app.example.org"},
		{"a subdomain that looks like another site's name", "https://example.com.example.org"},
		{"a subdomain in punycode", "https://xn--bcher-kva.example.org"},
		{"a subdomain of digits", "https://1.2.3.4.example.org"},
		{"a pattern with a port", "https://a.dev.example.net:8443"},
		{"loopback with a port", "http://localhost:3000"},
		{"an IPv4 address", "https://192.0.2.7"},
		{"an IPv6 address", "https://[2001:db8::7]:8443"},
		{"punycode", "https://xn--bcher-kva.example"},
		{"a label of 63 bytes", "https://" + strings.Repeat("a", 63) + ".example.org"},
		{"a host of 253 bytes", "https://" + strings.Repeat("a.", 120) + "a.example.org"},
	} {
		exchanges = append(exchanges, exchange{x.why, "GET " + api + " | Origin: " + x.origin, allow(x.origin)})
	}
	for _, x := range []struct{ why, origin string }{
		{"the pattern's own domain", "https://example.org"},
		{"a subdomain of an exact origin", "https://a.app.example.com"},
		{"the parent of an exact origin", "https://example.com"},
		{"suffix trick: no label's edge", "https://evilexample.org"},
		{"suffix trick: no label's edge before an exact origin", "https://evilapp.example.com"},
		{"prefix trick", "https://app.example.com.evil.net"},
		{"prefix trick on a pattern", "https://a.example.org.evil.net"},
		{"prefix trick without a dot", "https://app.example.community"},
		{"user name trick", "https://app.example.com@evil.net"},
		{"user name trick on a pattern", "https://evil.net@a.example.org"},
		{"user name with the pattern", "https://evil@a.example.org"},
		{"path trick", "https://evil.net/.example.org"},
		{"query trick", "https://evil.net?.example.org"},
		{"fragment trick", "https://evil.net#.example.org"},
		{"backslash trick", `https://evil.net\.example.org`},
		{"port trick", "https://evil.net:443.example.org"},
		{"another scheme", "http://app.example.com"},
		{"another scheme on a pattern", "http://a.example.org"},
		{"a scheme of its own", "app://a.example.org"},
		{"no scheme", "app.example.com"},
		{"only slashes", "//app.example.com"},
		{"another port", "https://app.example.com:8443"},
		{"another port on a pattern", "https://a.example.org:8443"},
		{"the pattern's port is missing", "https://a.dev.example.net"},
		{"another port than the pattern's", "https://a.dev.example.net:8444"},
		{"a longer port", "https://a.dev.example.net:84430"},
		{"a port with a leading zero", "https://a.dev.example.net:08443"},
		{"the default port written", "https://app.example.com:443"},
		{"the default port written, on a pattern", "https://a.example.org:443"},
		{"an empty port", "https://app.example.com:"},
		{"an empty port on a pattern", "https://a.example.org:"},
		{"a trailing slash", "https://app.example.com/"},
		{"a trailing dot, which is another origin", "https://app.example.com."},
		{"a trailing dot on a pattern", "https://a.example.org."},
		{"upper case: browsers send lower", "https://APP.example.com"},
		{"upper case on a pattern", "https://A.example.org"},
		{"upper case in the scheme", "HTTPS://app.example.com"},
		{"an empty label", "https://.example.org"},
		{"an empty label inside", "https://a..example.org"},
		{"the pattern itself", "https://*.example.org"},
		{"a star in a label", "https://*a.example.org"},
		{"not ASCII", "https://bücher.example.org"},
		{"not ASCII where the punycode is listed", "https://bücher.example"},
		{"percent-encoded", "https://%61.example.org"},
		{"a NUL", "https://evil.net\x00.example.org"},
		{"a line end", "https://evil.net\r\n.example.org"},
		{"a tab", "https://evil.net\t.example.org"},
		{"a space before", " https://app.example.com"},
		{"a space inside", "https://evil.net .example.org"},
		{"a backquote", "https://evil.net`.example.org"},
		{"a brace", "https://evil.net}.example.org"},
		{"an exclamation mark, which Safari lets through", "https://evil.net!.example.org"},
		{"a comma and a second origin", "https://app.example.com,https://evil.net"},
		{"two origins with a space, as RFC 6454 has them", "https://app.example.com https://evil.net"},
		{"a label of 64 bytes", "https://" + strings.Repeat("a", 64) + ".example.org"},
		{"a host of 254 bytes", "https://" + strings.Repeat("a.", 120) + "aa.example.org"},
		{"10 kB", "https://" + strings.Repeat("a.", 5000) + "example.org"},
		{"null", "null"},
		{"Null", "Null"},
		{"empty", ""},
		{"a star", "*"},
		{"an IPv4 address in another spelling", "https://0xc0000207"},
		{"an IPv6 address in another spelling", "https://[2001:db8:0::7]:8443"},
		{"loopback on another port", "http://localhost:3001"},
		{"loopback by address where the name is listed", "http://127.0.0.1:3000"},
		{"data URL", "data:text/html,hello"},
		{"file", "file://"},
	} {
		exchanges = append(exchanges, exchange{"refused: " + x.why, "POST " + api + " | Origin: " + x.origin, refusedOrigin})
	}
	exchanges = append(exchanges, []exchange{
		{"no Origin: Vary all the same, or a cache would give this answer to a page", "GET " + api, passed},
		{"no Origin, POST: no browser's", "POST " + api, passed},
		{"two Origins, both allowed", "GET " + api + " | Origin: https://app.example.com | Origin: https://app.example.com", refusedOrigin},
		{"two Origins, one allowed", "GET " + api + " | Origin: https://app.example.com | Origin: https://evil.net", refusedOrigin},
		{"HEAD is refused without a body", "HEAD " + api + " | Origin: https://evil.net", refusedOrigin},
		{"GET of another origin does no work either", "GET " + api + " | Origin: https://evil.net", refusedOrigin},
		{"a WebSocket of another origin", "GET " + api + " | Origin: https://evil.net | Connection: Upgrade | Upgrade: websocket", refusedOrigin},
		{"a header of forwarding does not make another origin", "GET " + api + " | Origin: https://evil.net | X-Forwarded-Host: evil.net | X-Forwarded-Proto: https", refusedOrigin},
		{"Referer is not looked at", "GET " + api + " | Origin: https://evil.net | Referer: https://app.example.com/", refusedOrigin},
		{"a cookie does not make credentials", "GET " + api + " | Origin: https://app.example.com | Cookie: a=b", allow("https://app.example.com")},
		{"Fetch Metadata does not matter to keys", "POST " + api + " | Sec-Fetch-Site: cross-site", passed},
		{"OPTIONS that is no preflight", "OPTIONS " + api + " | Origin: https://app.example.com", "200 reached | Access-Control-Allow-Origin: https://app.example.com | " + exposed + " | " + varyOptions},
		{"OPTIONS that is no preflight, another origin", "OPTIONS " + api + " | Origin: https://evil.net", preflightOrigin},
		{"OPTIONS without Origin", "OPTIONS " + api, "200 reached | " + varyOptions},
		{"an unknown method", "BREW " + api + " | Origin: https://evil.net", refusedOrigin},
	}...)
	run(t, listed, exchanges)
}

// Browsers put Origin on requests to the API's own origin.
func TestOwnOrigin(t *testing.T) {
	t.Parallel()
	behind := cors.Config{Mode: cors.Header, Origins: []string{"https://app.example.com"}, OwnOrigins: []string{"https://api.example.com", "https://www.example.net:8443"}}
	t.Run("recognised", func(t *testing.T) {
		t.Parallel()
		run(t, listed, []exchange{
			{"POST over TLS", "POST https://api.example.com/ | Origin: https://api.example.com", passed},
			{"POST over HTTP", "POST http://10.0.0.1:8080/ | Origin: http://10.0.0.1:8080", passed},
			{"Host with the default port", "POST https://api.example.com:443/ | Origin: https://api.example.com", passed},
			{"Host with the default port of http", "POST http://api.example.com:80/ | Origin: http://api.example.com", passed},
			{"an IPv6 Host", "POST http://[::1]:8080/ | Origin: http://[::1]:8080", passed},
			{"the http page of the https API", "POST https://api.example.com/ | Origin: http://api.example.com", refusedOrigin},
			{"the https page of the http API", "POST http://api.example.com/ | Origin: https://api.example.com", refusedOrigin},
			{"another port of the same host", "POST https://api.example.com/ | Origin: https://api.example.com:8443", refusedOrigin},
			{"the other way round", "POST https://api.example.com:8443/ | Origin: https://api.example.com", refusedOrigin},
			{"TLS ended in front: the browser's word", "POST http://api.example.com/ | Origin: https://api.example.com | Sec-Fetch-Site: same-origin", passed},
			{"a form on a page with Referrer-Policy: no-referrer", "POST https://api.example.com/ | Origin: null | Sec-Fetch-Site: same-origin", passed},
			{"null from a sandboxed frame", "POST https://api.example.com/ | Origin: null | Sec-Fetch-Site: cross-site", refusedOrigin},
			{"a sibling", "POST https://api.example.com/ | Origin: https://blog.example.com | Sec-Fetch-Site: same-site", refusedOrigin},
			{"Sec-Fetch-Site twice is no browser's", "POST https://api.example.com/ | Origin: https://evil.net | Sec-Fetch-Site: same-origin | Sec-Fetch-Site: same-origin", refusedOrigin},
			{"two Origins", "POST https://api.example.com/ | Origin: https://api.example.com | Origin: https://api.example.com | Sec-Fetch-Site: same-origin", refusedOrigin},
			{"a preflight: browsers send none to their own origin", "OPTIONS https://api.example.com/ | Origin: https://api.example.com | Access-Control-Request-Method: GET", preflightOrigin},
		})
	})
	t.Run("configured", func(t *testing.T) {
		t.Parallel()
		run(t, behind, []exchange{
			{"TLS ended in front", "POST http://10.0.0.1:8080/ | Origin: https://api.example.com", passed},
			{"with a port", "POST http://10.0.0.1:8080/ | Origin: https://www.example.net:8443", passed},
			{"no subdomains", "POST http://10.0.0.1:8080/ | Origin: https://a.api.example.com", refusedOrigin},
			{"listed origins still get their headers", "POST http://10.0.0.1:8080/ | Origin: https://app.example.com", "200 reached | Access-Control-Allow-Origin: https://app.example.com | " + exposed + " | " + vary},
		})
	})
}

// A pattern whose domain has other people's names below it matches none of them.
func TestPatternStopsAtSuffixes(t *testing.T) {
	t.Parallel()
	c := cors.Config{Mode: cors.Header, Origins: []string{"https://*.fastly.net", "https://*.myorg.github.io"}}
	run(t, c, []exchange{
		{"the owner's", "GET " + api + " | Origin: https://www.fastly.net", "200 reached | Access-Control-Allow-Origin: https://www.fastly.net | " + exposed + " | " + vary},
		{"a customer's, below a suffix of the private section", "GET " + api + " | Origin: https://evil.freetls.fastly.net", refusedOrigin},
		{"the suffix itself", "GET " + api + " | Origin: https://freetls.fastly.net", refusedOrigin},
		{"below one's own name on a suffix", "GET " + api + " | Origin: https://a.myorg.github.io", "200 reached | Access-Control-Allow-Origin: https://a.myorg.github.io | " + exposed + " | " + vary},
		{"a neighbour on the suffix", "GET " + api + " | Origin: https://evil.github.io", refusedOrigin},
	})
}
