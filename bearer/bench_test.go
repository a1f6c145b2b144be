package bearer

import (
	"net/http"
	"testing"
)

type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

// prepare returns a guarded handler, and the verifier behind it.
func prepare(tb testing.TB) (*issuer, *Verifier, http.Handler) {
	tb.Helper()
	is := newIssuer(tb, public("ec", "ES256", p256()), public("rsa", "RS256", rsa2048()), public("ed", "EdDSA", edKey()))
	config := is.config(newClock())
	config.DangerouslyNoLockout, config.Client = false, oneClient
	config.Lockout.Failures = 1000
	v := newVerifier(tb, config)
	return is, v, v.Require("query").Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
}

func run(b *testing.B, h http.Handler, line string) {
	b.Helper()
	r, _ := request(b, line)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}

func BenchmarkCached(b *testing.B) {
	is, _, h := prepare(b)
	run(b, h, "Bearer "+sign(b, rsa2048(), map[string]any{"alg": "RS256", "kid": "rsa"}, claimsOf(is.URL, nil)))
}

func BenchmarkCold(b *testing.B) {
	for _, bb := range []struct {
		name   string
		key    any
		header map[string]any
	}{
		{"RS256", rsa2048(), map[string]any{"alg": "RS256", "kid": "rsa"}},
		{"ES256", p256(), es256("ec")},
		{"EdDSA", edKey(), map[string]any{"alg": "EdDSA", "kid": "ed"}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			is, v, _ := prepare(b)
			token := sign(b, bb.key, bb.header, claimsOf(is.URL, nil))
			ctx, set := b.Context(), v.keys.set.Load()
			b.ReportAllocs()
			for b.Loop() {
				set.cache = newCache()
				if _, why := v.verify(ctx, token); why != passed {
					b.Fatal(why)
				}
			}
		})
	}
}

func BenchmarkLocked(b *testing.B) {
	_, v, h := prepare(b)
	for range 1000 {
		v.failed.Failed(oneClient(nil))
	}
	run(b, h, "Bearer a.b.c")
}

func BenchmarkMissing(b *testing.B) {
	_, _, h := prepare(b)
	run(b, h, "Basic eA==")
}

func TestAllocations(t *testing.T) {
	is, v, h := prepare(t)
	good := sign(t, p256(), es256("ec"), claimsOf(is.URL, nil))
	w := &discard{header: http.Header{}}
	for _, tt := range []struct {
		name, line string
		most       float64
	}{
		{"remembered: the context and the request's copy", "Bearer " + good, 2},
		{"missing: the header's value", "Basic eA==", 1},
		{"malformed: the header's value", "Bearer " + good[:100], 1},
	} {
		r, _ := request(t, tt.line)
		if n := testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }); n > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.name, n, tt.most)
		}
	}
	for range 1000 {
		v.failed.Failed(oneClient(nil))
	}
	r, record := request(t, "Bearer "+good)
	if n := testing.AllocsPerRun(200, func() { h.ServeHTTP(w, r) }); n > 1 || record.Rule != "bearer.locked" {
		t.Errorf("locked: %v allocations, rule %q", n, record.Rule)
	}
}
