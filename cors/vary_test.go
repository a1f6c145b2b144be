package cors_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/chain"
)

func nothing(http.ResponseWriter, *http.Request) {}

// What the handler and the middleware outside add to Vary stays, on every line.
func TestVaryMerges(t *testing.T) {
	t.Parallel()
	adds := func(w http.ResponseWriter, _ *http.Request) { w.Header().Add("Vary", "Accept-Encoding") }
	runHandler(t, listed, []exchange{
		{"the handler adds", "GET " + api + " | Origin: https://app.example.com", "200 reached | Access-Control-Allow-Origin: https://app.example.com | " + exposed + " | Vary: Accept-Encoding | " + vary},
		{"the handler adds, without Origin", "GET " + api, "200 reached | Vary: Accept-Encoding | " + vary},
	}, adds)
	runHandler(t, anyOrigin, []exchange{
		{"only the handler has one", "GET " + api + " | Origin: https://a.example", "200 reached | Access-Control-Allow-Origin: * | " + exposed + " | Vary: Accept-Encoding"},
	}, adds)

	shared := []string{"Accept-Encoding", "X-Other"}
	for _, tt := range []struct {
		why    string
		before []string
		method string
		want   []string
	}{
		{"added after what is there", shared[:1], http.MethodGet, []string{"Accept-Encoding", "Origin"}},
		{"not added twice", []string{"Origin"}, http.MethodGet, []string{"Origin"}},
		{"OPTIONS", shared[:1], http.MethodOptions, []string{"Accept-Encoding", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			t.Parallel()
			outside := chain.Func(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header()["Vary"] = tt.before
					next.ServeHTTP(w, r)
				})
			})
			w := httptest.NewRecorder()
			chain.New(outside, build(t, listed)).Then(http.HandlerFunc(nothing)).
				ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, api, http.NoBody))
			if got := w.Header()["Vary"]; !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if shared[1] != "X-Other" {
		t.Error("another's slice was written to")
	}
}

// What one handler does to its headers must not show in the next response.
func TestResponsesDoNotShare(t *testing.T) {
	t.Parallel()
	m := build(t, cookies)
	const request = "GET " + api + " | Origin: https://app.example.com"
	before := play(t, m, request, nothing)
	play(t, m, request, func(w http.ResponseWriter, _ *http.Request) {
		for name := range w.Header() {
			w.Header().Add(name, "added")
		}
	})
	if after := play(t, m, request, nothing); after != before {
		t.Errorf("got\n%s\nbefore\n%s", after, before)
	}
}

// The headers stay on what is refused further in, so that a page can read it.
func TestRefusalsFurtherIn(t *testing.T) {
	t.Parallel()
	runHandler(t, listed, []exchange{
		{"a 429", "GET " + api + " | Origin: https://app.example.com", "429 reached | Access-Control-Allow-Origin: https://app.example.com | " + exposed + " | Retry-After: 7 | " + vary},
	}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
}
