// Package ratelimit bounds how often requests come: per client, per network,
// per provider, per key, and in all.
//
// Place in the chain: inside the middleware that finds the client's address
// (package clientip), outside everything that costs more than a microsecond;
// inside the check of keys for what is counted by key.
//
//	limiter, err := ratelimit.New(ratelimit.Config{Limit: ratelimit.PerMinute(30), Key: clientip.FromRequest})
//	...
//	handler := chain.New(recorder, recoverer, ips, limiter).Then(mux)
//
// # Counting
//
// The algorithm is the generic cell rate algorithm, a token bucket that needs
// one number a key (internal/gcra): no windows, so that nothing is admitted
// twice where two of them meet. All policies of a limiter are one decision: an
// event counts against all of them or against none. A refused event uses up
// nothing, so that a client that goes on trying while refused does not lock
// itself out, and uses up nothing of what it shares with others.
//
// A [MemoryStore] has a fixed size; it never grows, however many addresses
// call. No key is ever allowed more than its limit. While more keys are in use
// than there is room for (four million in the 64 MiB of DefaultBytes; a key is
// in use until it has its whole burst again), a newcomer may be allowed less,
// by what the key it displaces had used.
//
// A [RedisStore] lets several processes share their limits. It never lets
// everything through and never takes the service down: see there for what
// happens while Redis is away.
//
// # Answers
//
// A client over a limit of its own is refused with 429 and Retry-After (RFC
// 9110, section 10.2.3), through package problem; over that of [Everybody]
// alone with 503. On the event record the Protection is "ratelimit" and the
// Rule "rate.<name of the policy>".
//
// RateLimit-Policy and RateLimit follow draft-ietf-httpapi-ratelimit-headers-10
// (September 2025; policy names are Strings, which -11 permits as well), on
// admitted and refused answers:
//
//	RateLimit-Policy: "client";q=30;w=60
//	RateLimit: "client";r=29;t=2
//
// q events are allowed in w seconds; r are left, and in t seconds there is one
// more. A burst other than q is in the parameter sallyport-burst. Who sees what:
//
//   - [ByClient] and [ByName]: the caller, always;
//   - [ByNetwork] and [ByASN]: the policy always, r and t only where it refused
//     the caller, since what is left tells how busy the neighbours are;
//   - [Everybody]: nobody. A stranger who wants to lock out all others would
//     read there how near he is.
//
// Several limiters in one chain add lines to the headers. Give their policies
// different names, or a client cannot tell which is which.
//
// # Limits
//
// Whoever has many addresses has many clients' limits: that is what [ByNetwork]
// and [ByASN] are for. Whoever may choose its own address, because Key believes
// a header that strangers write, has no limit at all. Do not do this:
//
//	Key: func(r *http.Request) netip.Addr { return netip.MustParseAddr(r.Header.Get("X-Forwarded-For")) }
//
// A rate bounds how often, not how much at once and for how long: that is
// package concurrency's.
package ratelimit
