package problem_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// do sends a request to a real server around h.
func do(t *testing.T, h http.Handler, method, path string) (*http.Response, string, error) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.Start()
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		return nil, "", err
	}
	body, err := readAll(resp)
	return resp, body, err
}

func TestHandlerFunc(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler problem.HandlerFunc
		status  int
		body    string
		cut     bool
	}{
		{"no error", func(w http.ResponseWriter, _ *http.Request) error {
			_, err := io.WriteString(w, "fine")
			return err
		}, 200, "fine", false},
		{"no error and nothing written", func(http.ResponseWriter, *http.Request) error { return nil }, 200, "", false},
		{"error first", func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", "text/csv")
			w.Header().Set("Content-Length", "1000000")
			return problem.Rejected("sql.failed", "", errCanary)
		}, 400, body400, false},
		{"error after early hints", func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusEarlyHints)
			return problem.Forbidden(errCanary)
		}, 403, body403, false},
		{"error after the status", func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusOK)
			return errCanary
		}, 0, "", true},
		{"error after a small write", func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.WriteString(w, `{"rows":[[1],`)
			return errCanary
		}, 0, "", true},
		{"error after a flush", func(w http.ResponseWriter, _ *http.Request) error {
			_ = http.NewResponseController(w).Flush()
			return errCanary
		}, 0, "", true},
		{"error after a copy", func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = io.Copy(w, strings.NewReader(strings.Repeat("x", 100_000)))
			return errCanary
		}, 0, "", true},
		{"the handler asks for the connection to be cut", func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("gave up: %w", http.ErrAbortHandler)
		}, 0, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, body, err := do(t, quietly(tt.handler), http.MethodPost, "/")
			if tt.cut {
				if err == nil {
					t.Fatalf("got %d %q with an end, want a broken answer", resp.StatusCode, body)
				}
				if strings.Contains(body, "about:blank") {
					t.Errorf("a problem document was appended: %q", body)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || body != tt.body {
				t.Errorf("got %d %q, want %d %q", resp.StatusCode, body, tt.status, tt.body)
			}
		})
	}
}

// quietly gives each request a record, so that nothing goes to the default log.
func quietly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(event.NewContext(r.Context(), new(event.Record))))
	})
}

// Write alone, in a plain handler behind middleware of somebody else's.
func TestWriteAfterTheResponseBeganAborts(t *testing.T) {
	t.Parallel()
	r, record := request(t, http.MethodGet)
	under := httptest.NewRecorder()
	w, _ := event.Track(under, r)
	w.WriteHeader(http.StatusOK)
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v, want http.ErrAbortHandler", err)
		}
		if under.Body.Len() != 0 {
			t.Errorf("written: %q", under.Body)
		}
		if !errors.Is(record.Err, errCanary) {
			t.Errorf("recorded %v", record.Err)
		}
	}()
	problem.Write(struct{ unwrapping }{unwrapping{w}}, r, errCanary)
}

type unwrapping struct{ http.ResponseWriter }

func (u unwrapping) Unwrap() http.ResponseWriter { return u.ResponseWriter }

func TestWithoutRecordTheCauseIsLogged(t *testing.T) { // not parallel: the default logger
	var buf bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&buf, nil)))
	defer slog.SetDefault(old)

	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	problem.Write(httptest.NewRecorder(), r, problem.Forbidden(errCanary).By("apikey", "key.scope"))
	problem.Write(httptest.NewRecorder(), r, errCanary)
	lines := strings.Split(strings.TrimSpace(buf.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines, want 2:\n%s", len(lines), buf.String())
	}
	for i, want := range [][]string{
		{"level=INFO", "status=403", "protection=apikey", "rule=key.scope", "canary"},
		{"level=ERROR", "status=500", "canary"},
	} {
		for _, w := range want {
			if !strings.Contains(lines[i], w) {
				t.Errorf("line %d has no %s: %s", i, w, lines[i])
			}
		}
	}
}

func TestDetailIsPerRequest(t *testing.T) {
	t.Parallel()
	h := quietly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/authenticated" {
			r = r.WithContext(problem.WithDetail(r.Context()))
		}
		problem.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
			return problem.Rejected("sql.comment", "Remove the comments.", errCanary)
		}).ServeHTTP(w, r)
	}))
	_, with, err := do(t, h, http.MethodPost, "/authenticated")
	if err != nil || !strings.Contains(with, `"rule":"sql.comment"`) {
		t.Errorf("%v, %s", err, with)
	}
	_, without, err := do(t, h, http.MethodPost, "/public")
	if err != nil || without != body400 {
		t.Errorf("%v, %s", err, without)
	}
}

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // refusals without a record would fill the output
	os.Exit(m.Run())
}

// sinkFunc is a sink for tests.
type sinkFunc func(*event.Record)

func (f sinkFunc) Record(_ context.Context, r *event.Record) { f(r) }
