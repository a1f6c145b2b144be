package event

import (
	"context"
	"net/netip"
	"time"
)

// Record says what one request was and what became of it. It is a flat value:
// *r is a complete copy. The zero value of every field means "not known" or
// "does not apply".
//
// Only the goroutine serving the request may write it; see the package
// documentation.
type Record struct {
	// Time is when the request reached the Recorder.
	Time time.Time
	// RequestID is the id that the client also got as X-Request-ID.
	RequestID string
	// App names the program, from Config.App.
	App string
	// Route is the pattern that matched, as in [net/http.ServeMux]
	// ("POST /v1/query"); empty if none did. It is never the path.
	Route string
	// Method is the request's method if it is one of RFC 9110, section 9, or
	// PATCH; any other is "OTHER".
	Method string
	// Status is the response's status code; 101 for a connection that was
	// hijacked; 0 if the connection was cut before a status was sent.
	Status int
	// Duration is the time from Time to the handler's return.
	Duration time.Duration
	// BytesIn counts the bytes of the request's body that were read, and
	// BytesOut those of the response's body that were written. Headers and
	// the bytes of hijacked connections do not count.
	BytesIn, BytesOut int64
	// Aborted says that the response did not come to its end: a handler
	// panicked past the Recorder, or cut the connection.
	Aborted bool
	// Canceled says that the client left before its answer was ready.
	Canceled bool

	// Client is the address the request is attributed to, as decided by
	// package clientip, and Network the prefix it is counted under.
	Client  netip.Addr
	Network netip.Prefix
	// Key is the name (never the secret) of the key that authenticated the
	// request, and Subject the user a bearer token spoke for.
	Key     string
	Subject string
	// Spoofed is the header that claimed another address for the client
	// ("X-Forwarded-For") though the peer may not say so: a word of a fixed
	// list of package clientip. The claim was not believed.
	Spoofed string
	// UserAgentClass is the kind of program that called.
	UserAgentClass UserAgentClass

	// Protection is the package that refused the request ("apikey"), and Rule
	// the stable id of the reason ("key.expired").
	Protection string
	Rule       string
	// WouldRefuse is the rule that would have refused the request if its
	// protection did more than report.
	WouldRefuse string

	// Query is filled for requests that ran a query.
	Query Query

	// Err is the whole error behind a refusal or failure. For the log only.
	Err error
}

// Query is the part of a [Record] that describes a query. It has no field for
// SQL text or parameters, on purpose.
type Query struct {
	// Source is the configured name of the queried source.
	Source string
	// Fingerprint identifies the statement with its literals removed.
	Fingerprint string
	// Rows counts the rows of the answer.
	Rows int64
	// Queue, Guard, Engine and Encode are the times spent waiting for a slot,
	// judging the SQL, executing it and encoding the answer.
	Queue, Guard, Engine, Encode time.Duration
}

// contextKey is the key of the *Record in a context.
type contextKey struct{}

// recordContext carries the record. A type of our own, embedded in the
// per-request allocation, saves the one that context.WithValue would make.
type recordContext struct {
	context.Context
	record *Record
}

func (c *recordContext) Value(key any) any {
	if key == (contextKey{}) {
		return c.record
	}
	return c.Context.Value(key)
}

// NewContext returns a context that carries record. The [Recorder] does this
// for every request; tests and work outside HTTP do it themselves.
func NewContext(ctx context.Context, record *Record) context.Context {
	return &recordContext{Context: ctx, record: record}
}

// FromContext returns the record of the request that ctx belongs to. It is
// never nil: outside a request it returns a fresh record that nobody reads,
// so that callers may write to it without asking.
func FromContext(ctx context.Context) *Record {
	if record, ok := Lookup(ctx); ok {
		return record
	}
	return new(Record)
}

// Lookup is like [FromContext], but says whether there is a record at all.
func Lookup(ctx context.Context) (*Record, bool) {
	record, ok := ctx.Value(contextKey{}).(*Record)
	return record, ok && record != nil
}

// Sink takes the finished records. An implementation must not block, must not
// panic, must be safe for concurrent use, and must copy the record if it
// keeps it beyond the call. The context is the request's and may be cancelled.
type Sink interface {
	Record(ctx context.Context, record *Record)
}
