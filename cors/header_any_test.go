package cors_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/cors"
)

// The mode Header without Origins: any page may call, none with credentials.
// Fetch, "CORS check", step 3: "*" is enough unless credentials are included.
func TestAnyOrigin(t *testing.T) {
	t.Parallel()
	const (
		open = "200 reached | Access-Control-Allow-Origin: * | " + exposed
		ok   = "204 | Access-Control-Allow-Origin: * | " + granted + " | " + varyOptions
	)
	run(t, anyOrigin, []exchange{
		{"a page anywhere", "GET https://api.example.com/ | Origin: https://anything.example", open},
		{"the answer is the same without Origin, so that caches need no Vary", "GET https://api.example.com/", open},
		{"POST", "POST https://api.example.com/ | Origin: https://anything.example", open},
		{"HEAD", "HEAD https://api.example.com/ | Origin: https://anything.example", open},
		{"a local file or sandboxed frame: * matches null", "GET https://api.example.com/ | Origin: null", open},
		{"an http page", "GET https://api.example.com/ | Origin: http://anything.example", open},
		{"an extension", "GET https://api.example.com/ | Origin: chrome-extension://abcdefghijklmnop", open},
		{"what is in Origin is never looked at", "GET https://api.example.com/ | Origin: <script>alert(1)</script>", open},
		{"nor two of them", "GET https://api.example.com/ | Origin: https://a.example | Origin: https://b.example", open},
		{"nor a long one", "GET https://api.example.com/ | Origin: https://" + strings.Repeat("a", 5000), open},
		{"nor an empty one", "GET https://api.example.com/ | Origin:", open},
		{"a cookie changes nothing: never credentials", "GET https://api.example.com/ | Origin: https://anything.example | Cookie: session=1", open},
		{"Fetch Metadata changes nothing: keys authenticate", "POST https://api.example.com/ | Origin: https://anything.example | Sec-Fetch-Site: cross-site", open},
		{
			"preflight", "OPTIONS https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: POST | Access-Control-Request-Headers: content-type,x-api-key", ok,
		},
		{"preflight without headers", "OPTIONS https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: GET", ok},
		{
			"Authorization by its name; a * would not cover it",
			"OPTIONS https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: GET | Access-Control-Request-Headers: authorization", ok,
		},
		{"preflight from null", "OPTIONS https://api.example.com/ | Origin: null | Access-Control-Request-Method: GET", ok},
		{"preflight, another method", "OPTIONS https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: DELETE", preflightMethod},
		{
			"preflight, another header",
			"OPTIONS https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: GET | Access-Control-Request-Headers: x-evil", preflightHeaders,
		},
		{
			"preflight for a private network: nobody may, since anybody could",
			"OPTIONS https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: GET | Access-Control-Request-Private-Network: true", preflightPrivate,
		},
		{
			"OPTIONS without Access-Control-Request-Method is no preflight", "OPTIONS https://api.example.com/ | Origin: https://anything.example",
			open + " | " + varyOptions,
		},
		{"OPTIONS without Origin is no preflight", "OPTIONS https://api.example.com/ | Access-Control-Request-Method: GET", open + " | " + varyOptions},
		{
			"GET with the headers of a preflight is none", "GET https://api.example.com/ | Origin: https://anything.example | Access-Control-Request-Method: GET", open,
		},
	})
}

// Every field set.
func TestConfigured(t *testing.T) {
	t.Parallel()
	c := cors.Config{
		Mode: cors.Header, Origins: []string{"http://app.example.com", "https://app.example.com"},
		Methods: []string{"PUT", "PATCH", "purge"}, RequestHeaders: []string{"X-One", "x-two", "Authorization"},
		ResponseHeaders: []string{"ETag"}, MaxAge: 7200e9, PrivateNetwork: true, DangerouslyAllowInsecureOrigins: true,
	}
	const ok = "Access-Control-Allow-Methods: PUT, PATCH, purge | Access-Control-Allow-Headers: X-One, x-two, Authorization | Access-Control-Max-Age: 7200 | " + varyOptions
	run(t, c, []exchange{
		{
			"an insecure origin", "GET http://api.example.com/ | Origin: http://app.example.com",
			"200 reached | Access-Control-Allow-Origin: http://app.example.com | Access-Control-Expose-Headers: ETag | " + vary,
		},
		{
			"preflight", "OPTIONS http://api.example.com/ | Origin: http://app.example.com | Access-Control-Request-Method: PATCH | Access-Control-Request-Headers: authorization,x-one,x-two",
			"204 | Access-Control-Allow-Origin: http://app.example.com | " + ok,
		},
		{
			"a method of one's own, as it is spelt", "OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: purge",
			"204 | Access-Control-Allow-Origin: https://app.example.com | " + ok,
		},
		{
			"methods are case-sensitive: RFC 9110, section 9.1",
			"OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: PURGE", preflightMethod,
		},
		{"patch is not normalised: Fetch, Methods", "OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: patch", preflightMethod},
		{"POST was not listed", "OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: POST", preflightMethod},
		{
			"Content-Type was not listed",
			"OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: PUT | Access-Control-Request-Headers: content-type", preflightHeaders,
		},
		{
			"private network: WICG Private Network Access, section 3",
			"OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: PUT | Access-Control-Request-Private-Network: true",
			"204 | Access-Control-Allow-Origin: https://app.example.com | Access-Control-Allow-Private-Network: true | " + ok,
		},
		{
			"private network, another origin",
			"OPTIONS http://api.example.com/ | Origin: https://evil.example | Access-Control-Request-Method: PUT | Access-Control-Request-Private-Network: true", preflightOrigin,
		},
		{
			"private network, not true",
			"OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: PUT | Access-Control-Request-Private-Network: 1", preflightPrivate,
		},
		{
			"private network, twice",
			"OPTIONS http://api.example.com/ | Origin: https://app.example.com | Access-Control-Request-Method: PUT | Access-Control-Request-Private-Network: true | Access-Control-Request-Private-Network: true", preflightPrivate,
		},
	})
}
