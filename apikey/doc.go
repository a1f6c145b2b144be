// Package apikey lets machines in by a key in the X-API-Key header.
//
// Place in the chain: inside the middleware that costs less than a key check
// to refuse (limits by address), outside everything that does work for the
// caller. [Authenticator.Require] gives the wrapper for one scope:
//
//	set, err := apikey.ParseFile("keys.yaml")
//	...
//	keys, err := apikey.New(apikey.Config{Keys: apikey.NewStore(set)})
//	...
//	handler := chain.New(recorder, recoverer, keys.Require(apikey.Query)).Then(mux)
//
// # Keys
//
// A key looks like sp_<id>_<secret>: a public id of 10 characters, and a
// secret of 256 random bits followed by a checksum. The prefix and the checksum
// let secret scanners recognise a leaked key, and let a mistyped one be told
// from a wrong one, without looking anything up. See [ParseKey] for the exact form.
//
// Only the SHA-256 of a key is kept. A fast hash is right here, where it would
// be wrong for a password: slow hashes exist to make guessing expensive when
// the secret is one of a few billion likely ones. A secret of 256 random bits
// is not guessed at any speed, and a slow hash on every request would hand
// strangers a way to burn our CPU.
//
// # Refusals
//
// Every refusal is the uniform 403 of package problem. Why is on the event
// record only: Protection "apikey", and as Rule one of
//
//	key.missing    no X-API-Key header
//	key.malformed  two of them, too long, not of the form, wrong checksum
//	key.unknown    no such id, or not its secret
//	key.disabled   revoked
//	key.expired    past its time
//	key.scope      valid, but not for this
//
// The last three are found only after the secret has been verified. A key in
// the Authorization header or in the query string is not looked at: one place,
// and one that does not end up in access logs and browser histories.
//
// # Limits
//
// A key says which program calls, not which user; where that matters use
// package bearer on that endpoint instead. Whoever has the key is the caller:
// keep it out of web pages and apps, and send it over TLS only. This package
// does not count failed attempts; against guessing, 2^256 is enough, and
// against noise there are the rate limits.
//
// The request's X-API-Key header stays on the request. A handler that forwards
// requests elsewhere must remove it.
package apikey
