package cors_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	rscors "github.com/rs/cors"

	"github.com/sallyport-dev/sallyport/cors"
	"github.com/sallyport-dev/sallyport/event"
)

// discard is a response that only has headers.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

func request(tb testing.TB, method, origin string, lines ...string) *http.Request {
	tb.Helper()
	ctx := event.NewContext(context.Background(), &event.Record{})
	r, err := http.NewRequestWithContext(ctx, method, api, http.NoBody)
	if err != nil {
		tb.Fatal(err)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	for i := 0; i < len(lines); i += 2 {
		r.Header.Set(lines[i], lines[i+1])
	}
	return r
}

func preflightFor(tb testing.TB, origin string) *http.Request {
	tb.Helper()
	return request(tb, http.MethodOptions, origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type,x-api-key")
}

var noHandler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

// pair is the same configuration of ours and of github.com/rs/cors.
func pair(tb testing.TB, c cors.Config) (ours, theirs http.Handler) {
	tb.Helper()
	options := rscors.Options{
		AllowedOrigins: c.Origins, AllowCredentials: c.Mode == cors.Cookies, MaxAge: 600,
		AllowedMethods: []string{"GET", "HEAD", "POST"}, AllowedHeaders: []string{"Content-Type", "Authorization", "X-API-Key"},
		ExposedHeaders: []string{"X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy"},
	}
	return build(tb, c).Wrap(noHandler), rscors.New(options).Handler(noHandler)
}

func BenchmarkWrap(b *testing.B) {
	one := cors.Config{Mode: cors.Cookies, Origins: []string{"https://app.example.com", "https://*.example.org"}}
	many := cors.Config{Mode: cors.Cookies, Origins: []string{"https://app.example.com", "https://*.example.org"}}
	for i := range 400 {
		many.Origins = append(many.Origins, fmt.Sprintf("https://*.a%d.example.net", i))
	}
	for _, tt := range []struct {
		name    string
		config  cors.Config
		request *http.Request
	}{
		{"any/actual", anyOrigin, request(b, http.MethodPost, "https://a.example")},
		{"any/preflight", anyOrigin, preflightFor(b, "https://a.example")},
		{"listed/actual", one, request(b, http.MethodPost, "https://app.example.com")},
		{"listed/preflight", one, preflightFor(b, "https://app.example.com")},
		{"pattern/actual", one, request(b, http.MethodPost, "https://a.b.example.org")},
		{"pattern/preflight", one, preflightFor(b, "https://a.b.example.org")},
		{"refused/actual", one, request(b, http.MethodPost, "https://a.b.example.net")},
		{"refused/preflight", one, preflightFor(b, "https://a.b.example.net")},
		{"many/pattern", many, request(b, http.MethodPost, "https://a.b.a399.example.net")},
		{"many/refused", many, request(b, http.MethodPost, "https://a.b.example.net")},
		{"none/actual", one, request(b, http.MethodPost, "")},
	} {
		ours, theirs := pair(b, tt.config)
		for _, h := range []struct {
			name    string
			handler http.Handler
		}{{"sallyport", ours}, {"rs-cors", theirs}} {
			b.Run(tt.name+"/"+h.name, func(b *testing.B) {
				w := &discard{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					h.handler.ServeHTTP(w, tt.request)
				}
			})
		}
	}
}

func TestAllocations(t *testing.T) {
	for _, tt := range []struct {
		name    string
		config  cors.Config
		request *http.Request
		most    float64
	}{
		{"any origin", anyOrigin, request(t, http.MethodPost, "https://a.example"), 0},
		{"any origin, preflight", anyOrigin, preflightFor(t, "https://a.example"), 0},
		{"listed", cookies, request(t, http.MethodPost, "https://app.example.com"), 0},
		{"listed, preflight", cookies, preflightFor(t, "https://app.example.com"), 0},
		{"pattern: the value, and the suffix list's own", cookies, request(t, http.MethodPost, "https://a.example.org"), 2},
		{"pattern, preflight", cookies, preflightFor(t, "https://a.example.org"), 2},
		{"refused", cookies, request(t, http.MethodPost, "https://evil.net"), 0},
		{"refused preflight", cookies, preflightFor(t, "https://evil.net"), 0},
		{"refused for 1 MB of headers", cookies, request(t, http.MethodOptions, "https://app.example.com", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", strings.Repeat("a,", 1<<19)), 0},
		{"refused for 1 MB of Origin", cookies, request(t, http.MethodPost, "https://"+strings.Repeat("a.", 1<<19)+"example.org"), 0},
		{"cross-site", cookies, request(t, http.MethodPost, "", "Sec-Fetch-Site", "cross-site"), 0},
		{"own", cookies, request(t, http.MethodPost, "https://api.example.com", "Sec-Fetch-Site", "same-origin"), 0},
		{"no browser", cookies, request(t, http.MethodGet, ""), 0},
	} {
		h := build(t, tt.config).Wrap(noHandler)
		w := &discard{header: http.Header{}}
		if n := testing.AllocsPerRun(200, func() {
			clear(w.header)
			h.ServeHTTP(w, tt.request)
		}); n > tt.most {
			t.Errorf("%s: %v allocations, want at most %v", tt.name, n, tt.most)
		}
	}
}
