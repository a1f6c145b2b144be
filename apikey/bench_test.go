package apikey

import (
	"fmt"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// prepare returns a guarded handler over 1,000 keys, and keys to try.
func prepare(tb testing.TB, client func(*http.Request) netip.Addr) (h http.Handler, known, unknown string) {
	tb.Helper()
	keys := make([]Key, 0, 1000)
	for i := range 1000 {
		var k Key
		k, known = generate(tb, fmt.Sprintf("k%d", i), time.Time{}, Query)
		keys = append(keys, k)
	}
	auth, err := New(Config{Keys: NewStore(newSet(tb, keys...)), Client: client})
	check(tb, err)
	_, unknown = generate(tb, "stranger", time.Time{}, Query)
	return auth.Require(Query).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})), known, unknown
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

func run(b *testing.B, h http.Handler, key string) {
	b.Helper()
	r, _ := keyRequest(b, key)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func BenchmarkRequireSuccess(b *testing.B) {
	h, known, _ := prepare(b, strangers())
	run(b, h, known)
}

func BenchmarkRequireUnknown(b *testing.B) {
	h, _, unknown := prepare(b, strangers())
	run(b, h, unknown)
}

func BenchmarkRequireMalformed(b *testing.B) {
	h, known, _ := prepare(b, strangers())
	run(b, h, known[:40]+"zz"+known[42:])
}

// A client that is locked out.
func BenchmarkRequireLocked(b *testing.B) {
	h, known, unknown := prepare(b, alice)
	lockOut(b, h, unknown)
	run(b, h, known)
}

// alice is a Config.Client by which all requests are of one client.
func alice(*http.Request) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, 1}) }

func lockOut(tb testing.TB, h http.Handler, unknown string) {
	tb.Helper()
	r, record := keyRequest(tb, unknown)
	for range 6 {
		h.ServeHTTP(&discard{header: http.Header{}}, r)
	}
	if record.Rule != "key.locked" {
		tb.Fatalf("rule %q", record.Rule)
	}
}

func TestAllocations(t *testing.T) {
	w := &discard{header: http.Header{}}
	h, known, unknown := prepare(t, strangers())
	closed, _, _ := prepare(t, alice)
	lockOut(t, closed, unknown)
	for _, tt := range []struct {
		name    string
		handler http.Handler
		key     string
		most    float64
	}{
		{"success: the identity and the request's copy", h, known, 2},
		{"unknown", h, unknown, 0},
		{"malformed", h, known[:40], 0},
		{"locked", closed, known, 0},
	} {
		r, _ := keyRequest(t, tt.key)
		if n := testing.AllocsPerRun(200, func() { tt.handler.ServeHTTP(w, r) }); n > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.name, n, tt.most)
		}
	}
}
