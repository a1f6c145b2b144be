package requestid_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/requestid"
)

var made = regexp.MustCompile(`^[0-9a-f]{32}$`)

// serve sends r through the assigner and returns what all three places say.
func serve(t *testing.T, c requestid.Config, inbound ...string) (header []string, ctx, record string) {
	t.Helper()
	rec := new(event.Record)
	r := httptest.NewRequestWithContext(event.NewContext(t.Context(), rec), http.MethodGet, "/", http.NoBody)
	for _, id := range inbound {
		r.Header.Add("X-Request-ID", id)
	}
	w := httptest.NewRecorder()
	requestid.New(c).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = requestid.FromContext(r.Context())
	})).ServeHTTP(w, r)
	return w.Header().Values("X-Request-ID"), ctx, rec.RequestID
}

func TestInbound(t *testing.T) {
	t.Parallel()
	trust := func(*http.Request) bool { return true }
	distrust := func(*http.Request) bool { return false }
	long := strings.Repeat("a", 64)
	tests := []struct {
		name    string
		trust   func(*http.Request) bool
		inbound []string
		kept    bool
	}{
		{"none", trust, nil, false},
		{"not trusted by default", nil, []string{"abc"}, false},
		{"not trusted", distrust, []string{"abc"}, false},
		{"trusted", trust, []string{"Abc-1.2_3"}, true},
		{"one character", trust, []string{"a"}, true},
		{"longest", trust, []string{long}, true},
		{"too long", trust, []string{long + "a"}, false},
		{"empty", trust, []string{""}, false},
		{"two", trust, []string{"abc", "abc"}, false},
		{"space", trust, []string{"a b"}, false},
		{"line break", trust, []string{"a\nb"}, false},
		{"quote", trust, []string{`a"b`}, false},
		{"not ASCII", trust, []string{"é"}, false},
		{"markup", trust, []string{"<script>"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header, ctx, record := serve(t, requestid.Config{TrustInbound: tt.trust}, tt.inbound...)
			if len(header) != 1 || header[0] != ctx || ctx != record {
				t.Fatalf("header %q, context %q, record %q; want one id everywhere", header, ctx, record)
			}
			if tt.kept && ctx != tt.inbound[0] {
				t.Errorf("id %q, want %q", ctx, tt.inbound[0])
			}
			if !tt.kept && !made.MatchString(ctx) {
				t.Errorf("id %q, want one of ours", ctx)
			}
		})
	}
}

func TestIDsDiffer(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 1000 {
		_, id, _ := serve(t, requestid.Config{})
		if seen[id] {
			t.Fatalf("%s came twice", id)
		}
		seen[id] = true
	}
}

func TestOutsideARequest(t *testing.T) {
	t.Parallel()
	if got := requestid.FromContext(t.Context()); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
}

// Adding to the header in a handler must not reach the context's id.
func TestHeaderIsTheRequestsOwn(t *testing.T) {
	t.Parallel()
	h := requestid.New(requestid.Config{}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestid.FromContext(r.Context())
		w.Header().Add("X-Request-ID", "second")
		w.Header().Set("X-Request-ID", "other")
		if got := requestid.FromContext(r.Context()); got != id {
			t.Errorf("id %q became %q", id, got)
		}
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
}

func TestHeaderNameIsCanonical(t *testing.T) {
	t.Parallel()
	if got := http.CanonicalHeaderKey("X-Request-ID"); got != requestid.Header {
		t.Errorf("Header = %q, want %q", requestid.Header, got)
	}
}

func BenchmarkAssigner(b *testing.B) {
	h := requestid.New(requestid.Config{}).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(event.NewContext(b.Context(), new(event.Record)), http.MethodGet, "/", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
}
