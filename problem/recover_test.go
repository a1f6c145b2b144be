package problem_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// setID stands in for package requestid, which is a tier above.
var setID = chain.Func(func(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-ID", "id-1")
		event.FromContext(r.Context()).RequestID = "id-1"
		next.ServeHTTP(w, r)
	})
})

func TestRecover(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom " + canary)
	tests := []struct {
		name    string
		handler http.HandlerFunc
		cut     bool
		logged  bool
		err     string
	}{
		{"string", func(http.ResponseWriter, *http.Request) { panic("boom " + canary) }, false, true, "panic: boom " + canary},
		{"error", func(http.ResponseWriter, *http.Request) { panic(boom) }, false, true, "panic: boom " + canary},
		{"runtime error", func(_ http.ResponseWriter, r *http.Request) {
			_ = []int{}[len(r.Method)]
		}, false, true, "panic: runtime error: index out of range [4] with length 0"},
		{"nil", func(http.ResponseWriter, *http.Request) { panic(nil) }, false, true, "panic: panic called with nil argument"}, //nolint:govet // on purpose
		{"headers were set", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			w.Header().Set("Content-Encoding", "gzip")
			panic("boom")
		}, false, true, "panic: boom"},
		{"after the response began", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic("boom")
		}, true, true, "panic: boom"},
		{"abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var buf bytes.Buffer
			var got event.Record
			recorder, err := event.NewRecorder(event.Config{Sink: sinkFunc(func(r *event.Record) { got = *r })})
			if err != nil {
				t.Fatal(err)
			}
			recoverer := problem.NewRecover(slog.New(slog.NewJSONHandler(&buf, nil)))
			resp, body, err := do(t, chain.New(recorder, recoverer, setID).Then(tt.handler), http.MethodPost, "/")
			switch {
			case tt.cut && err == nil:
				t.Errorf("got %d %q with an end, want a broken answer", resp.StatusCode, body)
			case !tt.cut && err != nil:
				t.Fatal(err)
			case !tt.cut:
				if resp.StatusCode != http.StatusInternalServerError || body != body500 {
					t.Errorf("got %d %q", resp.StatusCode, body)
				}
				if resp.Header.Get("X-Request-ID") != "id-1" || resp.Header.Get("Content-Encoding") != "" {
					t.Errorf("headers %v", resp.Header)
				}
				if got.Status != 500 || got.Rule != "http.panic" || got.Protection != "problem" || got.Aborted {
					t.Errorf("recorded %+v", got)
				}
			}
			if tt.cut && !got.Aborted {
				t.Error("the record does not say that the response was cut")
			}
			checkPanicLine(t, buf.Bytes(), tt.logged, tt.err)
		})
	}
}

func checkPanicLine(t *testing.T, log []byte, logged bool, err string) {
	t.Helper()
	if !logged {
		if len(log) != 0 {
			t.Errorf("logged: %s", log)
		}
		return
	}
	var line struct {
		Level, Msg, Err, Stack string
		RequestID              string `json:"request_id"`
	}
	if err := json.Unmarshal(log, &line); err != nil {
		t.Fatalf("%v: %s", err, log)
	}
	if line.Level != "ERROR" || line.Msg != "panic" || line.RequestID != "id-1" || line.Err != err {
		t.Errorf("logged %+v, want err %q", line, err)
	}
	if !strings.Contains(line.Stack, "recover_test.go") {
		t.Errorf("the stack does not lead to the handler:\n%s", line.Stack)
	}
}

// Without a recorder, or with Recover outside it, the id is in the header.
func TestRecoverWithoutRecorder(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	h := chain.New(problem.NewRecover(slog.New(slog.NewJSONHandler(&buf, nil))), setID).
		Then(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	resp, body, err := do(t, h, http.MethodGet, "/")
	if err != nil || resp.StatusCode != http.StatusInternalServerError || body != body500 {
		t.Errorf("%v, %q", err, body)
	}
	checkPanicLine(t, buf.Bytes(), true, "panic: boom")
}

func TestRecoverDefaultLogger(t *testing.T) {
	t.Parallel()
	r, _ := request(t, http.MethodGet)
	w := httptest.NewRecorder()
	problem.NewRecover(nil).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })).ServeHTTP(w, r)
	if w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
}

// All that the server's writer can do works through Recover and the recorder.
func TestRecoverKeepsHijack(t *testing.T) {
	t.Parallel()
	recorder, err := event.NewRecorder(event.Config{Sink: sinkFunc(func(*event.Record) {})})
	if err != nil {
		t.Fatal(err)
	}
	h := chain.New(recorder, problem.NewRecover(slog.New(slog.DiscardHandler))).
		Then(problem.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) error {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return err
			}
			_, _ = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\nraw")
			return errors.Join(rw.Flush(), conn.Close())
		}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: test\r\nConnection: Upgrade\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(bufio.NewReader(conn))
	if err != nil || !bytes.HasSuffix(all, []byte("\r\n\r\nraw")) {
		t.Errorf("%v, %q", err, all)
	}
}
