package cors_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/cors"
)

// The mode Cookies. Fetch, "CORS protocol and credentials": the very origin and
// "true", never "*". Fetch Metadata Request Headers, section 2, and the
// resource isolation policy that it is for.
func TestCookies(t *testing.T) {
	t.Parallel()
	const (
		app  = " | Origin: https://app.example.com"
		evil = " | Origin: https://evil.net"
		own  = " | Origin: https://api.example.com"
		get  = "GET " + api
		post = "POST " + api
		ok   = "200 reached | Access-Control-Allow-Origin: https://app.example.com | " + creds + " | " + exposed + " | " + vary

		same      = " | Sec-Fetch-Site: same-origin"
		sibling   = " | Sec-Fetch-Site: same-site"
		cross     = " | Sec-Fetch-Site: cross-site"
		byUser    = " | Sec-Fetch-Site: none"
		noCORS    = " | Sec-Fetch-Mode: no-cors"
		navigate  = " | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: document"
		preflight = " | Access-Control-Request-Method: POST"
	)
	run(t, cookies, []exchange{
		{"an allowed page reads", get + app + cross, ok},
		{"an allowed page writes", post + app + cross, ok},
		{"an allowed page deletes", "DELETE " + api + app + cross, ok},
		{"an allowed sibling", post + app + sibling, ok},
		{"an allowed page, older browser", post + app, ok},
		{"an allowed page's form opens a page", post + app + cross + navigate, ok},
		{"an allowed page by a pattern", post + " | Origin: https://a.example.org" + cross, "200 reached | Access-Control-Allow-Origin: https://a.example.org | " + creds + " | " + exposed + " | " + vary},
		{
			"preflight", "OPTIONS " + api + app + preflight + " | Access-Control-Request-Headers: content-type" + cross,
			"204 | Access-Control-Allow-Origin: https://app.example.com | " + creds + " | " + granted + " | " + varyOptions,
		},
		{"preflight of another page", "OPTIONS " + api + evil + preflight + cross, preflightOrigin},
		{"preflight from null", "OPTIONS " + api + " | Origin: null" + preflight + cross, preflightOrigin},
		{"preflight for another method", "OPTIONS " + api + app + " | Access-Control-Request-Method: DELETE", preflightMethod},
		{"preflight for another header", "OPTIONS " + api + app + preflight + " | Access-Control-Request-Headers: x-csrf-token", preflightHeaders},

		{"another page reads", get + evil + cross, refusedOrigin},
		{"another page writes", post + evil + cross, refusedOrigin},
		{"another page, older browser", post + evil, refusedOrigin},
		{"another page's form", post + evil + cross + navigate, refusedOrigin},
		{"another sibling writes", post + " | Origin: https://blog.example.com" + sibling, refusedOrigin},
		{"null writes", post + " | Origin: null" + cross, refusedOrigin},
		{"null, older browser", post + " | Origin: null", refusedOrigin},
		{"the pattern's own domain writes", post + " | Origin: https://example.org" + cross, refusedOrigin},
		{"an allowed host over http", post + " | Origin: http://app.example.com" + cross, refusedOrigin},
		{"two Origins write", post + app + app, refusedOrigin},
		{"a WebSocket of another page, with the cookie", get + evil + " | Connection: Upgrade | Upgrade: websocket | Sec-Fetch-Mode: websocket" + cross, refusedOrigin},

		{"the API's own page writes", post + own + same, passed},
		{"the API's own page, older browser", post + own, passed},
		{"the API's own page reads", get + same, passed},
		{"the API's own form under no-referrer", post + " | Origin: null" + same + navigate, passed},
		{"the API's own http page", post + " | Origin: http://api.example.com", refusedOrigin},
		{"the API's own origin with another site's mark, which contradict each other", post + own + cross, refusedCrossSite},
		{"and in a GET", get + own + cross, refusedCrossSite},

		{"another site writes, Origin taken off on the way", post + cross, refusedCrossSite},
		{"a sibling writes, Origin taken off", post + sibling, refusedCrossSite},
		{"a mark that nobody knows", post + " | Sec-Fetch-Site: same-party", refusedCrossSite},
		{"and in a GET: unknown is another site", get + " | Sec-Fetch-Site: same-party", refusedCrossSite},
		{"DELETE", "DELETE " + api + cross, refusedCrossSite},
		{"an unknown method is not safe", "BREW " + api + cross, refusedCrossSite},
		{"another site's form that opens a page, Origin taken off", post + cross + navigate, refusedCrossSite},

		{"another site's image", get + cross + noCORS + " | Sec-Fetch-Dest: image", refusedCrossSite},
		{"another site's script", get + cross + noCORS + " | Sec-Fetch-Dest: script", refusedCrossSite},
		{"another site's fetch without CORS", get + cross + noCORS + " | Sec-Fetch-Dest: empty", refusedCrossSite},
		{"a sibling's image", get + sibling + noCORS + " | Sec-Fetch-Dest: image", refusedCrossSite},
		{"another site's frame", get + cross + " | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: iframe", refusedCrossSite},
		{"another site's plugin", get + cross + " | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: object", refusedCrossSite},
		{"another site's download link, no page", get + cross + " | Sec-Fetch-Mode: navigate | Sec-Fetch-Dest: empty", refusedCrossSite},
		{"only the destination claims a page", get + cross + noCORS + " | Sec-Fetch-Dest: document", refusedCrossSite},
		{"HEAD of another site", "HEAD " + api + cross + noCORS, refusedCrossSite},
		{"OPTIONS of another site", "OPTIONS " + api + cross, "403 cors.cross_site | " + varyOptions},
		{"a link on another site", get + cross + navigate, passed},
		{"a link on a sibling", get + sibling + navigate, passed},
		{"HEAD of a link", "HEAD " + api + cross + navigate, passed},
		{"an address that the user typed", get + byUser + navigate, passed},
		{"a bookmarklet's POST by the user", post + byUser, passed},
		{"no browser: GET", get, passed},
		{"no browser: POST", post, passed},
		{"no browser: POST with a cookie", post + " | Cookie: session=1", passed},
		{"OPTIONS that asks nothing", "OPTIONS " + api, "200 reached | " + varyOptions},
	})
	behind := cookies
	behind.OwnOrigins = []string{"https://api.example.com"}
	run(t, behind, []exchange{
		{"behind a proxy, older browser", "POST http://10.0.0.1:8080/ | Origin: https://api.example.com", passed},
		{"behind a proxy", "POST http://10.0.0.1:8080/ | Origin: https://api.example.com | Sec-Fetch-Site: same-origin", passed},
		{"behind a proxy, another page", "POST http://10.0.0.1:8080/ | Origin: https://evil.net", refusedOrigin},
		{"behind a proxy, another page that knows Host", "POST http://10.0.0.1:8080/ | Origin: https://10.0.0.1:8080", refusedOrigin},
	})
}

func TestStats(t *testing.T) {
	t.Parallel()
	m := build(t, cookies)
	for _, request := range []string{
		"OPTIONS " + api + " | Origin: https://app.example.com | Access-Control-Request-Method: POST",
		"OPTIONS " + api + " | Origin: https://app.example.com | Access-Control-Request-Method: DELETE",
		"OPTIONS " + api + " | Origin: https://evil.net | Access-Control-Request-Method: POST",
		"POST " + api + " | Origin: https://evil.net",
		"POST " + api + " | Sec-Fetch-Site: cross-site",
		"GET " + api,
	} {
		play(t, m, request, nothing)
	}
	want := cors.Stats{Preflights: 3, RefusedPreflights: 2, RefusedOrigins: 2, RefusedCrossSite: 1}
	if got := m.Stats(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
