package cors_test

// Lines that many responses have, as the standards spell them. They are written
// out here: taken from the package they would agree with its misspellings.
const (
	// Fetch, "CORS protocol", "HTTP responses".
	exposed = "Access-Control-Expose-Headers: X-Request-ID, Retry-After, RateLimit, RateLimit-Policy"
	creds   = "Access-Control-Allow-Credentials: true"
	granted = "Access-Control-Allow-Methods: GET, HEAD, POST" +
		" | Access-Control-Allow-Headers: Content-Type, Authorization, X-API-Key" +
		" | Access-Control-Max-Age: 600"
	// RFC 9110, section 12.5.5; Fetch, "CORS protocol and HTTP caches".
	vary        = "Vary: Origin"
	varyOptions = "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"

	refusedOrigin    = "403 cors.origin | " + vary
	refusedCrossSite = "403 cors.cross_site | " + vary
	passed           = "200 reached | " + vary // without any header of CORS

	preflightOrigin  = "403 cors.origin | " + varyOptions
	preflightMethod  = "403 cors.method | " + varyOptions
	preflightHeaders = "403 cors.headers | " + varyOptions
	preflightPrivate = "403 cors.private_network | " + varyOptions
)
