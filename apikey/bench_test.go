package apikey

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// prepare returns a guarded handler over 1,000 keys, and keys to try.
func prepare(tb testing.TB) (h http.Handler, known, unknown string) {
	tb.Helper()
	keys := make([]Key, 0, 1000)
	for i := range 1000 {
		var k Key
		k, known = generate(tb, fmt.Sprintf("k%d", i), time.Time{}, Query)
		keys = append(keys, k)
	}
	auth, err := New(Config{Keys: NewStore(newSet(tb, keys...))})
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
	h, known, _ := prepare(b)
	run(b, h, known)
}

func BenchmarkRequireUnknown(b *testing.B) {
	h, _, unknown := prepare(b)
	run(b, h, unknown)
}

func BenchmarkRequireMalformed(b *testing.B) {
	h, known, _ := prepare(b)
	run(b, h, known[:40]+"zz"+known[42:])
}

func TestAllocations(t *testing.T) {
	h, known, unknown := prepare(t)
	w := &discard{header: http.Header{}}
	for _, tt := range []struct {
		name, key string
		most      float64
	}{
		{"success: the identity and the request's copy", known, 2},
		{"unknown", unknown, 0},
		{"malformed", known[:40], 0},
	} {
		r, _ := keyRequest(t, tt.key)
		if n := testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }); n > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.name, n, tt.most)
		}
	}
}
