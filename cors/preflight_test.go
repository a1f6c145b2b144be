package cors_test

import (
	"strings"
	"testing"
)

// Fetch, "CORS-preflight fetch": what browsers send, what they accept, and what
// nobody's browser sends.
func TestPreflight(t *testing.T) {
	t.Parallel()
	const (
		ask = "OPTIONS " + api + " | Origin: https://app.example.com | Access-Control-Request-Method: POST"
		ok  = "204 | Access-Control-Allow-Origin: https://app.example.com | " + granted + " | " + varyOptions
	)
	headers := func(value string) string { return ask + " | Access-Control-Request-Headers: " + value }
	run(t, listed, []exchange{
		{"no unsafe header", ask, ok},
		{"one", headers("content-type"), ok},
		{"all, sorted, as step 5 has them", headers("authorization,content-type,x-api-key"), ok},
		{"white space after commas, as before 2018", headers("authorization, content-type, x-api-key"), ok},
		{"a tab", headers("authorization,\tcontent-type"), ok},
		{"not sorted: a proxy's work, and harmless", headers("x-api-key,authorization"), ok},
		{"empty elements: RFC 9110, section 5.6.1.2", headers("authorization,,content-type,"), ok},
		{"only a comma", headers(","), ok},
		{"an empty list", headers(""), ok},
		{"split into lines by a proxy", headers("authorization") + " | Access-Control-Request-Headers: content-type", ok},
		{"from a pattern", "OPTIONS " + api + " | Origin: https://a.example.org | Access-Control-Request-Method: GET", strings.Replace(ok, "app.example.com", "a.example.org", 1)},
		{"from loopback", "OPTIONS " + api + " | Origin: http://localhost:3000 | Access-Control-Request-Method: GET", strings.Replace(ok, "https://app.example.com", "http://localhost:3000", 1)},
		{"HEAD", strings.Replace(ask, "POST", "HEAD", 1), ok},
		{"with a key, which no browser sends: not looked at", ask + " | X-API-Key: sp_guess", ok},
		{"Fetch Metadata is not looked at", ask + " | Sec-Fetch-Site: cross-site | Sec-Fetch-Mode: cors", ok},
		{"the path does not matter", strings.Replace(ask, api, api+"v1/no/such/path", 1), ok},

		{"one header too many", headers("authorization,content-type,x-api-key,x-evil"), preflightHeaders},
		{"another header alone", headers("x-evil"), preflightHeaders},
		{"a star", headers("*"), preflightHeaders},
		{"a part of a name", headers("x-api"), preflightHeaders},
		{"a longer name", headers("x-api-key-2"), preflightHeaders},
		{"upper case is no browser's", headers("X-API-Key"), preflightHeaders},
		{"semicolons", headers("authorization;content-type"), preflightHeaders},
		{"quotes", headers(`"authorization"`), preflightHeaders},
		{"a space in a name", headers("x-api key"), preflightHeaders},
		{"not ASCII white space", headers("authorization,\u00a0content-type"), preflightHeaders},
		{"many commas", headers(strings.Repeat(",", 30)), preflightHeaders},
		{"a megabyte of commas", headers(strings.Repeat(",", 1<<20)), preflightHeaders},
		{"a megabyte of spaces", headers(strings.Repeat(" ", 1<<20) + "x"), preflightHeaders},
		{"a megabyte of spaces before an allowed name", headers(strings.Repeat(" ", 1<<20) + "x-api-key"), preflightHeaders},
		{"an allowed name a thousand times", headers(strings.Repeat("content-type,", 1000)), preflightHeaders},
		{"many lines", headers("content-type") + strings.Repeat(" | Access-Control-Request-Headers: ", 100), preflightHeaders},
		{"the second line is bad", headers("authorization") + " | Access-Control-Request-Headers: x-evil", preflightHeaders},
		{"a response splitting attempt", headers("x-api-key\r\nSet-Cookie: a=b"), preflightHeaders},

		{"DELETE", strings.Replace(ask, "POST", "DELETE", 1), preflightMethod},
		{"lower case", strings.Replace(ask, "POST", "post", 1), preflightMethod},
		{"no method", strings.Replace(ask, ": POST", ":", 1), preflightMethod},
		{"a list of methods", strings.Replace(ask, "POST", "POST, GET", 1), preflightMethod},
		{"two methods", ask + " | Access-Control-Request-Method: GET", preflightMethod},
		{"a star for a method", strings.Replace(ask, "POST", "*", 1), preflightMethod},
		{"a space after the method", strings.Replace(ask, "POST", "POST ", 1), preflightMethod},
		{"a long method", strings.Replace(ask, "POST", strings.Repeat("A", 10000), 1), preflightMethod},
		{"CONNECT", strings.Replace(ask, "POST", "CONNECT", 1), preflightMethod},

		{"another origin", strings.Replace(ask, "app.example.com", "evil.net", 1), preflightOrigin},
		{"null may not ask", strings.Replace(ask, "https://app.example.com", "null", 1), preflightOrigin},
		{"an empty origin may not ask", strings.Replace(ask, " https://app.example.com", "", 1), preflightOrigin},
		{"two origins may not ask", ask + " | Origin: https://app.example.com", preflightOrigin},
		{"the pattern's own domain may not ask", strings.Replace(ask, "app.example.com", "example.org", 1), preflightOrigin},
		{"the API's own origin need not ask", strings.Replace(ask, "app.example.com", "api.example.com", 1) + " | Sec-Fetch-Site: same-origin", preflightOrigin},
		{"another origin, asking for more: the origin decides", strings.Replace(headers("x-evil"), "app.example.com", "evil.net", 1), preflightOrigin},
		{"private network, off", ask + " | Access-Control-Request-Private-Network: true", preflightPrivate},
		{"private network, empty", ask + " | Access-Control-Request-Private-Network:", preflightPrivate},
	})
}
