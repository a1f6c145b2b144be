// Package httpapi is the HTTP front: it parses requests, hands them to
// internal/query and writes what comes back. It decides nothing about SQL.
//
// Place in the chain: innermost. internal/server mounts [API.Routes] on a
// problem.Mux behind the protections and gives each route the access rule that
// it names. Authentication, limits and the security headers are not here.
//
//	api, err := httpapi.New(httpapi.Config{Service: service})
//	mux := problem.NewMux()
//	for _, route := range api.Routes() {
//		mux.Handle(route.Pattern, guards[route.Access].Then(route.Handler))
//	}
//
// Wrong: mounting every Handler without looking at Access. The handlers of
// Query routes believe that whoever reaches them may query.
//
// # Answers
//
// A JSON answer is whole or an error: it is held in memory until the engine
// has said that it is complete. The other formats are streamed, but held back until
// [Config.HoldBack] bytes are there or the end is: an early failure is still a
// problem document, and an answer that is complete by then has its length and
// its summary in headers, which every client sees. A longer one has trailers. A later
// failure cuts the connection: over HTTP/1.1 the last chunk and the trailers
// are missing, over HTTP/2 the stream is reset. HTTP/1.0 has no way to say so,
// and gets every format whole.
//
// What a client accepts is compressed where it pays, with zstd or gzip: with its
// length up to 1 MiB, beyond that on the way. Answers hold no secret of ours next to
// what a client chose, so that their size tells nothing (BREACH).
//
// # Limits
//
// A body is at most Config.MaxBody bytes and at most two levels deep before a
// JSON parser sees it, and must be exactly one object of known members. A
// client that takes none of the answer for Config.WriteStall loses its
// connection; while it takes some, no server-wide write timeout cuts the answer.
// The bytes of an answer are limited by the engine, and a second time here
// where the answer is held in memory; both before compression. All answers in memory
// together are limited by [Config.Held]: one that finds no room there is a 503. At most 16 answers are
// compressed at once, in 16 MiB; others are sent as they are.
package httpapi
