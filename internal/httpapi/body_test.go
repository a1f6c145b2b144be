package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// unread is a body that nobody should look at.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// What can be refused by the headers is refused without reading the body.
func TestBodiesAreRefusedUnread(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		method string
		path   string
		header string
		length int64
		status int
	}{
		{"announced as too large", http.MethodPost, "/v1/query", "application/json", httpapi.DefaultMaxBody + 1, http.StatusRequestEntityTooLarge},
		{"another type", http.MethodPost, "/v1/query", "text/plain", 10, http.StatusForbidden},
		{"query parameters", http.MethodPost, "/v1/check?a=1", "application/json", 10, http.StatusForbidden},
		{"of GET", http.MethodGet, "/v1/sources", "application/json", 10, http.StatusOK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			handler, _, _ := newHandler(t, options{})
			r := httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, unread{t})
			r.Header.Set("Content-Type", tt.header)
			r.ContentLength = tt.length
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%d %s, want %d", w.Code, w.Body, tt.status)
			}
		})
	}
}

func TestMaxBody(t *testing.T) {
	t.Parallel()
	const body = `{"sql":"SELECT 1"}`
	for limit, want := range map[int64]int{int64(len(body)): http.StatusOK, int64(len(body)) - 1: http.StatusRequestEntityTooLarge} {
		for _, length := range []int64{int64(len(body)), -1} {
			handler, _, records := newHandler(t, options{config: httpapi.Config{MaxBody: limit}})
			r := post(t, "/v1/query", body)
			r.ContentLength = length
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("limit %d, length %d: %d, want %d", limit, length, w.Code, want)
			}
			if record := records.last(t); want != http.StatusOK && (record.Rule != "request.too_large" || record.Protection != "httpapi") {
				t.Errorf("refused by %q with %q", record.Protection, record.Rule)
			}
		}
	}
}

// A body that breaks off is not a statement that ends there.
func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{})
	r := post(t, "/v1/query", "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"sql":"SELECT 1"}`), failing{}))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || w.Body.String() != body403 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// HEAD is answered like GET, without the body.
func TestHead(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{})
	srv := serve(t, handler, false)
	for _, path := range []string{"/healthz", "/v1/sources", "/v1/sources/flights/tables/airports", "/openapi.json"} {
		var lengths []int64
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := srv.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
				t.Errorf("%s %s: %s %v", method, path, resp.Status, err)
			}
			lengths = append(lengths, resp.ContentLength)
		}
		if lengths[0] != lengths[1] || lengths[0] <= 0 {
			t.Errorf("%s: lengths %v", path, lengths)
		}
	}
}
