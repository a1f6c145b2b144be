// Package chain composes middleware in a readable order.
//
// Place in the chain: it is the chain. The wrapper listed first is the
// outermost: it sees the request first and the response last.
//
//	handler := chain.New(recorder, recoverer, ids, headers, keys.Require(apikey.Query)).Then(mux)
//
// Limits: the order is the caller's to get right; package chain knows nothing
// of what the wrappers do. Mistakes that would otherwise appear at the first
// request (a nil wrapper, a nil handler) panic while the chain is built, which
// is when the program starts.
package chain
