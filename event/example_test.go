package event_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

func ExampleRecorder() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // so that the output is always the same
			}
			return a
		},
	}))
	clock := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	recorder, err := event.NewRecorder(event.Config{
		App:  "flights",
		Sink: event.SlogSink(logger),
		Now:  func() time.Time { return clock },
	})
	if err != nil {
		panic(err)
	}
	handler := recorder.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		event.FromContext(r.Context()).Key = "nightly-report"
		_, _ = io.WriteString(w, "hello")
	}))

	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Header.Set("User-Agent", "curl/8.14.1")
	handler.ServeHTTP(httptest.NewRecorder(), r)
	// Output:
	// level=INFO msg=request app=flights method=GET status=200 duration_ms=0 bytes_in=0 bytes_out=5 key=nightly-report user_agent_class=curl
}
