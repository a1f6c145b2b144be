// Package requestid gives every request an id that both sides can quote: the
// client finds it in the X-Request-ID response header, the operator in the log.
//
// Place in the chain: directly inside event.Recorder and problem.Recover, so
// that every refusal further in carries the id and the event record has it.
//
// Limits: an id identifies a request, it authorises nothing; it may be
// guessed at no cost and shown to anyone. An X-Request-ID that the client sent
// is ignored unless [Config.TrustInbound] says that the sender is a proxy of
// your own: an id chosen by a stranger lets them write their text into the log,
// and make their requests look like another's.
//
// Do not do this; it trusts whoever asks:
//
//	requestid.New(requestid.Config{
//		TrustInbound: func(r *http.Request) bool { return r.Header.Get("X-Request-ID") != "" },
//	})
package requestid
