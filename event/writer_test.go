package event_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// plain is a response writer that can do nothing but the necessary.
type plain struct {
	header http.Header
	status []int
	body   strings.Builder
}

func (p *plain) Header() http.Header {
	if p.header == nil {
		p.header = http.Header{}
	}
	return p.header
}
func (p *plain) WriteHeader(status int)      { p.status = append(p.status, status) }
func (p *plain) Write(b []byte) (int, error) { return p.body.Write(b) }

type flusher struct {
	plain
	flushed int
}

func (f *flusher) Flush() { f.flushed++ }

type hijacker struct{ plain }

func (*hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, other := net.Pipe()
	_ = other.Close()
	return c, bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c)), nil
}

type readerFrom struct {
	plain
	used bool
}

func (f *readerFrom) ReadFrom(src io.Reader) (int64, error) {
	f.used = true
	return io.Copy(&f.body, src)
}

func get(t *testing.T) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
}

func TestTrackOffersWhatTheServerOffers(t *testing.T) {
	t.Parallel()
	type wrapped struct{ http.ResponseWriter }
	tests := []struct {
		name          string
		w             http.ResponseWriter
		flush, hijack bool
	}{
		{"nothing", &plain{}, false, false},
		{"flush", &flusher{}, true, false},
		{"hijack", &hijacker{}, false, true},
		{"both", struct {
			*flusher
			http.Hijacker
		}{&flusher{}, &hijacker{}}, true, true},
		{"hidden by a wrapper without Unwrap", wrapped{&flusher{}}, false, false},
		{"found through Unwrap", unwrapping{&flusher{}}, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, _ := event.Track(tt.w, get(t))
			if _, ok := w.(http.Flusher); ok != tt.flush {
				t.Errorf("http.Flusher: %v, want %v", ok, tt.flush)
			}
			if _, ok := w.(http.Hijacker); ok != tt.hijack {
				t.Errorf("http.Hijacker: %v, want %v", ok, tt.hijack)
			}
			err := http.NewResponseController(w).Flush()
			if (err == nil) != tt.flush {
				t.Errorf("ResponseController.Flush: %v, want success %v", err, tt.flush)
			}
			if !tt.flush && !errors.Is(err, http.ErrNotSupported) {
				t.Errorf("ResponseController.Flush: %v, want http.ErrNotSupported", err)
			}
		})
	}
}

type unwrapping struct{ inner http.ResponseWriter }

func (u unwrapping) Header() http.Header         { return u.inner.Header() }
func (u unwrapping) WriteHeader(status int)      { u.inner.WriteHeader(status) }
func (u unwrapping) Write(b []byte) (int, error) { return u.inner.Write(b) }
func (u unwrapping) Unwrap() http.ResponseWriter { return u.inner }

func TestTrackTwiceIsOnce(t *testing.T) {
	t.Parallel()
	for _, under := range []http.ResponseWriter{&plain{}, &flusher{}, &hijacker{}, httptest.NewRecorder()} {
		w1, t1 := event.Track(under, get(t))
		w2, t2 := event.Track(w1, get(t))
		if w1 != w2 || t1 != t2 {
			t.Errorf("%T was tracked twice", under)
		}
	}
}

func TestBegun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		do     func(t *testing.T, w http.ResponseWriter)
		status int
		bytes  int64
	}{
		{"nothing", func(*testing.T, http.ResponseWriter) {}, 0, 0},
		{"headers only", func(_ *testing.T, w http.ResponseWriter) { w.Header().Set("ETag", `"1"`) }, 0, 0},
		{"status", func(_ *testing.T, w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }, 418, 0},
		{"early hints", func(_ *testing.T, w http.ResponseWriter) { w.WriteHeader(http.StatusEarlyHints) }, 0, 0},
		{"the first status counts", func(_ *testing.T, w http.ResponseWriter) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
			w.WriteHeader(http.StatusBadGateway)
		}, 202, 0},
		{"switching protocols", func(_ *testing.T, w http.ResponseWriter) { w.WriteHeader(http.StatusSwitchingProtocols) }, 101, 0},
		{"write", func(t *testing.T, w http.ResponseWriter) {
			t.Helper()
			_, err := w.Write([]byte("12345"))
			check(t, err)
		}, 200, 5},
		{"empty write", func(t *testing.T, w http.ResponseWriter) {
			t.Helper()
			_, err := w.Write(nil)
			check(t, err)
		}, 200, 0},
		{"string", func(t *testing.T, w http.ResponseWriter) {
			t.Helper()
			_, err := io.WriteString(w, "123")
			check(t, err)
		}, 200, 3},
		{"copy", func(t *testing.T, w http.ResponseWriter) {
			t.Helper()
			_, err := io.Copy(w, strings.NewReader("1234567"))
			check(t, err)
		}, 200, 7},
		{"flush", func(t *testing.T, w http.ResponseWriter) {
			t.Helper()
			check(t, http.NewResponseController(w).Flush())
		}, 200, 0},
		{"http.Flusher", func(t *testing.T, w http.ResponseWriter) {
			t.Helper()
			f, ok := w.(http.Flusher)
			if !ok {
				t.Fatalf("%T is no http.Flusher", w)
			}
			f.Flush()
		}, 200, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, tracker := event.Track(&flusher{}, get(t))
			tt.do(t, w)
			if tracker.Status() != tt.status || tracker.Bytes() != tt.bytes {
				t.Errorf("status %d, bytes %d; want %d, %d", tracker.Status(), tracker.Bytes(), tt.status, tt.bytes)
			}
			if got, want := tracker.Begun(), tt.status != 0; got != want {
				t.Errorf("Begun() = %v, want %v", got, want)
			}
			// The question must be answered through other people's wrappers.
			if got, want := event.Begun(unwrapping{w}), tt.status != 0; got != want {
				t.Errorf("Begun(wrapped) = %v, want %v", got, want)
			}
		})
	}
	if event.Begun(&plain{}) {
		t.Error("Begun of an untracked writer is true")
	}
}

func TestHeadCountsNoBody(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/", http.NoBody)
	w, tracker := event.Track(httptest.NewRecorder(), r)
	_, err := io.WriteString(w, "not sent")
	check(t, err)
	if tracker.Bytes() != 0 || tracker.Status() != http.StatusOK {
		t.Errorf("bytes %d, status %d; want 0, 200", tracker.Bytes(), tracker.Status())
	}
}

func TestReadFromIsForwarded(t *testing.T) {
	t.Parallel()
	under := &readerFrom{}
	w, tracker := event.Track(under, get(t))
	n, err := io.Copy(w, io.LimitReader(neverEnding('x'), 100_000))
	check(t, err)
	if !under.used {
		t.Error("the server's ReadFrom was not used")
	}
	if n != 100_000 || tracker.Bytes() != n || under.body.Len() != 100_000 {
		t.Errorf("n %d, counted %d, arrived %d", n, tracker.Bytes(), under.body.Len())
	}
}

func TestHijackTracked(t *testing.T) {
	t.Parallel()
	w, tracker := event.Track(&hijacker{}, get(t))
	conn, _, err := http.NewResponseController(w).Hijack()
	check(t, err)
	check(t, conn.Close())
	if tracker.Status() != http.StatusSwitchingProtocols {
		t.Errorf("status %d, want 101", tracker.Status())
	}
}

// With the real server: everything it can do passes through the tracker.
func TestTrackOnRealServer(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w, _ = event.Track(w, r)
		rc := http.NewResponseController(w)
		_, readerFrom := w.(io.ReaderFrom)
		_, hijacker := w.(http.Hijacker)
		err := errors.Join(
			rc.SetReadDeadline(time.Now().Add(time.Minute)),
			rc.SetWriteDeadline(time.Now().Add(time.Minute)),
			rc.EnableFullDuplex(),
			rc.Flush(),
		)
		if !readerFrom || !hijacker {
			err = errors.Join(err, errors.New("an optional interface is missing"))
		}
		failed <- err
	}))
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
	check(t, err)
	resp, err := srv.Client().Do(req)
	check(t, err)
	check(t, resp.Body.Close())
	check(t, <-failed)
}

type neverEnding byte

func (b neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b)
	}
	return len(p), nil
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
