package cors_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/cors"
	"github.com/sallyport-dev/sallyport/event"
)

// An exchange is a request and the whole response to it, written as lines.
//
// A request is "METHOD URL" and its header lines; with an https URL it comes
// over TLS. A response is the status, "reached" if the handler ran, and all its
// header lines; "403 rule" is the uniform refusal, whose own headers and body
// are added. A " | " stands for the end of a line.
type exchange struct {
	why      string
	request  string
	response string
}

// The headers and the body of the uniform 403: RFC 9457 and docs/protections/2.6.
const (
	refusedHeaders = "Cache-Control: no-store\nContent-Length: 55\n" +
		"Content-Type: application/problem+json\nX-Content-Type-Options: nosniff"
	refusedBody = `{"type":"about:blank","title":"Forbidden","status":403}`
)

// The configurations of the tables.
var (
	anyOrigin = cors.Config{Mode: cors.Header}
	listed    = cors.Config{Mode: cors.Header, Origins: []string{
		"https://app.example.com", "https://*.example.org", "https://*.dev.example.net:8443",
		"http://localhost:3000", "https://192.0.2.7", "https://[2001:db8::7]:8443", "https://xn--bcher-kva.example",
	}}
	cookies = cors.Config{Mode: cors.Cookies, Origins: []string{"https://app.example.com", "https://*.example.org"}}
)

func build(tb testing.TB, c cors.Config) *cors.CORS {
	tb.Helper()
	m, err := cors.New(c)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// run plays the exchanges, each through a middleware of its own.
func run(t *testing.T, c cors.Config, exchanges []exchange) {
	t.Helper()
	runHandler(t, c, exchanges, func(http.ResponseWriter, *http.Request) {})
}

func runHandler(t *testing.T, c cors.Config, exchanges []exchange, handler http.HandlerFunc) {
	t.Helper()
	names := map[string]bool{}
	for _, x := range exchanges {
		if names[x.why] {
			t.Errorf("two exchanges are called %q", x.why)
		}
		names[x.why] = true
		t.Run(x.why, func(t *testing.T) {
			t.Parallel()
			if got, want := play(t, build(t, c), x.request, handler), expand(t, x.response); got != want {
				t.Errorf("request\n%s\n\ngot\n%s\n\nwant\n%s", x.request, got, want)
			}
		})
	}
}

// play sends a request and renders the response.
func play(t *testing.T, m *cors.CORS, request string, handler http.HandlerFunc) string {
	t.Helper()
	lines := strings.Split(request, " | ")
	method, url, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("no request line: %q", request)
	}
	record := &event.Record{}
	ctx := event.NewContext(context.WithoutCancel(t.Context()), record)
	r := httptest.NewRequestWithContext(ctx, method, url, http.NoBody)
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("no header line: %q", line)
		}
		r.Header.Add(name, strings.TrimPrefix(value, " "))
	}
	reached := false
	w := httptest.NewRecorder()
	m.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached = true
		handler(w, r)
	})).ServeHTTP(w, r)

	status := fmt.Sprint(w.Code)
	if record.Rule != "" {
		status += " " + record.Rule
		if record.Protection != "cors" || record.Err == nil {
			t.Errorf("the record has protection %q and error %v", record.Protection, record.Err)
		}
	}
	if reached {
		status += " reached"
	}
	body := w.Body.String()
	if w.Code == http.StatusForbidden && method != http.MethodHead {
		body = strings.TrimSuffix(body, refusedBody)
		if w.Body.Len() != len(refusedBody) {
			t.Errorf("the body is not the uniform one: %s", w.Body)
		}
	}
	if body != "" {
		t.Errorf("the response has a body: %q", body)
	}
	var out []string
	for name, values := range w.Header() {
		for _, value := range values {
			out = append(out, name+": "+value)
		}
	}
	slices.Sort(out)
	return strings.Join(append([]string{status}, out...), "\n")
}

// expand writes an expected response as play writes one.
func expand(t *testing.T, response string) string {
	t.Helper()
	lines := strings.Split(response, " | ")
	if strings.HasPrefix(lines[0], "403 ") {
		lines = append(lines, strings.Split(refusedHeaders, "\n")...)
	}
	slices.Sort(lines[1:])
	return strings.Join(lines, "\n")
}
