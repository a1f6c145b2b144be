package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// ask sends a query to a real server and reads the whole answer.
func ask(t *testing.T, srv *httptest.Server, format string) (*http.Response, string, error) {
	t.Helper()
	return askWith(t, srv, `{"sql":"SELECT 1","format":"`+format+`"}`, "")
}

// askWith sends a body and accepts a coding of the answer, which is not decoded.
func askWith(t *testing.T, srv *httptest.Server, query, encoding string) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/v1/query", strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	resp, err := srv.Client().Do(r)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), errors.Join(err, resp.Body.Close())
}

func serve(t testing.TB, h http.Handler, http2 bool) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	if http2 {
		srv.EnableHTTP2 = true
		srv.StartTLS()
	} else {
		srv.Start()
	}
	transport, ok := srv.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the client of httptest has another transport")
	}
	transport.DisableCompression = true // unless a test asks for it
	t.Cleanup(srv.Close)
	return srv
}

// What is said of an answer comes in headers where it is known in time, which
// every client sees, and else in trailers.
func TestHeadersOrTrailers(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		for _, n := range []int{0, 2, 1000, 100_000} { // the last is far over what is held back
			t.Run(fmt.Sprintf("http2 %v/%d rows", http2, n), func(t *testing.T) {
				t.Parallel()
				handler, _, _ := newHandler(t, options{run: respond(n)})
				resp, body, err := ask(t, serve(t, handler, http2), "csv")
				if err != nil {
					t.Fatal(err)
				}
				there, elsewhere := resp.Header, resp.Trailer
				if n == 100_000 {
					there, elsewhere = elsewhere, there
				}
				for name, want := range map[string]string{"Sallyport-Status": "complete", "Sallyport-Truncated": fmt.Sprint(n > 2), "Sallyport-Rows": fmt.Sprint(n)} {
					if there.Get(name) != want || elsewhere[name] != nil {
						t.Errorf("%s: headers %v, trailers %v", name, resp.Header, resp.Trailer)
					}
				}
				if long := resp.ContentLength < 0; long != (n == 100_000) {
					t.Errorf("length %d", resp.ContentLength)
				}
				if resp.StatusCode != http.StatusOK || strings.Count(body, "\r\n") != n+1 {
					t.Errorf("%d, %d lines", resp.StatusCode, strings.Count(body, "\r\n"))
				}
			})
		}
	}
}

// A client must be able to tell half an answer from a whole one.
func TestFailureMidway(t *testing.T) {
	t.Parallel()
	failures := map[string]runFunc{
		"refusal":  fail(200<<10, sqlguard.Refuse(sqlguard.RuleTimeout, errDriver)),
		"mistake":  fail(32<<10+1, errDriver),
		"off duty": fail(64<<10, engine.ErrUnavailable),
		"panic": func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
			_, err := fail(100<<10, nil)(ctx, r, w)
			panic(fmt.Sprint("midway ", err))
		},
	}
	for name, run := range failures {
		for _, http2 := range []bool{false, true} {
			for _, format := range []string{"json", "ndjson", "csv", "tsv", "arrow"} {
				t.Run(fmt.Sprintf("%s/http2 %v/%s", name, http2, format), func(t *testing.T) {
					t.Parallel()
					handler, _, records := newHandler(t, options{run: run})
					srv := serve(t, handler, http2)
					resp, body, err := ask(t, srv, format)
					if format == "json" {
						if err != nil || resp.StatusCode == http.StatusOK || !strings.HasPrefix(body, `{"type":"about:blank"`) {
							t.Errorf("%v %s %v, want a problem document", resp, body, err)
						}
						return
					}
					// HTTP/2 resets the stream, and Client.Do may already see that.
					if !http2 && !errors.Is(err, io.ErrUnexpectedEOF) || err == nil {
						t.Errorf("error %v, want an unexpected end", err)
					}
					if resp != nil && resp.Trailer.Get("Sallyport-Status") != "" {
						t.Errorf("a broken answer with the trailers %v", resp.Trailer)
					}
					srv.Close() // waits for the handler
					if record := records.last(t); !record.Aborted || record.Err == nil {
						t.Errorf("record %+v", record)
					}
				})
			}
		}
	}
}

// HTTP/1.0 cannot tell where an answer broke off: there it is whole or an error.
func TestFailureMidwayOverHTTP10(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{run: fail(200<<10, errDriver)})
	r := post(t, "/v1/query", `{"sql":"SELECT 1","format":"csv"}`)
	r.ProtoMajor, r.ProtoMinor = 1, 0
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || w.Body.String() != body500 {
		t.Errorf("%d %.200s", w.Code, w.Body)
	}
}

func TestPanicBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		handler, _, _ := newHandler(t, options{run: func(context.Context, engine.Request, io.Writer) (engine.Summary, error) {
			panic("at once")
		}})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT 1","format":"`+format+`"}`))
		if w.Code != http.StatusInternalServerError || w.Body.String() != body500 {
			t.Errorf("%s: %d %s", format, w.Code, w.Body)
		}
	}
}

// A client that hangs up ends its query.
func TestHangUpCancelsTheQuery(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			started, ended := make(chan struct{}), make(chan error, 1)
			handler, _, records := newHandler(t, options{run: func(ctx context.Context, _ engine.Request, _ io.Writer) (engine.Summary, error) {
				close(started)
				<-ctx.Done()
				ended <- ctx.Err()
				return engine.Summary{}, fmt.Errorf("engine: %w", ctx.Err())
			}})
			srv := serve(t, handler, false)
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/v1/query", strings.NewReader(`{"sql":"SELECT 1","format":"`+format+`"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			go func() {
				<-started
				hangUp()
			}()
			resp, err := srv.Client().Do(r)
			if err == nil {
				t.Errorf("answered %s after hanging up: %v", resp.Status, resp.Body.Close())
			}
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("the query ended with %v", err)
			}
			srv.Close() // waits for the handler
			if record := records.last(t); !record.Canceled || record.Status != 0 {
				t.Errorf("status %d, canceled %v: %v", record.Status, record.Canceled, record.Err)
			}
		})
	}
}

// lost is a client whose connection breaks at the first write.
type lost struct {
	discard
	writes int
}

func (l *lost) Write(p []byte) (int, error) {
	if l.writes++; l.writes == 1 {
		return 0, errDriver
	}
	return len(p), nil
}

// Once a write has failed nothing is sent any more, and no answer is complete,
// even if the engine does not care.
func TestNothingIsSentAfterAFailedWrite(t *testing.T) {
	t.Parallel()
	handler, _, records := newHandler(t, options{run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
		piece := make([]byte, 40<<10)
		for range 3 {
			if _, err := w.Write(piece); err == nil {
				t.Error("a write succeeded")
			}
		}
		return engine.Summary{Rows: 1}, nil
	}})
	w := &lost{discard: discard{header: http.Header{}}}
	func() {
		defer func() {
			if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // a panic's value is compared
				t.Errorf("ended with %v", v)
			}
		}()
		handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT 1","format":"csv"}`))
	}()
	if record := records.last(t); w.writes != 1 || !record.Canceled || !errors.Is(record.Err, errDriver) {
		t.Errorf("%d writes, record %+v", w.writes, record)
	}
}

// discard is a client that takes everything at once.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

// Not parallel: it looks at the memory of the whole process.
func TestStreamingNeedsLittleMemory(t *testing.T) {
	const pieces = 1000 // of 64 KiB
	piece := make([]byte, 64<<10)
	handler, _, _ := newHandler(t, options{run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
		for range pieces {
			if _, err := w.Write(piece); err != nil {
				return engine.Summary{}, err
			}
		}
		return engine.Summary{Rows: 1}, nil
	}})
	r := post(t, "/v1/query", `{"sql":"SELECT 1","format":"ndjson"}`)
	w := &discard{header: http.Header{}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	handler.ServeHTTP(w, r)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for an answer of %d", used, pieces*len(piece))
	}
	if w.header.Get("Sallyport-Status") != "complete" {
		t.Errorf("headers %v", w.header)
	}
}
