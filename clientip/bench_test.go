package clientip_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/clientip"
	"github.com/sallyport-dev/sallyport/event"
)

// countingWriter takes one answer of JSON.
type countingWriter struct {
	header http.Header
	n      int
	valid  bool
}

func (w *countingWriter) Header() http.Header { return w.header }
func (*countingWriter) WriteHeader(int)       {}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.n += len(p)
	w.valid = utf8.Valid(p) && json.Valid(p)
	return len(p), nil
}

type benchCase struct {
	name string
	h    http.Handler
	r    *http.Request
}

// benchCases are inside an event recorder, as in a server.
func benchCases(tb testing.TB) []benchCase {
	tb.Helper()
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	recorded := func(r *http.Request) *http.Request {
		return r.WithContext(event.NewContext(r.Context(), new(event.Record)))
	}
	wrap := func(c clientip.Config) http.Handler { return newResolver(tb, c).Wrap(next) }
	usual := []string{"Host: a", "User-Agent: curl/8", "Accept: */*", "Content-Type: application/json", "X-API-Key: k", "Accept-Encoding: gzip"}
	with := func(lines ...string) []string { return append(lines, usual...) }
	proxies := clientip.Config{Kind: clientip.Proxies, Trusted: cidrs("10.0.0.0/24", "192.168.0.0/16", "fd00::/16")}
	forwarded, hops := proxies, clientip.Config{Kind: clientip.Proxies, Hops: 2}
	forwarded.Header = clientip.Forwarded
	return []benchCase{
		{"direct", wrap(clientip.Config{Kind: clientip.Direct}), recorded(request(tb, stranger, usual...))},
		{"direct spoofed", wrap(clientip.Config{Kind: clientip.Direct}), recorded(request(tb, stranger, with("X-Forwarded-For: 1.1.1.1")...))},
		{"proxies", wrap(proxies), recorded(request(tb, proxy, with("X-Forwarded-For: 1.1.1.1, 198.51.100.7, 10.0.0.2")...))},
		{"proxies IPv6", wrap(proxies), recorded(request(tb, proxy6, with("X-Forwarded-For: 2001:db8:1:2:3:4:5:6")...))},
		{"hops", wrap(hops), recorded(request(tb, proxy, with("X-Forwarded-For: 198.51.100.7, 10.0.0.2")...))},
		{"forwarded", wrap(forwarded), recorded(request(tb, proxy, with(`Forwarded: for="[2001:db8::1]:80";proto=https, for=10.0.0.2`)...))},
		{"cloudflare", wrap(clientip.Config{Kind: clientip.Cloudflare}), recorded(request(tb, edge, with("CF-Connecting-IP: 198.51.100.7")...))},
		{
			"forwarder", wrap(clientip.Config{Kind: clientip.Forwarder, Secrets: []string{oldSecret, newSecret}}),
			recorded(request(tb, stranger, with("X-Sallyport-Client: 198.51.100.7", "X-Sallyport-Forwarder: "+newSecret)...)),
		},
	}
}

func TestAllocations(t *testing.T) {
	for _, tt := range benchCases(t) {
		w := &countingWriter{header: http.Header{}}
		if n := testing.AllocsPerRun(200, func() { tt.h.ServeHTTP(w, tt.r) }); n != 0 {
			t.Errorf("%s: %v allocations a request, want none", tt.name, n)
		}
	}
}

func BenchmarkWrap(b *testing.B) {
	for _, tt := range benchCases(b) {
		b.Run(tt.name, func(b *testing.B) {
			w := &countingWriter{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				tt.h.ServeHTTP(w, tt.r)
			}
		})
	}
}
