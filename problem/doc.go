// Package problem holds errors with two texts, one for the client and one for
// the log, and is the one place where refusals are written.
//
// Place in the chain: [Recover] stands directly inside event.Recorder and
// outside everything else; [HandlerFunc] and [Mux] stand at the inner end;
// every middleware between them refuses with [Write].
//
//	mux := problem.NewMux()
//	mux.HandleFunc("POST /v1/query", func(w http.ResponseWriter, r *http.Request) error {
//		...
//		return problem.Rejected("sql.syntax", "Write one SELECT statement.", err)
//	})
//	handler := chain.New(recorder, problem.NewRecover(logger)).Then(mux)
//
// # What the client sees
//
// A problem document of RFC 9457 with the type about:blank, the status, its
// title, and nothing of the cause. The status is one of eight:
//
//	400  the query was rejected or failed   Rejected
//	401  no valid bearer token, where OAuth asks for it      Unauthorized
//	403  everything else that is refused    Forbidden
//	413  too large, in or out               TooLarge
//	429  the client's limit is reached      TooMany
//	500  our mistake                        Internal
//	502  an upstream's mistake              BadGateway
//	503  the server's limit is reached      Unavailable
//
// A wrong method, an unknown path, a missing parameter, a bad key and a bad
// origin are all the same 403 in the same bytes, so that answers do not map
// the inside; the RateLimit headers, which differ from route to route, are taken off. Where [WithDetail] allows it, 400 and 413 carry the stable id of
// the rule that refused and one fixed sentence on how to repair the request.
//
// # What the log sees
//
// The whole error, on the event record of the request. In a program without
// event.Recorder it goes to [log/slog]'s default logger instead: a cause is
// hidden from the client, never lost.
//
// # Limits
//
// A response that has begun cannot become a refusal. When an error comes
// after the first byte, the connection is cut (http.ErrAbortHandler), so that
// the client sees a broken answer and never a complete-looking 200 with half
// the rows. Whether it has begun is known from event.Recorder, Recover or
// HandlerFunc; a plain handler that calls Write itself, outside all three,
// must do so before it writes anything.
//
// Panics are caught on the goroutine of the request. One in a goroutine that
// a handler starts still ends the program, as everywhere in Go.
//
// Requests that never become a request are answered by net/http itself, in
// its own words: malformed HTTP (400), headers over MaxHeaderBytes (431), an
// unknown Expect (417), TLS spoken wrongly. They name nothing of ours.
// "OPTIONS *" does as well unless http.Server.DisableGeneralOptionsHandler is
// set.
package problem
