package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// sizes of answers: a single value, one that fills net/http's buffer, and 1,000 rows.
var sizes = []int{80, 3 << 10, 44 << 10}

// BenchmarkHandler is the front without a connection: what it does and
// allocates for a request.
func BenchmarkHandler(b *testing.B) {
	for _, format := range []string{"json", "csv"} {
		for _, size := range sizes {
			b.Run(fmt.Sprintf("%s/%d", format, size), func(b *testing.B) {
				handler := newBenchHandler(b, size)
				body := strings.NewReader("")
				r := newBenchRequest(b, format, "")
				w := &punctual{discard{header: http.Header{}}}
				b.ReportAllocs()
				for b.Loop() {
					body.Reset(benchBody(format))
					r.Body = io.NopCloser(body)
					clear(w.header)
					handler.ServeHTTP(w, r)
				}
			})
		}
	}
}

// BenchmarkConnection is a whole exchange over TCP on one connection.
func BenchmarkConnection(b *testing.B) {
	for _, size := range sizes {
		for _, encoding := range []string{"", "gzip", "zstd"} {
			b.Run(fmt.Sprintf("%d/%s", size, encoding), func(b *testing.B) {
				srv := serve(b, newBenchHandler(b, size), false)
				conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", srv.Listener.Addr().String())
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				in := bufio.NewReader(conn)
				var text strings.Builder
				r := newBenchRequest(b, "json", encoding)
				if err := r.Write(&text); err != nil {
					b.Fatal(err)
				}
				message := []byte(text.String())
				var sent atomic.Int64
				b.ReportAllocs()
				for b.Loop() {
					if _, err := conn.Write(message); err != nil {
						b.Fatal(err)
					}
					resp, err := http.ReadResponse(in, nil)
					if err != nil {
						b.Fatal(err)
					}
					n, err := io.Copy(io.Discard, resp.Body)
					if err != nil {
						b.Fatal(err)
					}
					_ = resp.Body.Close()
					sent.Store(n)
				}
				b.ReportMetric(float64(sent.Load()), "body-bytes")
			})
		}
	}
}

// punctual knows deadlines, as the writers of net/http do.
type punctual struct{ discard }

func (*punctual) SetWriteDeadline(time.Time) error { return nil }

func benchBody(format string) string { return `{"sql":"SELECT 1","format":"` + format + `"}` }

func newBenchRequest(b *testing.B, format, encoding string) *http.Request {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://test/v1/query", strings.NewReader(benchBody(format)))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	return r
}

// newBenchHandler answers every query with size bytes that look like rows.
func newBenchHandler(b *testing.B, size int) http.Handler {
	b.Helper()
	answer := sample(size)
	handler, _, _ := newHandler(b, options{run: func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
		_, err := w.Write(answer)
		return engine.Summary{Rows: 1}, err
	}})
	return handler
}

// sample is size bytes of an answer as flights data gives it.
func sample(size int) []byte {
	var text []byte
	for i := 0; len(text) < size; i++ {
		text = fmt.Appendf(text, `["%c%c%c","2001-01-%02d %02d:%02d:00",%d,%d],`, 'A'+i*7%26, 'A'+i*11%26, 'A'+i*3%26, 1+i*13%28, i*5%24, i*17%60, i*7919%2000, i*104729%90)
	}
	return text[:size]
}
