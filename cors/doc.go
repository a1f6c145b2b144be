// Package cors decides which web pages may call the API from a browser, by
// the Fetch standard (https://fetch.spec.whatwg.org, "HTTP extensions: CORS
// protocol"), and keeps other people's pages from acting with a user's cookies.
//
// Place in the chain: inside secheaders, outside limits and keys. A preflight
// carries no key (Fetch, "CORS-preflight fetch", sends no credentials), so it
// must be answered before a key is asked for; and a page that may not call
// should do no work. Refusals from further in, such as 403 and 429, then carry
// the CORS headers that let an allowed page read them.
//
// # Modes
//
// With [Header] the API authenticates by a header that pages must know, such
// as X-API-Key. Without Origins any page may call: every response says
// "Access-Control-Allow-Origin: *", which never comes with credentials. With
// Origins only pages of these origins may.
//
// With [Cookies] browsers authenticate by themselves, so the origins must be
// listed; and requests that another site makes a browser send are refused,
// whether or not the CORS protocol covers them (see Refusals).
//
// # Origins
//
// An origin is compared as a whole with the canonical form that browsers send:
// lower case, punycode, no default port, no trailing slash. "https://*.example.com"
// is a pattern: one or more whole labels stand for the star, so that
// https://a.example.com and https://a.b.example.com match, and
// https://example.com, https://evilexample.com, https://example.com.evil.net,
// http://a.example.com and https://a.example.com:8443 do not. A pattern cannot
// span a public suffix, where strangers have domains: *.com, *.co.uk,
// *.github.io and *.vercel.app are refused by [New]. And it never matches a
// host with a public suffix below the pattern's own domain: *.amazonaws.com
// does not match a stranger's bucket.s3.amazonaws.com.
//
// # Answers
//
// A preflight is an OPTIONS request with Origin and
// Access-Control-Request-Method. It ends here: 204 without a body if allowed,
// else the uniform 403 of package problem without any CORS header. Nothing of a
// request comes back in a response but an allowed origin. Where the answer
// depends on the origin every response has "Vary: Origin", also refusals and
// responses to requests without Origin; responses to OPTIONS also vary by the
// Access-Control-Request headers.
//
// # Refusals
//
// The client sees the uniform 403. The event record has the protection "cors"
// and one of the rules
//
//	cors.origin           another origin than allowed, "null", malformed, or two
//	cors.method           a preflight for another method than allowed
//	cors.headers          a preflight for another header than allowed
//	cors.private_network  a preflight from a public page for a private network
//	cors.cross_site       cookies mode: another site made the browser send it
//
// An actual request from another origin than allowed is refused as well, not
// only its answer hidden. Requests of the API's own origin pass: see
// [Config.OwnOrigins]. In cookies mode, what carries no allowed Origin is
// judged by Fetch Metadata: unsafe methods by [http.CrossOriginProtection];
// GET and HEAD pass if the same origin or the user sent them, or as a link that
// opens a page (Sec-Fetch-Mode: navigate, Sec-Fetch-Dest: document), and are
// refused as images, scripts, frames and the like of other sites, sibling
// subdomains included. An allowed page that embeds an image sets its
// crossorigin attribute; then there is an Origin.
//
// # Limits
//
// CORS binds browsers. Other programs send any Origin or none; a request
// without Origin and Fetch Metadata passes. It is no authentication.
//
// Same-origin GET requests carry no Origin, so DNS rebinding is not found here.
// It gains nothing where a key or a cookie is asked for, since an attacker's
// host name brings neither; a server that is open to a private network should
// check Host.
//
// Headers are set before the next handler runs. A handler that replaces Vary
// (Header().Set) loses "Origin": use Add. A handler that sets
// Access-Control-Allow-Origin itself, or copies it from an upstream, replaces
// our answer: remove the upstream's.
//
// Do not answer a page by putting its own Origin into the allowed list:
//
//	cors.Config{Mode: cors.Cookies, Origins: []string{r.Header.Get("Origin")}} // anybody
package cors
