// Package bearer lets users in by an access token or ID token of an OpenID
// Connect or OAuth 2 issuer: a signed JWT in Authorization: Bearer.
//
// Place in the chain: inside the limits by address, which cost less than a
// signature, and outside everything that does work for the caller.
// [Verifier.Require] gives the wrapper for one set of scopes:
//
//	tokens, err := bearer.New(ctx, bearer.Config{
//		Issuer:   "https://accounts.example.com",
//		Audience: []string{"https://api.example.com"},
//		Emails:   []string{"ana@example.com", "@example.org"},
//		Client:   clientOf, // whom failed attempts are counted against
//	})
//	...
//	defer tokens.Close()
//	handler := chain.New(recorder, recoverer, tokens.Require("query")).Then(mux)
//
// # What is accepted
//
// One Authorization line of at most 8 KiB with a JWS of three parts (RFC 7515,
// section 7.1), whose algorithm is on the allowlist and belongs to the key, whose
// signature is by a key that the issuer publishes, and whose claims say that it
// was issued by this issuer, for this audience, is in its time, and speaks for
// somebody who is expected here. Nothing of the payload is read before the
// signature holds. Algorithms with a shared secret, and "none", do not exist here.
//
// What a token says of keys (jku, jwk, x5u, x5c) is not looked at. Refused are:
// critical extensions (crit), encrypted and nested tokens, members that occur
// twice, kinds of tokens that are made for something else (a logout token, a
// DPoP proof), and tokens bound to a key or certificate of their holder (cnf,
// RFC 9449 and RFC 8705), because nothing here could prove the binding.
//
// # Keys
//
// They are found by discovery (OpenID Connect Discovery 1.0, section 4, and RFC
// 8414, section 3, where that is not there), read again by one goroutine every
// [Config.Refresh], and when a token names a key that is not known, at most
// once in [Config.MinRefresh] however many such tokens come.
//
// An issuer that is away does not stop the start: [New] warns, every token is
// refused with 503 until the keys are there, and reading is tried again after 1 s,
// 2 s, 4 s and so on up to a minute. Keys that could not be confirmed for a day
// longer than Refresh are no longer used. A discovery document that names
// another issuer, or keys at an address that may not be used, is an error of [New].
//
// # Refusals
//
// What fails to authenticate is 401 with a challenge (RFC 6750, section 3) of
// constant text; a valid token that lacks a scope is 403 with
// error="insufficient_scope"; a valid token of somebody who is not expected here
// is the uniform 403, since another token would not help; no keys is 503. Which
// it was is on the event record only: Protection "bearer", and as Rule one of
//
//	bearer.missing      no Authorization header, or of another scheme
//	bearer.malformed    two of them, too long, not a JWT in its exact form
//	bearer.algorithm    its algorithm is not on the allowlist
//	bearer.type         made for something else, or needs what is not supported
//	bearer.key          no key of the issuer has this id and algorithm
//	bearer.signature    not signed by the key it names
//	bearer.claims       claims missing, of a wrong type, or twice
//	bearer.issuer       of another issuer
//	bearer.audience     for another audience
//	bearer.expired      past its time
//	bearer.not_yet      before its time
//	bearer.lifetime     valid for longer than is allowed
//	bearer.bound        bound to a key or certificate of its holder
//	bearer.client       given to a client that is not listed
//	bearer.subject      speaks for a user who is not listed
//	bearer.email        the same, where e-mail addresses are listed
//	bearer.scope        lacks a scope
//	bearer.unavailable  there are no keys to judge it by
//	bearer.locked       the client is locked out
//
// From issuer on, the signature holds; from expired on, the record has the subject.
//
// # Failed attempts
//
// They are counted by client address, and lock it out for a while. No token, a
// token out of its time, a missing scope and unavailable keys are no failed
// attempts; neither is an unknown key while the issuer is away. A locked client
// is answered as if its token were wrong, before anything is computed.
//
// # Limits
//
// Whoever has the token is the user: send it over TLS only. A token is valid until
// it expires; a user who signed out, or was removed at the issuer, is let in until
// then (the last check of a repeated token is at most a minute old). Opaque tokens
// are refused; there is no introspection (RFC 7662). Issuers with a placeholder
// in their name (multi-tenant Entra ID) are not supported.
//
// The request's Authorization header stays on the request. A handler that
// forwards requests elsewhere must remove it.
package bearer
