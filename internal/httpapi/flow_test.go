package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

var codings = []string{"", "gzip", "zstd"}

// noise is longer than any window, so that it stays noise when it is repeated.
var noise = []byte(random(1 << 20))

// endless is an engine whose answer ends only when it can no longer be written.
func endless(written *atomic.Int64) runFunc {
	return func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
		for {
			for at := 0; at < len(noise); at += 64 << 10 {
				n, err := w.Write(noise[at : at+64<<10])
				written.Add(int64(n))
				if err != nil {
					return engine.Summary{}, err
				}
			}
		}
	}
}

// An engine gets no further ahead of a client that reads nothing than what is
// held back and what a compressor holds; and its query ends with the client's time.
func TestStalledClientsStopTheEngine(t *testing.T) {
	t.Parallel()
	for _, encoding := range codings {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var written atomic.Int64
				handler, _, records := newHandler(t, options{run: endless(&written), config: httpapi.Config{WriteStall: 7 * time.Second}})
				conn := dial(t, handler)
				r := request(t, "ndjson")
				r.Header.Set("Accept-Encoding", encoding)
				if err := r.Write(conn); err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				synctest.Wait()
				if n := written.Load(); n > 512<<10 {
					t.Errorf("%d bytes were taken from the engine", n)
				}
				<-time.After(8 * time.Second)
				synctest.Wait()
				record := records.last(t)
				if record.Duration != 7*time.Second || !record.Canceled || !errors.Is(record.Err, os.ErrDeadlineExceeded) {
					t.Errorf("after %v: record %+v", time.Since(start), record)
				}
			})
		})
	}
}

// A client that reads slowly, but reads, gets everything.
func TestSlowClientsOfCompressedAnswers(t *testing.T) {
	t.Parallel()
	want := random(400 << 10)
	for _, encoding := range codings {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				handler, _, _ := newHandler(t, options{run: write(want), config: httpapi.Config{WriteTimeout: 5 * time.Minute}})
				conn := dial(t, handler)
				r := request(t, "ndjson")
				r.Header.Set("Accept-Encoding", encoding)
				if err := r.Write(conn); err != nil {
					t.Fatal(err)
				}
				resp, raw := receive(t, slowly{conn})
				got, err := decode(t, resp.Header.Get("Content-Encoding"), strings.NewReader(raw))
				if got != want || err != nil || resp.Header.Get("Content-Encoding") != encoding || resp.Trailer.Get("Sallyport-Status") != "complete" {
					t.Errorf("%d bytes: %v, headers %v, trailers %v", len(got), err, resp.Header, resp.Trailer)
				}
			})
		})
	}
}

// Rows that an engine gives out slowly are with the client before the next
// ones are made.
func TestSlowEnginesAreSeen(t *testing.T) {
	t.Parallel()
	for _, encoding := range codings {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				next := make(chan struct{})
				head := strings.Repeat(`{"a":1}`+"\n", 5000)
				handler, _, _ := newHandler(t, options{run: func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
					summary, err := write(head)(ctx, r, w)
					for i := range 3 {
						<-next
						<-time.After(time.Second)
						_, wrote := fmt.Fprintf(w, `{"a":%d}`+"\n", i+2)
						err = errors.Join(err, wrote)
					}
					return summary, err
				}})
				conn := dial(t, handler)
				r := request(t, "ndjson")
				r.Header.Set("Accept-Encoding", encoding)
				if err := r.Write(conn); err != nil {
					t.Fatal(err)
				}
				resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
				if err != nil {
					t.Fatal(err)
				}
				// Read beside the test: the pipe has no buffer for what ends a piece.
				rows := make(chan string, 5003)
				body := bufio.NewReader(decoder(t, resp))
				go func() {
					defer close(rows)
					for {
						row, err := body.ReadString('\n')
						if err != nil {
							return
						}
						rows <- row
					}
				}()
				for range 5000 {
					<-rows
				}
				for i := range 3 {
					next <- struct{}{} // and nothing more is made until this row has come
					if row := <-rows; row != fmt.Sprintf(`{"a":%d}`+"\n", i+2) {
						t.Fatal(row)
					}
				}
				if row, more := <-rows; more {
					t.Error(row)
				}
			})
		})
	}
}

// decoder decodes an answer while it comes.
func decoder(t *testing.T, resp *http.Response) io.Reader {
	t.Helper()
	switch resp.Header.Get("Content-Encoding") {
	case "":
		return resp.Body
	case "gzip":
		in, err := gzip.NewReader(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return in
	default:
		in, err := zstd.NewReader(resp.Body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(in.Close)
		return in
	}
}

// A client that leaves in the middle of an answer ends the query, and gives its
// compressor back.
func TestHangUpMidway(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		for _, encoding := range codings {
			t.Run(fmt.Sprintf("http2 %v/%s", http2, encoding), func(t *testing.T) {
				t.Parallel()
				var written atomic.Int64
				handler, _, records := newHandler(t, options{run: endless(&written)})
				srv := serve(t, handler, http2)
				for range 20 { // more than there are compressors
					resp := open(t, srv.Client(), srv.URL, encoding)
					if resp.Header.Get("Content-Encoding") != encoding {
						t.Errorf("headers %v", resp.Header)
					}
					if _, err := io.CopyN(io.Discard, resp.Body, 100<<10); err != nil {
						t.Error(err)
					}
					if err := resp.Body.Close(); err != nil {
						t.Error(err)
					}
					select { // the place is free before the query has its record
					case <-records.ended:
					case <-t.Context().Done():
						t.Fatal("the query goes on")
					}
				}
				srv.Close()
				if record := records.last(t); !record.Aborted {
					t.Errorf("record %+v", record)
				}
			})
		}
	}
}

// open begins an answer and leaves its body to the caller.
func open(t *testing.T, client *http.Client, url, encoding string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/query", strings.NewReader(`{"sql":"SELECT 1","format":"ndjson"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}
