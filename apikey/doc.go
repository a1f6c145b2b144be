// Package apikey lets machines in by a key in the X-API-Key header.
//
// Place in the chain: inside the middleware that costs less than a key check
// to refuse (limits by address), outside everything that does work for the
// caller. [Authenticator.Require] gives the wrapper for one scope:
//
//	set, err := apikey.ParseFile("keys.yaml")
//	...
//	keys, err := apikey.New(apikey.Config{Keys: apikey.NewStore(set), Client: clientAddress})
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
// A [Watcher] puts a changed keys file into force while requests go on.
//
// # Refusals
//
// Every refusal is the uniform 403 of package problem. Why is on the event
// record only: Protection "apikey", and as Rule one of
//
//	key.missing    no X-API-Key header
//	key.locked     too many attempts of this client failed; the key was not looked at
//	key.malformed  two of them, too long, not of the form, wrong checksum
//	key.unknown    no such id, or not its secret
//	key.disabled   revoked
//	key.expired    past its time
//	key.scope      valid, but not for this
//
// The last three are found only after the secret has been verified. Before
// that, everything that is sent costs the same: one hash, one look-up and the
// same comparisons, so that time does not tell which ids there are. A key in
// the Authorization header or in the query string is not looked at: one place,
// and one that does not end up in access logs and browser histories.
//
// # Lockout
//
// A malformed or unknown key is a failed attempt of the client that
// [Config.Client] names. After 5 of them (see [Lockout]) the client is refused
// before anything is hashed, with a valid key too: if a right guess were let
// in, guesses would have to be tried, and nothing would be locked. A minute
// later it has one attempt again. What is refused during the lock does not
// lengthen it, and a success takes nothing off the count.
//
// These are no failed attempts: no header at all (browsers and crawlers send
// none), and a key that is disabled, expired or of another scope. Its holder
// has proved to know the secret, so nothing is being guessed, and one forgotten
// job would lock out everybody behind its address. A key that was deleted from
// the set is unknown, and does count: disable keys instead of deleting them
// while somebody may still send them.
//
// # Limits
//
// Clients behind one address (NAT, a company's proxy) share one count: any of
// them can lock out all. Where that is likelier than an attack, raise
// Lockout.Failures. Requests that run at the same time are all let up to the
// hash before the first of them has failed; bound them with package
// concurrency. The count takes 1 MiB, for 65,536 clients that failed lately.
// Under an attack from more, a client that failed may be locked out earlier,
// and some attackers are not locked out; one that never failed never is.
//
// A key says which program calls, not which user; where that matters use
// package bearer on that endpoint instead. Whoever has the key is the caller:
// keep it out of web pages and apps, and send it over TLS only.
//
// The request's X-API-Key header stays on the request. A handler that forwards
// requests elsewhere must remove it.
package apikey
