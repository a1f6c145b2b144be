package secheaders_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/secheaders"
)

// Names and values as the standards spell them, written out by hand: a test
// that took them from the package would accept its misspellings.
var strict = map[string]string{
	"X-Content-Type-Options":       "nosniff",                                    // Fetch, section 3.6
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'", // CSP3, section 3.1
	"Referrer-Policy":              "no-referrer",                                // Referrer Policy, section 4.1; two r's in the middle
	"X-Frame-Options":              "DENY",                                       // RFC 7034, section 2.1
	"Cross-Origin-Resource-Policy": "same-origin",                                // Fetch, section 3.7
	"Cross-Origin-Opener-Policy":   "same-origin",                                // HTML, section 7.1.3.1
	"Permissions-Policy":           secheaders.StrictPermissionsPolicy,           // Permissions Policy, section 5.2; checked below
	"Cache-Control":                "no-store",                                   // RFC 9111, section 5.2.2.5
}

func with(changes map[string]string) http.Header {
	h := http.Header{}
	for name, value := range strict {
		h[name] = []string{value}
	}
	for name, value := range changes {
		if value == "" {
			delete(h, name)
		} else {
			h[name] = []string{value}
		}
	}
	return h
}

func serve(t *testing.T, c secheaders.Config, overTLS bool, handler http.HandlerFunc) http.Header {
	t.Helper()
	s, err := secheaders.New(c)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	if overTLS {
		r.TLS = &tls.ConnectionState{}
	}
	w := httptest.NewRecorder()
	w.Header().Set("Server", "Caddy/2")
	w.Header().Set("X-Powered-By", "PHP/5")
	s.Wrap(handler).ServeHTTP(w, r)
	return w.Header()
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	const twoYears = "max-age=63072000"
	tests := []struct {
		name   string
		config secheaders.Config
		tls    bool
		want   http.Header
	}{
		{"zero config", secheaders.Config{}, false, with(nil)},
		{"TLS", secheaders.Config{}, true, with(map[string]string{"Strict-Transport-Security": twoYears})},
		{"https by a proxy", secheaders.Config{HTTPS: true}, false, with(map[string]string{"Strict-Transport-Security": twoYears})},
		{
			"an hour, with subdomains",
			secheaders.Config{MaxAge: time.Hour, IncludeSubDomains: true},
			true,
			with(map[string]string{"Strict-Transport-Security": "max-age=3600; includeSubDomains"}),
		},
		{"subdomains only matter with TLS", secheaders.Config{IncludeSubDomains: true}, false, with(nil)},
		{
			"every value changed",
			secheaders.Config{
				ContentSecurityPolicy: "default-src 'self'", ReferrerPolicy: "same-origin", FrameOptions: "SAMEORIGIN",
				CrossOriginResourcePolicy: "cross-origin", CrossOriginOpenerPolicy: "unsafe-none",
				PermissionsPolicy: "camera=()", CacheControl: "private",
			},
			false,
			with(map[string]string{
				"Content-Security-Policy": "default-src 'self'", "Referrer-Policy": "same-origin", "X-Frame-Options": "SAMEORIGIN",
				"Cross-Origin-Resource-Policy": "cross-origin", "Cross-Origin-Opener-Policy": "unsafe-none",
				"Permissions-Policy": "camera=()", "Cache-Control": "private",
			}),
		},
		{
			"omitted",
			secheaders.Config{DangerouslyOmit: []string{"x-frame-options", "Strict-Transport-Security"}},
			true,
			with(map[string]string{"X-Frame-Options": ""}),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := serve(t, tt.config, tt.tls, func(http.ResponseWriter, *http.Request) {})
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
		})
	}
}

func TestHandlerMayReplace(t *testing.T) {
	t.Parallel()
	c := secheaders.Config{}
	got := serve(t, c, false, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		w.Header().Add("Content-Security-Policy", "script-src 'none'")
	})
	if v := got.Get("Cache-Control"); v != "public, max-age=60" {
		t.Errorf("Cache-Control %q", v)
	}
	if v := got.Values("Content-Security-Policy"); len(v) != 2 {
		t.Errorf("Content-Security-Policy %q, want two", v)
	}
}

// What one request's handler does to its headers must not show in the next.
func TestResponsesDoNotShare(t *testing.T) {
	t.Parallel()
	s, err := secheaders.New(secheaders.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h := s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for name := range w.Header() {
			w.Header().Add(name, "added")
			w.Header().Set(name, "set")
		}
	}))
	for range 2 {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	}
	w := httptest.NewRecorder()
	s.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).
		ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	if got, want := w.Header(), with(nil); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestPermissionsPolicyForm(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, directive := range strings.Split(secheaders.StrictPermissionsPolicy, ", ") {
		feature, ok := strings.CutSuffix(directive, "=()")
		if !ok || feature == "" || strings.Trim(feature, "abcdefghijklmnopqrstuvwxyz-") != "" || seen[feature] {
			t.Errorf("%q is not feature=() of a feature not yet named", directive)
		}
		seen[feature] = true
	}
	for _, feature := range []string{"camera", "microphone", "geolocation", "payment", "usb"} {
		if !seen[feature] {
			t.Errorf("%s is not denied", feature)
		}
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := secheaders.New(secheaders.Config{
		ContentSecurityPolicy: "default-src 'none'\r\nSet-Cookie: a=b",
		ReferrerPolicy:        "no-referer",
		FrameOptions:          "ALLOW-FROM https://example.com",
		PermissionsPolicy:     " ",
		CacheControl:          "no-störe",
		MaxAge:                -time.Second,
		DangerouslyOmit:       []string{"X-Content-Type-Options", "Referer-Policy"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"Content-Security-Policy has the byte 0x0d",
		`"no-referer" is no value of Referrer-Policy`,
		`"ALLOW-FROM https://example.com" is no value of X-Frame-Options`,
		"Permissions-Policy is blank",
		"Cache-Control has the byte 0xc3",
		"MaxAge -1s",
		"X-Content-Type-Options cannot be omitted",
		`"Referer-Policy", which is not one of the headers set`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %s:\n%v", want, err)
		}
	}
	if _, err := secheaders.New(secheaders.Config{MaxAge: 1500 * time.Millisecond}); err == nil {
		t.Error("a fraction of a second was accepted")
	}
}

// On the wire, through the real server, over TLS and not.
func TestRealServer(t *testing.T) {
	t.Parallel()
	s, err := secheaders.New(secheaders.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h := s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	for _, overTLS := range []bool{false, true} {
		srv := httptest.NewUnstartedServer(h)
		if overTLS {
			srv.StartTLS()
		} else {
			srv.Start()
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		for name, want := range strict {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("TLS %v: %s: %q, want %q", overTLS, name, got, want)
			}
		}
		if got := resp.Header.Get("Strict-Transport-Security") != ""; got != overTLS {
			t.Errorf("TLS %v: Strict-Transport-Security is there: %v", overTLS, got)
		}
		if got, ok := resp.Header["Server"]; ok {
			t.Errorf("Server: %q", got)
		}
		srv.Close()
	}
}

func BenchmarkHeaders(b *testing.B) {
	s, err := secheaders.New(secheaders.Config{})
	if err != nil {
		b.Fatal(err)
	}
	h := s.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
