package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sallyport-dev/sallyport/internal/config"
)

func TestReadAheadIsTransparent(t *testing.T) {
	t.Parallel()
	cut := errors.New("cut")
	for _, size := range []int{0, 1, 511, 512, 513, 1000, 1023, 1024, 1025, 5000} {
		text := bytes.Repeat([]byte("x"), size)
		for name, reader := range map[string]io.Reader{
			"whole": bytes.NewReader(text), "byte by byte": iotest.OneByteReader(bytes.NewReader(text)), "with EOF": iotest.DataErrReader(bytes.NewReader(text)),
		} {
			for _, announced := range []int64{-1, 0, int64(size), 1 << 40} {
				got, err := io.ReadAll(readAhead(io.NopCloser(reader), announced, 1024))
				if size > 0 && err != nil || len(got) != size {
					t.Fatalf("%s, %d bytes, %d announced: %d bytes, %v", name, size, announced, len(got), err)
				}
				if seeker, ok := reader.(io.Seeker); ok {
					if _, err := seeker.Seek(0, io.SeekStart); err != nil {
						t.Fatal(err)
					}
					continue
				}
				break // these can be read once
			}
		}
	}
	b := readAhead(io.NopCloser(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(cut))), -1, 1024)
	if got, err := io.ReadAll(b); string(got) != "half" || !errors.Is(err, cut) {
		t.Errorf("a body that breaks off: %q, %v", got, err)
	}
}

// No more is taken from a client than its limit, and one byte that shows it is over.
func TestReadAheadStops(t *testing.T) {
	t.Parallel()
	taken := 0
	endless := iotest.OneByteReader(readerFunc(func(p []byte) (int, error) {
		taken++
		p[0] = 'x'
		return 1, nil
	}))
	readAhead(io.NopCloser(endless), 1<<40, 1024)
	if taken != 1025 {
		t.Errorf("%d bytes taken", taken)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A client that never finishes its request holds no place in flight.
func TestSlowBodiesHoldNoPlace(t *testing.T) {
	t.Parallel()
	url, key, s := perimeterOf(t, func(c *config.Config) {
		c.Perimeter.InFlight.PerClient, c.Perimeter.InFlight.Global = 1, 1
	}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // its length is all that counts
	}))
	for range 3 {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() }) // it was never answered
		if _, err := fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nContent-Length: 1000\r\n\r\n{", key); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		if response := call(t, url, key); response.StatusCode != http.StatusOK {
			t.Errorf("beside slow clients: %d", response.StatusCode)
		}
	}
	if acquired := s.perimeter.inFlight.Stats().Acquired; acquired != 5 {
		t.Errorf("%d places were taken, want 5", acquired)
	}
}
