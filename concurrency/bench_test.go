package concurrency

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

func prepare(tb testing.TB, c Config) (http.Handler, *http.Request) {
	tb.Helper()
	if c.Client == nil {
		c.Client = func(r *http.Request) netip.Addr { return event.FromContext(r.Context()).Client }
	}
	h := newLimiter(tb, c).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	record := &event.Record{Client: netip.MustParseAddr("2001:db8::1")}
	return h, httptest.NewRequestWithContext(event.NewContext(tb.Context(), record), http.MethodGet, "/", http.NoBody)
}

func BenchmarkWrap(b *testing.B) {
	h, r := prepare(b, Config{PerClient: 4, Global: 10, Queue: 50})
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

// Ever new clients: each is tracked for its one request.
func BenchmarkWrapNewClients(b *testing.B) {
	n := uint32(0)
	h, r := prepare(b, Config{PerClient: 4, Global: 10, Client: func(*http.Request) netip.Addr {
		n++
		return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}})
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

// A hundred clients' requests for ten slots: most of them wait.
func BenchmarkWrapContended(b *testing.B) {
	var n atomic.Uint32
	h, r := prepare(b, Config{PerClient: 4, Global: 10, Queue: 1 << 16, QueuePerClient: 1 << 16, Client: func(*http.Request) netip.Addr {
		return addr(int(n.Add(1) % 100))
	}})
	b.SetParallelism(100)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		w := &discard{header: http.Header{}}
		for pb.Next() {
			h.ServeHTTP(w, r)
		}
	})
}

func BenchmarkRefused(b *testing.B) {
	l := newLimiter(b, Config{PerClient: 1, Global: 1, Wait: time.Second})
	defer acquire(b, l, netip.Addr{}).Release()
	h := l.Wrap(http.NotFoundHandler())
	_, r := prepare(b, Config{PerClient: 1, Global: 1})
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func TestAllocations(t *testing.T) {
	h, r := prepare(t, Config{PerClient: 4, Global: 10, Queue: 50})
	w := &discard{header: http.Header{}}
	if n := testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }); n > 2 {
		t.Errorf("%v allocations, want at most 2: the slot with its context, and the request's copy", n)
	}
}
