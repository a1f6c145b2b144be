package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// pipeListener accepts one connection, whose other end the test holds. Its
// deadlines obey the clock of synctest, and it has no buffer in which an answer
// that nobody reads could hide.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (*pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// dial starts a server with a short write timeout and returns a connection to it.
func dial(t *testing.T, h http.Handler) net.Conn {
	t.Helper()
	l := &pipeListener{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: time.Second, WriteTimeout: 2 * time.Second,
		Protocols: new(http.Protocols),
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	srv.Protocols.SetHTTP1(true)
	srv.Protocols.SetUnencryptedHTTP2(true)
	client, server := net.Pipe()
	l.conns <- server
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(client.Close(), srv.Close()); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return client
}

// request is a query as a client makes it.
func request(t *testing.T, format string) *http.Request {
	t.Helper()
	body := `{"sql":"SELECT 1","format":"` + format + `"}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://test/v1/query", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

// send writes a query and leaves the answer to the caller.
func send(t *testing.T, conn net.Conn, format string) {
	t.Helper()
	if err := request(t, format).Write(conn); err != nil {
		t.Fatal(err)
	}
}

// receive reads the answer.
func receive(t *testing.T, conn io.Reader) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// after ends like run, but waits before it.
func after(d time.Duration, run runFunc) runFunc {
	return func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
		select {
		case <-time.After(d):
			return run(ctx, r, w)
		case <-ctx.Done():
			return engine.Summary{}, ctx.Err()
		}
	}
}

// The server's write timeout is over long before the answer is there.
func TestSlowQueriesAreAnswered(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, format string
		run          runFunc
		status       int
	}{
		{"json", "json", respond(2), http.StatusOK},
		{"csv", "csv", respond(2), http.StatusOK},
		{"refused", "json", fail(0, sqlguard.Refuse(sqlguard.RuleTimeout, nil)), http.StatusBadRequest},
		{"refused before the stream began", "csv", fail(10, sqlguard.Refuse(sqlguard.RuleTimeout, nil)), http.StatusBadRequest},
		{"a mistake", "tsv", fail(0, errDriver), http.StatusInternalServerError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, _ := newHandler(t, options{run: after(time.Minute, tt.run)})
				conn := dial(t, handler)
				send(t, conn, tt.format)
				if resp, body := receive(t, conn); resp.StatusCode != tt.status || body == "" {
					t.Errorf("%d %s, want %d", resp.StatusCode, body, tt.status)
				}
			})
		})
	}
}

// Over HTTP/2 a write timeout resets the stream although nothing was to be
// written.
func TestSlowQueriesAreAnsweredOverHTTP2(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, _ := newHandler(t, options{run: after(time.Minute, respond(2))})
				conn := dial(t, handler)
				transport := &http.Transport{
					Protocols:   new(http.Protocols),
					DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
				}
				transport.Protocols.SetUnencryptedHTTP2(true)
				defer transport.CloseIdleConnections()
				resp, err := transport.RoundTrip(request(t, format))
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				if err := errors.Join(err, resp.Body.Close()); err != nil {
					t.Fatal(err)
				}
				if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 || len(body) == 0 {
					t.Errorf("%s %s %s", resp.Proto, resp.Status, body)
				}
			})
		})
	}
}

// The end of a stream may come long after its last row, longer than any
// client may take for a piece of it.
func TestSlowEnd(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2 %v", http2), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, _ := newHandler(t, options{run: func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
					if _, err := fail(40<<10, nil)(ctx, r, w); err != nil {
						return engine.Summary{}, err
					}
					return after(time.Minute, fail(0, nil))(ctx, r, w)
				}})
				conn := dial(t, handler)
				transport := &http.Transport{
					Protocols:   new(http.Protocols),
					DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
				}
				transport.Protocols.SetHTTP1(!http2)
				transport.Protocols.SetUnencryptedHTTP2(http2)
				defer transport.CloseIdleConnections()
				resp, err := transport.RoundTrip(request(t, "csv"))
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				if err := errors.Join(err, resp.Body.Close()); err != nil || len(body) != 40<<10 || resp.Trailer.Get(httpapi.TrailerStatus) != "complete" {
					t.Errorf("%d bytes, trailers %v: %v", len(body), resp.Trailer, err)
				}
			})
		})
	}
}

// Nor does the connection stay open for a client that does not read a refusal.
func TestRefusalsAreNotKeptWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		handler, _, _ := newHandler(t, options{run: fail(0, errDriver), config: httpapi.Config{WriteStall: time.Second}})
		conn := dial(t, handler)
		send(t, conn, "csv")
		<-time.After(2 * time.Second)
		if n, err := conn.Read(make([]byte, 1)); err == nil {
			t.Errorf("%d bytes after the deadline", n)
		}
	})
}

// slowly is a client that reads little at a time.
type slowly struct{ conn net.Conn }

func (s slowly) Read(p []byte) (int, error) {
	<-time.After(time.Second)
	return s.conn.Read(p[:min(len(p), 8<<10)])
}

// A client that makes progress gets all of its answer within the time for it,
// which is not the server's own.
func TestSlowClientsAreServed(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, _ := newHandler(t, options{run: fail(1<<20, nil), config: httpapi.Config{WriteTimeout: 3 * time.Minute}})
				conn := dial(t, handler)
				start := time.Now()
				send(t, conn, format)
				if resp, body := receive(t, slowly{conn}); resp.StatusCode != http.StatusOK || len(body) != 1<<20 {
					t.Errorf("%d, %d bytes", resp.StatusCode, len(body))
				}
				if took := time.Since(start); took < 2*time.Minute {
					t.Errorf("took %v, which proves nothing", took)
				}
			})
		})
	}
}

// A client that never reads holds its query no longer than WriteStall.
func TestStalledClientsAreCutOff(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, records := newHandler(t, options{run: fail(1<<20, nil), config: httpapi.Config{WriteStall: 7 * time.Second}})
				conn := dial(t, handler)
				start := time.Now()
				send(t, conn, format)
				<-time.After(6 * time.Second)
				synctest.Wait()
				records.mu.Lock()
				if len(records.list) != 0 {
					t.Errorf("ended early: %+v", records.list)
				}
				records.mu.Unlock()
				<-time.After(time.Second)
				synctest.Wait()
				record := records.last(t)
				if took := record.Duration; took != 7*time.Second || !record.Aborted || !record.Canceled || !errors.Is(record.Err, os.ErrDeadlineExceeded) {
					t.Errorf("took %v (test %v), record %+v", took, time.Since(start), record)
				}
			})
		})
	}
}

// One that takes it in small bites for ever does not.
func TestVerySlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, records := newHandler(t, options{run: fail(1<<20, nil)})
				conn := dial(t, handler)
				send(t, conn, format)
				if n, _ := io.Copy(io.Discard, slowly{conn}); n >= 1<<20 { // however the connection ends
					t.Errorf("%d bytes", n)
				}
				synctest.Wait()
				if took := records.last(t).Duration; took < 25*time.Second || took > 35*time.Second {
					t.Errorf("took %v, want about %v", took, httpapi.DefaultWriteTimeout)
				}
			})
		})
	}
}

// The work for a request is reported as done before a slow client has its
// answer, so that its place in flight is another's; but not for more bytes than
// may wait.
func TestDoneComesBeforeASlowClientHasItsAnswer(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				done := make(chan time.Time, 1)
				handler, _, _ := newHandler(t, options{run: fail(1<<20-100, nil), config: httpapi.Config{
					HoldBack: 1 << 20, Done: func(context.Context) { done <- time.Now() },
				}})
				conn := dial(t, handler)
				start := time.Now()
				send(t, conn, format)
				<-time.After(time.Second) // nothing is read meanwhile
				select {
				case at := <-done:
					if at.After(start) {
						t.Errorf("done after %v", at.Sub(start))
					}
				default:
					t.Error("not done while the client reads nothing")
				}
			})
		})
	}
}
