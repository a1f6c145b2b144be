package problem

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is a failure with two texts. Status, Rule, Hint and RetryAfter are for
// the client; Protection and the cause are for the log. Make one with a
// constructor: a Status none of them sets is answered as 500.
//
// An Error that is kept in a variable and returned many times must not be
// changed; [Error.By] returns a copy.
type Error struct {
	// Status is the HTTP status code.
	Status int
	// Rule is the stable id of the rule that refused ("sql.multiple_sources"):
	// lower-case words joined by dots and underscores. It is recorded always,
	// and shown with 400 and 413 where [WithDetail] allows it.
	Rule string
	// Hint is one fixed sentence on how to repair the request. Never build it
	// from the request: it would be an echo.
	Hint string
	// RetryAfter is how long the client should wait. It is sent with 429 and
	// 503, in whole seconds rounded up, at least 1.
	RetryAfter time.Duration
	// Protection names the package that refused ("apikey"), for the log.
	Protection string
	// Challenge is the value of WWW-Authenticate, which is sent with 401.
	// Never build it from the request.
	Challenge string

	cause error
}

// Forbidden is the uniform refusal (403): wrong method, unknown path, missing
// or malformed body, bad key, bad origin. All are the same bytes.
func Forbidden(cause error) *Error {
	return &Error{Status: http.StatusForbidden, cause: cause}
}

// Unauthorized is the refusal of a resource that is protected by OAuth (401):
// RFC 6750, section 3, asks for the header WWW-Authenticate with the challenge
// (`Bearer error="invalid_token"`). Everything else that lets nobody in
// without credentials is [Forbidden].
func Unauthorized(challenge string, cause error) *Error {
	return &Error{Status: http.StatusUnauthorized, Challenge: challenge, cause: cause}
}

// Rejected is a query that was rejected by a rule, or failed (400).
func Rejected(rule, hint string, cause error) *Error {
	return &Error{Status: http.StatusBadRequest, Rule: rule, Hint: hint, cause: cause}
}

// TooLarge is a request or an answer over its size limit (413).
func TooLarge(rule, hint string, cause error) *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Rule: rule, Hint: hint, cause: cause}
}

// TooMany is a client over its own limit (429), which may come again after
// retryAfter.
func TooMany(retryAfter time.Duration, cause error) *Error {
	return &Error{Status: http.StatusTooManyRequests, RetryAfter: retryAfter, cause: cause}
}

// Unavailable is a server at its limit or shutting down (503).
func Unavailable(retryAfter time.Duration, cause error) *Error {
	return &Error{Status: http.StatusServiceUnavailable, RetryAfter: retryAfter, cause: cause}
}

// BadGateway is an upstream that is dead or talks nonsense (502).
func BadGateway(cause error) *Error {
	return &Error{Status: http.StatusBadGateway, cause: cause}
}

// Internal is a mistake of ours (500).
func Internal(cause error) *Error {
	return &Error{Status: http.StatusInternalServerError, cause: cause}
}

// By returns a copy of e that names the protection and the rule that refused.
func (e *Error) By(protection, rule string) *Error {
	c := *e
	c.Protection, c.Rule = protection, rule
	return &c
}

// Error returns the text for the log. It contains the cause: never send it to
// a client.
func (e *Error) Error() string {
	if e == nil {
		return "problem: nil *Error" // an error variable of the wrong type
	}
	var b strings.Builder
	b.WriteString(strconv.Itoa(e.Status))
	if d, ok := documents[e.Status]; ok {
		b.WriteByte(' ')
		b.WriteString(d.title)
	}
	if e.Rule != "" {
		b.WriteString(" (")
		b.WriteString(e.Rule)
		b.WriteByte(')')
	}
	if e.cause != nil {
		b.WriteString(": ")
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.cause
}
