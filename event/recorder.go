package event

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

// maxApp bounds Config.App, in bytes.
const maxApp = 64

// Config configures a [Recorder].
type Config struct {
	// App names the program in every record: at most 64 bytes of A-Z a-z 0-9
	// . _ -. Empty leaves the field empty, which is right where one program
	// has a log to itself.
	App string
	// Sink gets the finished records. Required: a recorder without one would
	// only look as if it recorded.
	Sink Sink
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Recorder is the middleware that opens a [Record] for each request and hands
// it to the sink when the response is over. It is safe for concurrent use.
type Recorder struct {
	app  string
	sink Sink
	now  func() time.Time
}

// NewRecorder returns a recorder, or every mistake in the configuration.
func NewRecorder(c Config) (*Recorder, error) {
	var errs []error
	if c.Sink == nil {
		errs = append(errs, errors.New("event: Config.Sink is nil; use event.SlogSink to write records to a log"))
	}
	if len(c.App) > maxApp {
		errs = append(errs, fmt.Errorf("event: Config.App has %d bytes; at most %d are allowed", len(c.App), maxApp))
	} else if !isName(c.App) {
		errs = append(errs, fmt.Errorf("event: Config.App %q may only have letters, digits and . _ -", c.App))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Recorder{app: c.App, sink: c.Sink, now: c.Now}, nil
}

func isName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// exchange is everything the recorder needs for one request, in one
// allocation. It is not pooled: a handler's goroutine may outlive the request
// and still hold the context.
type exchange struct {
	record Record
	ctx    recordContext
	writer Writer
	body   countingBody
}

// Wrap returns next with a record around every request.
func (rc *Recorder) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := new(exchange)
		x.record = Record{
			Time:           rc.now(),
			App:            rc.app,
			Method:         methodWord(r.Method),
			UserAgentClass: ClassifyUserAgent(r.Header.Get("User-Agent")),
		}
		x.ctx = recordContext{Context: r.Context(), record: &x.record}
		r = r.WithContext(&x.ctx)
		if r.Body != nil && r.Body != http.NoBody {
			x.body.ReadCloser = r.Body
			r.Body = &x.body
		}

		returned := false
		// No recover here: whatever panics goes on to problem.Recover or to
		// the server, but the record is handed over all the same.
		defer func() {
			rc.finish(x, r, returned)
		}()
		next.ServeHTTP(x.writer.open(w, r), r)
		returned = true
	})
}

func (rc *Recorder) finish(x *exchange, r *http.Request, returned bool) {
	x.record.Duration = rc.now().Sub(x.record.Time)
	x.record.BytesIn = x.body.n.Load()
	x.record.BytesOut = x.writer.bytes
	x.record.Status = x.writer.status
	x.record.Aborted = !returned
	if returned && x.record.Status == 0 {
		x.record.Status = http.StatusOK // what net/http sends for a handler that wrote nothing
	}
	if x.record.Route == "" {
		x.record.Route = r.Pattern
	}
	rc.sink.Record(&x.ctx, &x.record)
}

// Routed wraps a router that sets r.Pattern, such as [http.ServeMux], and
// notes the pattern that matched. It stands directly around the router,
// because middleware in between passes the router a copy of the request, and
// the pattern would stay on the copy. problem.Mux does this by itself.
func Routed(router http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			FromContext(r.Context()).Route = r.Pattern
		}()
		router.ServeHTTP(w, r)
	})
}

// methodWord bounds the values a method can have in a record: a method is any
// token the client likes.
func methodWord(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	default:
		return "OTHER"
	}
}

// countingBody counts what is read. Atomically, since a transport may read
// the body from another goroutine, even after the handler has returned.
type countingBody struct {
	io.ReadCloser
	n atomic.Int64
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}
