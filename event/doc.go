// Package event holds the one typed record that every request leaves behind,
// and the [Sink] it goes to.
//
// Place in the chain: [Recorder] is the outermost middleware, before
// problem.Recover and requestid. It opens the record, puts it into the
// request's context, counts bytes and status while the response passes, and
// hands the record to the sink when the response is over, also when a handler
// panics. Everything further in fills its own fields:
//
//	event.FromContext(r.Context()).Key = "nightly-report"
//
// # Limits
//
// The record is written by the goroutine that serves the request and by no
// other. A goroutine that a handler starts must not touch it: take what it
// found and write it down in the handler once the goroutine has ended. (Only
// the count of request bytes is safe beyond that, because transports read
// bodies from goroutines of their own.)
//
// [Log] is the sink for a server that answers thousands of requests a second;
// [SlogSink] writes the same lines to any logger.
//
// The sink is called on the request's goroutine, after the last byte. It must
// not block, must not panic, and must copy the record if it keeps it.
//
// What a client sent is never a field: not the path, not the query string,
// not a header, not SQL text and not a parameter. The method and the user
// agent are recorded as one word of a short fixed list, so that no client can
// create new values in a log index or in a metric's labels.
//
// [Record.Err] is for the log. It may quote what a driver said and must never
// be shown to a client; package problem sees to that.
//
// Each Recorder opens a record of its own: with two of them in one chain the
// inner one hides the outer one's record. Use one.
package event
