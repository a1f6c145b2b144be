package problem

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/sallyport-dev/sallyport/event"
)

// maxStack bounds the stack in a log line, in bytes.
const maxStack = 32 << 10

// Recover is the middleware that turns a panic into a 500 and a log line.
type Recover struct {
	logger *slog.Logger
}

// NewRecover returns a Recover that logs to logger; nil is slog.Default().
func NewRecover(logger *slog.Logger) *Recover {
	if logger == nil {
		logger = slog.Default()
	}
	return &Recover{logger: logger}
}

// Wrap returns next with its panics caught: value and stack go to the logger
// with the request's id, the client gets the uniform 500, or a cut connection
// if the response has begun. A panic with [http.ErrAbortHandler] is a request
// to cut the connection, and passes.
func (rc *Recover) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracked, _ := event.Track(w, r)
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			err := panicError(v)
			rc.log(r, tracked.Header(), err)
			Write(tracked, r, Internal(err).By("problem", "http.panic"))
		}()
		next.ServeHTTP(tracked, r)
	})
}

// panicError keeps an error that was the panic's value in reach of errors.Is.
func panicError(v any) error {
	if err, ok := v.(error); ok {
		return fmt.Errorf("panic: %w", err)
	}
	return fmt.Errorf("panic: %v", v)
}

func (rc *Recover) log(r *http.Request, h http.Header, err error) {
	record := event.FromContext(r.Context())
	id := record.RequestID
	if id == "" { // Recover stands outside the recorder, or there is none
		id = h.Get("X-Request-ID")
	}
	stack := debug.Stack()
	if len(stack) > maxStack {
		stack = stack[:maxStack]
	}
	rc.logger.LogAttrs(r.Context(), slog.LevelError, "panic",
		slog.String("request_id", id),
		slog.String("route", record.Route),
		slog.String("err", event.ErrText(err)),
		slog.String("stack", string(stack)))
}
