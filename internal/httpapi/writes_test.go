package httpapi_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// countingListener counts the writes to its connections.
type countingListener struct {
	net.Listener
	writes atomic.Int64
}

func (l *countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return countingConn{conn, &l.writes}, err
}

type countingConn struct {
	net.Conn
	writes *atomic.Int64
}

func (c countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// An answer goes out in one write where it fits into net/http's buffer with its
// header, and else in as few as net/http makes of one.
func TestWritesOfAnAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		size     int
		encoding string
		most     int64
	}{
		{80, "", 1},
		{3500, "", 1},
		{44 << 10, "", 2},
		{44 << 10, "zstd", 2},
		{10 << 10, "zstd", 1},
		{1 << 20, "", 18}, // a deadline for each 64 KiB
	}
	for _, tt := range tests {
		for _, format := range []string{"json", "csv"} {
			t.Run(fmt.Sprintf("%d/%s/%s", tt.size, tt.encoding, format), func(t *testing.T) {
				t.Parallel()
				handler, _, _ := newHandler(t, options{run: write(string(sample(tt.size))), bytes: 4 << 20, config: httpapi.Config{HoldBack: 4 << 20}})
				srv := httptest.NewUnstartedServer(handler)
				counting := &countingListener{Listener: srv.Listener}
				srv.Listener = counting
				srv.Start()
				t.Cleanup(srv.Close)
				conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", counting.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = conn.Close() }()
				in := bufio.NewReader(conn)
				for range 3 {
					counting.writes.Store(0)
					r := request(t, format)
					if tt.encoding != "" {
						r.Header.Set("Accept-Encoding", tt.encoding)
					}
					if err := r.Write(conn); err != nil {
						t.Fatal(err)
					}
					resp, err := http.ReadResponse(in, nil)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := io.Copy(io.Discard, resp.Body); err != nil {
						t.Fatal(err)
					}
					if err := resp.Body.Close(); err != nil {
						t.Fatal(err)
					}
					if n := counting.writes.Load(); n > tt.most || n == 0 {
						t.Errorf("%d writes, want %d", n, tt.most)
					}
				}
			})
		}
	}
}
