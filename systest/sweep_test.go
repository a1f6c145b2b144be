//go:build linux

package systest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/httpapi/sweeptest"
)

// patterns are the routes, written out: a route that is added without a line
// here is not swept, and internal/httpapi's own sweep says so.
var patterns = []string{
	"POST /v1/query", "POST /v1/check", "GET /v1/sources", "GET /v1/sources/{source}/tables",
	"GET /v1/sources/{source}/tables/{table}", "GET /healthz", "GET /openapi.json",
}

const sweptBody = 64 << 10

func swept(t *testing.T, more string) *server {
	t.Helper()
	return configured(t, "listen: 127.0.0.1:0\nhttp: {max_body: 64KiB}\n"+more+"\nsources:\n  data:\n    location: "+writeFile(t, "data.csv", "n\n1\n")+"\n")
}

// ServeHTTP sends a request as it stands over a connection of its own: a
// client of net/http would tidy it first. The server is a handler to those who
// sweep it.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	response, err := s.roundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway) // no answer of ours is that
		return
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body)
}

func (s *server) roundTrip(r *http.Request) (*http.Response, error) {
	var d net.Dialer
	conn, err := d.DialContext(r.Context(), "tcp", s.address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // the answer is in memory by then
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "%s %s HTTP/1.1\r\nHost: example.com\r\n", r.Method, r.RequestURI)
	_ = r.Header.Write(&raw) // a buffer takes everything
	if r.ContentLength < 0 {
		fmt.Fprintf(&raw, "Transfer-Encoding: chunked\r\n\r\n")
		if len(body) > 0 {
			fmt.Fprintf(&raw, "%x\r\n%s\r\n", len(body), body)
		}
		raw.WriteString("0\r\n\r\n")
	} else {
		fmt.Fprintf(&raw, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	// A server that has seen enough answers and stops reading.
	go func() { _, _ = conn.Write(raw.Bytes()) }()
	response, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil {
		return nil, err
	}
	whole, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end
	response.Body = io.NopCloser(bytes.NewReader(whole))
	return response, err
}

// The sweep of every route with every kind of bad request, through the whole
// of the real server.
func TestSweep(t *testing.T) {
	t.Parallel()
	for _, detail := range []string{"rule", "none"} {
		t.Run("detail "+detail, func(t *testing.T) {
			t.Parallel()
			s := swept(t, "errors: {detail: "+detail+"}")
			sweeptest.Sweep(t, s, sweeptest.Options{
				Patterns: patterns, Source: "data", Table: "data", MaxBody: sweptBody, Detail: detail == "rule",
				Prepare: func(r *http.Request) *http.Request {
					r = r.Clone(r.Context())
					r.Header.Set("X-Api-Key", testKey)
					return r
				},
				// The last says whether the rest of a body was worth reading.
				Varying: []string{"X-Request-Id", "Date", "Connection", "Ratelimit"},
			})
			if strings.Contains(strings.ToLower(s.log.String()), sweeptest.Canary) {
				t.Error("the log has what clients sent")
			}
		})
	}
}

// Without a key, or with a wrong one in whatever way, every route that needs
// one is the same wall, and as good as not there.
func TestWithoutAKey(t *testing.T) {
	t.Parallel()
	const canary = "k4n4ry"
	s := swept(t, "")
	// A well-formed key that is nobody's.
	stranger := command(t, "key", "new", "stranger", "--file", s.dir+"/elsewhere.yaml")
	var first answer
	for _, keys := range [][]string{
		nil,
		{""},
		{canary},
		{testKey + "x"},
		{testKey[1:]},
		{strings.ToUpper(testKey)},
		{testKey, testKey},
		{testKey, canary},
		{stranger},
		{stranger[:len(stranger)-1]},
		{"sp_" + canary},
		{strings.Repeat(canary, 100)},
		{"Bearer " + testKey},
		{testKey + ", " + testKey},
	} {
		for _, request := range []struct{ method, path string }{
			{http.MethodPost, "/v1/query"},
			{http.MethodPost, "/v1/check"},
			{http.MethodGet, "/v1/sources"},
			{http.MethodGet, "/v1/sources/data/tables"},
			{http.MethodGet, "/v1/sources/data/tables/data"},
			{http.MethodGet, "/v1/sources/" + canary + "/tables"},
			{http.MethodDelete, "/v1/query"},
			{http.MethodGet, "/" + canary},
		} {
			got := s.sendKeys(t, request.method, request.path, keys)
			if first.header == nil {
				first = got
			}
			if got.status != http.StatusForbidden || got.body != forbidden || !reflect.DeepEqual(got.header, first.header) {
				t.Errorf("%v %s: %d %s %v", keys, request.path, got.status, got.body, got.header)
			}
		}
		for path, want := range map[string]string{"/healthz": `{"status":"ok"}`, "/openapi.json": "3.1"} {
			if got := s.sendKeys(t, http.MethodGet, path, keys); got.status != http.StatusOK || !strings.Contains(got.body, want) {
				t.Errorf("%v %s: %d %.100s", keys, path, got.status, got.body)
			}
		}
	}
	if log := s.log.String(); strings.Contains(log, canary) || strings.Contains(log, testKey) || strings.Contains(log, stranger) {
		t.Error("the log has a key")
	}
}

func (s *server) sendKeys(t *testing.T, method, path string, keys []string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(`{"sql":"SELECT 'k4n4ry'"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header["X-Api-Key"] = keys
	r.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end
	if err != nil {
		t.Fatal(err)
	}
	if response.Header.Get("X-Request-Id") == "" {
		t.Errorf("%s %s: no X-Request-ID", method, path)
	}
	response.Header.Del("X-Request-Id")
	response.Header.Del("Date")
	return answer{response.StatusCode, response.Header, string(body)}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := swept(t, "")
	if a := s.request(t, http.MethodGet, "/healthz", ""); a.status != http.StatusOK || a.body != `{"status":"ok"}` {
		t.Errorf("%d %q", a.status, a.body)
	}
}
