package ratelimit

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

func nothing(http.ResponseWriter, *http.Request) {}

// three is a limiter of three policies whose state the caller is shown.
func three(tb testing.TB, limit Limit) *Limiter {
	tb.Helper()
	addr := netip.MustParseAddr("2001:db8::1")
	fixed := func(*http.Request) netip.Addr { return addr }
	return newLimiter(tb, Config{Policies: []Policy{
		{Name: "client", Limit: limit, By: ByClient(fixed)},
		{Name: "client_day", Limit: limit, By: ByClient(fixed)},
		{Name: "key", Limit: limit, By: ByName(func(*http.Request) string { return "nightly-report" })},
	}})
}

const plenty = 999_999_999

func run(b *testing.B, l *Limiter) {
	b.Helper()
	h := l.Wrap(http.HandlerFunc(nothing))
	w, r := &discard{header: http.Header{}}, from(b, "192.0.2.1")
	r = r.WithContext(event.NewContext(r.Context(), new(event.Record)))
	b.ReportAllocs()
	for b.Loop() {
		delete(w.header, headerPolicy)
		delete(w.header, headerLimit)
		h.ServeHTTP(w, r)
	}
}

func BenchmarkAdmittedThreePolicies(b *testing.B) { run(b, three(b, PerSecond(plenty))) }

// The policies of a server: one is shown, one where it refuses, one never.
func BenchmarkAdmittedClientNetworkGlobal(b *testing.B) {
	addr := netip.MustParseAddr("192.0.2.1")
	fixed := func(*http.Request) netip.Addr { return addr }
	run(b, newLimiter(b, Config{Policies: []Policy{
		{Name: "client", Limit: PerSecond(plenty), By: ByClient(fixed)},
		{Name: "network", Limit: PerSecond(plenty), By: ByNetwork(fixed, 24, 48)},
		{Name: "global", Limit: PerSecond(plenty), By: Everybody()},
	}}))
}

func BenchmarkRefusedThreePolicies(b *testing.B) {
	l := three(b, Limit{Events: 1, Period: 24 * time.Hour})
	l.Allow(from(b, "192.0.2.1"))
	b.Run("refused", func(b *testing.B) { run(b, l) })
}

func BenchmarkAllowParallel(b *testing.B) {
	l := three(b, PerSecond(plenty))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := from(b, "192.0.2.1")
		for pb.Next() {
			l.Allow(r)
		}
	})
}

func BenchmarkASNLookup(b *testing.B) {
	n := networks{}
	for i := range 60_000 {
		n[netip.PrefixFrom(netip.AddrFrom4([4]byte{10 + byte(i>>16), byte(i >> 8), byte(i), 0}), 24).String()] = uint32(i + 1)
	}
	db, addr := openASN(b, n), netip.MustParseAddr("10.77.77.77")
	b.ReportAllocs()
	for b.Loop() {
		db.Lookup(addr)
	}
}

// Ten million clients, each with a /64 of its own, one after the other.
func BenchmarkTenMillionAddresses(b *testing.B) {
	const million = 1_000_000
	for b.Loop() {
		before := heap()
		var clients addresses
		l := newLimiter(b, Config{Limit: PerMinute(30), Key: clients.next})
		h := l.Wrap(http.HandlerFunc(nothing))
		w, r := &discard{header: http.Header{}}, from(b, "192.0.2.1")
		var first, last time.Duration
		for i := range 10 {
			start := time.Now()
			for range million {
				delete(w.header, headerPolicy)
				delete(w.header, headerLimit)
				h.ServeHTTP(w, r)
			}
			if last = time.Since(start); i == 0 {
				first = last
			}
		}
		b.ReportMetric(float64(first.Nanoseconds())/million, "ns/op-first-million")
		b.ReportMetric(float64(last.Nanoseconds())/million, "ns/op-last-million")
		b.ReportMetric(float64(heap()-before), "heap-bytes")
		b.ReportMetric(float64(l.Stats().Policies[0].Refused), "refused")
	}
}

func TestAllocations(t *testing.T) {
	tests := []struct {
		name string
		l    *Limiter
		most float64
	}{
		{"admitted: the header's text and its slice", three(t, PerSecond(plenty)), 2},
		{"refused: besides, the error, Retry-After and its slice", three(t, Limit{Events: 1, Period: 24 * time.Hour}), 5},
	}
	for _, tt := range tests {
		h := tt.l.Wrap(http.HandlerFunc(nothing))
		w, r := &discard{header: http.Header{}}, from(t, "192.0.2.1")
		r = r.WithContext(event.NewContext(r.Context(), new(event.Record)))
		h.ServeHTTP(w, r)
		if n := testing.AllocsPerRun(200, func() {
			delete(w.header, headerPolicy)
			delete(w.header, headerLimit)
			h.ServeHTTP(w, r)
		}); n > tt.most+raceSlack {
			t.Errorf("%s: %v allocations, want at most %v", tt.name, n, tt.most)
		}
	}
}
