package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

const mib = 1 << 20

// inPieces writes size bytes as engines do, in pieces.
func inPieces(w io.Writer, size int) error {
	for size > 0 {
		n, err := w.Write(noise[:min(size, 64<<10)])
		if err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// gate lets a test hold answers in memory: each query writes the next size, says
// so, and waits until it may end.
type gate struct {
	sizes   chan int
	written chan struct{}
	end     chan struct{}
	endLong chan struct{} // the same for more than 1 MiB
}

func newGate() *gate {
	return &gate{make(chan int), make(chan struct{}), make(chan struct{}), make(chan struct{})}
}

func (g *gate) run(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
	size, end := <-g.sizes, g.end
	if err := inPieces(w, size); err != nil {
		return engine.Summary{}, err
	}
	if size > mib {
		end = g.endLong
	}
	g.written <- struct{}{}
	<-end
	return engine.Summary{Rows: 1}, nil
}

// ask sends a query and gives its answer to the channel.
func (g *gate) ask(t *testing.T, handler http.Handler, format string, size int, answers chan<- *httptest.ResponseRecorder) {
	t.Helper()
	r := post(t, "/v1/query", `{"sql":"SELECT 1","format":"`+format+`"}`)
	go func() {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		answers <- w
	}()
	g.sizes <- size
}

func noRoom(t *testing.T, w *httptest.ResponseRecorder, records *records) {
	t.Helper()
	if w.Code != http.StatusServiceUnavailable || w.Body.String() != body503 || w.Header().Get("Retry-After") != "1" || w.Header().Get("Sallyport-Status") != "" {
		t.Errorf("%d %.100s %v", w.Code, w.Body, w.Header())
	}
	if record := records.last(t); !errors.Is(record.Err, engine.ErrUnavailable) || !strings.Contains(record.Err.Error(), "Config.Held") {
		t.Errorf("error %v", record.Err)
	}
}

func TestAnswersInMemoryAreBounded(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "csv"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			g := newGate()
			handler, api, records := newHandler(t, options{run: g.run, config: httpapi.Config{Held: 4 * mib, HoldBack: mib}})
			for range 3 { // also with what the pool keeps
				held, refused := make(chan *httptest.ResponseRecorder), make(chan *httptest.ResponseRecorder)
				for range 4 {
					g.ask(t, handler, format, mib, held)
					<-g.written
				}
				if n := api.Held(); n != 4*mib {
					t.Errorf("%d bytes are held", n)
				}
				g.ask(t, handler, format, mib, refused)
				noRoom(t, <-refused, records)
				for range 4 {
					g.end <- struct{}{}
					if w := <-held; w.Code != http.StatusOK || w.Body.Len() != mib {
						t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
					}
				}
				if n := api.Held(); n != 0 {
					t.Errorf("%d bytes are still held", n)
				}
			}
		})
	}
}

// Long answers leave the last quarter to the first MiB of others.
func TestLongAnswersLeaveRoomForShortOnes(t *testing.T) {
	t.Parallel()
	g := newGate()
	handler, api, records := newHandler(t, options{run: g.run, bytes: 64 * mib, config: httpapi.Config{Held: 4 * mib, HoldBack: mib}})
	long, short := make(chan *httptest.ResponseRecorder), make(chan *httptest.ResponseRecorder)
	g.ask(t, handler, "json", 3*mib, long)
	<-g.written
	if n := api.Held(); n != 3*mib {
		t.Errorf("%d bytes are held", n)
	}
	g.ask(t, handler, "json", 2*mib, short)
	noRoom(t, <-short, records)
	for _, format := range []string{"json", "csv"} {
		g.ask(t, handler, format, mib, short)
		<-g.written
		g.end <- struct{}{}
		if w := <-short; w.Code != http.StatusOK || w.Body.Len() != mib {
			t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
		}
	}
	g.endLong <- struct{}{}
	if w := <-long; w.Code != http.StatusOK || w.Body.Len() != 3*mib {
		t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
	}
	// What will never fit is not told to come again.
	g.ask(t, handler, "json", 3*mib+1, short)
	if w := <-short; w.Code != http.StatusRequestEntityTooLarge || w.Body.String() != body413 {
		t.Errorf("%d %.100s", w.Code, w.Body)
	}
	if n := api.Held(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

// An answer stays counted until its client has it, or is gone.
func TestClientsThatLeaveFreeTheirAnswers(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "ndjson"} {
		for _, encoding := range codings {
			for _, size := range []int{256 << 10, mib, 3 * mib} {
				t.Run(fmt.Sprintf("%s/%s/%d", format, encoding, size), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						handler, api, records := newHandler(t, options{bytes: 8 * mib, config: httpapi.Config{HoldBack: mib}, run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
							return engine.Summary{}, inPieces(w, size)
						}})
						conn := dial(t, handler)
						r := request(t, format)
						r.Header.Set("Accept-Encoding", encoding)
						if err := r.Write(conn); err != nil {
							t.Fatal(err)
						}
						if _, err := io.ReadFull(conn, make([]byte, 10<<10)); err != nil {
							t.Fatal(err)
						}
						synctest.Wait()
						if n := api.Held(); n == 0 || n > 5*mib {
							t.Errorf("%d bytes are held while the client waits", n)
						}
						if err := conn.Close(); err != nil {
							t.Fatal(err)
						}
						synctest.Wait()
						if n := api.Held(); n != 0 {
							t.Errorf("%d bytes are still held", n)
						}
						if record := records.last(t); !record.Canceled {
							t.Errorf("record %+v", record)
						}
					})
				})
			}
		}
	}
}

// panicking is a client's connection whose writer has a defect.
type panicking struct{ *httptest.ResponseRecorder }

func (panicking) Write([]byte) (int, error) { panic("writer") }

func TestFailuresFreeTheirAnswers(t *testing.T) {
	t.Parallel()
	ends := map[string]func() error{
		"success":     func() error { return nil },
		"failure":     func() error { return errDriver },
		"unavailable": func() error { return engine.ErrUnavailable },
		"panic":       func() error { panic("engine") },
	}
	for name, end := range ends {
		for _, format := range []string{"json", "csv"} {
			for _, encoding := range codings {
				for _, size := range []int{0, 100, 300 << 10, 3 * mib, 9 * mib} { // the last is over the limit
					t.Run(fmt.Sprintf("%s/%s/%s/%d", name, format, encoding, size), func(t *testing.T) {
						t.Parallel()
						handler, api, _ := newHandler(t, options{bytes: 8 * mib, config: httpapi.Config{HoldBack: mib}, run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
							if err := inPieces(w, size); err != nil {
								return engine.Summary{}, err
							}
							return engine.Summary{}, end()
						}})
						for range 3 {
							for _, w := range []http.ResponseWriter{httptest.NewRecorder(), panicking{httptest.NewRecorder()}} {
								r := post(t, "/v1/query", `{"sql":"SELECT 1","format":"`+format+`"}`)
								r.Header.Set("Accept-Encoding", encoding)
								func() {
									defer func() { _ = recover() }() // the connection is cut by a panic
									handler.ServeHTTP(w, r)
								}()
								if n := api.Held(); n != 0 {
									t.Fatalf("%d bytes are still held", n)
								}
							}
						}
					})
				}
			}
		}
	}
}

// Many at once get whole answers or none, and never hold more than they may.
func TestCrowdsStayWithinTheLedger(t *testing.T) {
	t.Parallel()
	const limit = 4 * mib
	var api *httpapi.API
	handler, api, _ := newHandler(t, options{bytes: 8 * mib, config: httpapi.Config{Held: limit, HoldBack: mib}, run: func(_ context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
		size, ok := r.Params[0].(int64)
		if !ok {
			return engine.Summary{}, errDriver
		}
		err := inPieces(w, int(size))
		if n := api.Held(); n > limit || n < 0 {
			t.Errorf("%d bytes are held", n)
		}
		if size%5 == 4 {
			panic("engine")
		}
		return engine.Summary{}, err
	}})
	srv := serve(t, handler, false)
	var crowd sync.WaitGroup
	for client := range 12 {
		crowd.Go(func() {
			for i := range 10 {
				size, format := (client*131+i*37)%30*(100<<10)+i, []string{"json", "csv"}[i%2]
				resp, body, err := askWith(t, srv, fmt.Sprintf(`{"sql":"SELECT $1","params":[%d],"format":"%s"}`, size, format), codings[client%3])
				switch {
				case err != nil || resp.StatusCode == http.StatusInternalServerError:
					if size%5 != 4 {
						t.Errorf("%d bytes: %v", size, err)
					}
				case resp.StatusCode == http.StatusServiceUnavailable:
				case resp.StatusCode == http.StatusOK:
					if encoding := resp.Header.Get("Content-Encoding"); encoding == "" && len(body) != size {
						t.Errorf("%d bytes of %d", len(body), size)
					}
				default:
					t.Errorf("%s for %d bytes", resp.Status, size)
				}
			}
		})
	}
	crowd.Wait()
	srv.Close() // waits for all requests
	if n := api.Held(); n != 0 {
		t.Errorf("%d bytes are still held", n)
	}
}

func TestHeldHasRoomForTwoAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []httpapi.Config{{Held: -1}, {Held: 2*mib - 1}, {HoldBack: httpapi.DefaultHeld/2 + 1}, {Held: 1, WriteStall: time.Second}} {
		c.Service = newService(t, options{})
		if _, err := httpapi.New(c); err == nil || !strings.Contains(err.Error(), "Held: ") {
			t.Errorf("%d of %d: error %v", c.HoldBack, c.Held, err)
		}
	}
	if _, err := httpapi.New(httpapi.Config{Service: newService(t, options{}), Held: 2 * mib}); err != nil {
		t.Error(err)
	}
}
