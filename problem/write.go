package problem

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// Values shared by all responses; appending to one of them copies it.
var (
	contentType = []string{ContentType}
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
)

// halfBuilt are the headers a handler may have set for the response it did not
// get to send. They describe that response, not the refusal.
var halfBuilt = []string{
	"Accept-Ranges", "Allow", "Content-Disposition", "Content-Encoding", "Content-Language",
	"Content-Location", "Content-Range", "Etag", "Expires", "Last-Modified", "Link", "Location",
	"Refresh", "Retry-After", "Trailer", "Transfer-Encoding",
}

// telling are the headers that differ from route to route. On the uniform
// refusal they would tell which paths are routes.
var telling = []string{"Ratelimit", "Ratelimit-Policy"}

// errNil stands for the nil that a caller passed as an error.
var errNil = errors.New("problem: Write was called without an error")

// Write answers r with err. It is the only way a refusal is written.
//
//   - An [*Error], also a wrapped one, says itself how it is answered.
//   - An expired or cancelled context is 503: the work was given up.
//   - A body over the limit of [http.MaxBytesReader] is 413.
//   - Any other error is 500.
//
// err is put on the request's event record. If the response has begun, Write
// panics with [http.ErrAbortHandler], which makes net/http cut the connection;
// the same if err is http.ErrAbortHandler. The answer to HEAD has the same
// headers and no body.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	e := classify(err)
	note(r, e, err)
	if event.Begun(w) || errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}

	body, length := render(e, hasDetail(r.Context()))
	h := w.Header()
	for _, name := range halfBuilt {
		delete(h, name)
	}
	for name := range h {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			delete(h, name)
		}
	}
	if e.Status == http.StatusForbidden {
		for _, name := range telling {
			delete(h, name)
		}
	}
	h["Content-Type"] = contentType
	h["Content-Length"] = length
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	if e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", delaySeconds(e.RetryAfter))
	}
	delete(h, "Www-Authenticate")
	if (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) && e.Challenge != "" {
		h["Www-Authenticate"] = []string{e.Challenge}
	}
	w.WriteHeader(e.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that left has nobody to tell
	}
}

// classify finds the Error that err is, wraps, or amounts to.
func classify(err error) *Error {
	if err == nil {
		return Internal(errNil)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		if e == nil {
			return Internal(errNil)
		}
		if _, known := documents[e.Status]; known {
			return e
		}
		return Internal(err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable(time.Second, err)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge("request.too_large", "Send a smaller request body.", err)
	}
	return Internal(err)
}

// note puts the error on the event record, or, where nobody records, in the log.
func note(r *http.Request, e *Error, err error) {
	if err == nil {
		err = e
	}
	ctx := r.Context()
	record, ok := event.Lookup(ctx)
	if !ok {
		level := slog.LevelInfo
		if e.Status >= 500 {
			level = slog.LevelError
		}
		slog.LogAttrs(ctx, level, "request refused", slog.Int("status", e.Status), //nolint:sloglint // there is no other logger here
			slog.String("protection", e.Protection), slog.String("rule", e.Rule),
			slog.String("err", event.ErrText(err)))
		return
	}
	record.Err = err
	if e.Protection != "" {
		record.Protection = e.Protection
	}
	if e.Rule != "" {
		record.Rule = e.Rule
	}
	// Only when the request itself was cancelled, which is how net/http says
	// that the client has left; a context of the server's own is our doing.
	if errors.Is(ctx.Err(), context.Canceled) && errors.Is(err, context.Canceled) {
		record.Canceled = true
	}
}

// delaySeconds renders Retry-After: RFC 9110, section 10.2.3.
func delaySeconds(d time.Duration) string {
	seconds := int64(d / time.Second)
	if d%time.Second > 0 {
		seconds++
	}
	return strconv.FormatInt(max(seconds, 1), 10)
}
