package problem_test

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

func newMux() *problem.Mux {
	answer := func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, r.Pattern+" "+r.PathValue("name"))
		return err
	}
	mux := problem.NewMux()
	mux.HandleFunc("POST /v1/query", answer)
	mux.HandleFunc("GET /v1/tables/{name}", answer)
	mux.HandleFunc("GET /files/", answer)
	mux.Handle("GET /moved", http.RedirectHandler("/files/", http.StatusFound))
	mux.HandleFunc("GET api.example.com/only", answer)
	mux.HandleFunc("GET /fail", func(http.ResponseWriter, *http.Request) error {
		return problem.Rejected("sql.failed", "", errCanary)
	})
	return mux
}

func TestMuxRoutes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, target, pattern, body string
		status                        int
	}{
		{"POST", "/v1/query", "POST /v1/query", "POST /v1/query ", 200},
		{"GET", "/v1/tables/flights", "GET /v1/tables/{name}", "GET /v1/tables/{name} flights", 200},
		{"HEAD", "/v1/tables/flights", "GET /v1/tables/{name}", "GET /v1/tables/{name} flights", 200}, // the server drops it
		{"GET", "/v1/tables/a%2Fb", "GET /v1/tables/{name}", "GET /v1/tables/{name} a/b", 200},
		{"GET", "/files/", "GET /files/", "GET /files/ ", 200},
		{"GET", "/files/a/b", "GET /files/", "GET /files/ ", 200},
		{"GET", "http://api.example.com/only", "GET api.example.com/only", "GET api.example.com/only ", 200},
		{"GET", "/fail", "GET /fail", body400, 400},
		// A redirect that was asked for is an answer like any other.
		{"GET", "/moved", "GET /moved", "<a href=\"/files/\">Found</a>.\n\n", 302},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.target, func(t *testing.T) {
			t.Parallel()
			record := new(event.Record)
			r := httptest.NewRequestWithContext(event.NewContext(t.Context(), record), tt.method, tt.target, http.NoBody)
			w := httptest.NewRecorder()
			newMux().ServeHTTP(w, r)
			if w.Code != tt.status || w.Body.String() != tt.body || record.Route != tt.pattern {
				t.Errorf("got %d %q, route %q", w.Code, w.Body, record.Route)
			}
		})
	}
}

// Over a raw connection, because clients clean what they send.
func TestMuxNeverAnswersByItself(t *testing.T) {
	t.Parallel()
	recorded := make(chan event.Record, 1)
	recorder, err := event.NewRecorder(event.Config{Sink: sinkFunc(func(r *event.Record) { recorded <- *r })})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(recorder.Wrap(newMux()))
	srv.Config.DisableGeneralOptionsHandler = true
	srv.Start()
	defer srv.Close()

	lines := []string{
		"GET /canary",                 // unknown path
		"GET /",                       // no root
		"GET /v1/query",               // wrong method
		"PUT /v1/query",               // wrong method
		"OPTIONS /v1/query",           // wrong method
		"TRACE /v1/query",             // wrong method
		"BREW /v1/query",              // no method at all
		"GET /files",                  // ServeMux: 307 to /files/
		"GET //files/",                // ServeMux: 307 to /files/
		"GET /files/../files/",        // ServeMux: 307
		"GET /files/./x",              // ServeMux: 307
		"GET /x/../v1/tables/flights", // ServeMux: 307
		"POST /v1//query",             // ServeMux: 307
		"POST /v1/./query",            // ServeMux: 307
		"POST /v1/query/",             // unknown path
		"GET /v1/tables/",             // empty wildcard
		"GET /V1/tables/flights",      // case counts
		"GET /only",                   // another host's
		"OPTIONS *",                   // ServeMux: 400
		"CONNECT /v1/query",           // not cleaned by ServeMux
		"CONNECT /files/../x",         // not cleaned by ServeMux
		"CONNECT example.com:443",     // a tunnel
		"GET http://evil.example/x",   // absolute form
		"GET /%2e%2e/%2e%2e/etc/passwd",
	}
	for _, line := range lines {
		for _, method := range []string{"", "HEAD"} {
			if method != "" && !strings.HasPrefix(line, "GET ") {
				continue
			}
			sent := line
			if method != "" {
				sent = method + strings.TrimPrefix(line, "GET")
			}
			resp, body := raw(t, srv.Listener.Addr().String(), sent)
			want := body403
			if method == http.MethodHead {
				want = ""
			}
			if resp.StatusCode != http.StatusForbidden || body != want {
				t.Errorf("%s: %d %q", sent, resp.StatusCode, body)
			}
			names := slices.Sorted(maps.Keys(resp.Header))
			if wantNames := []string{"Cache-Control", "Content-Length", "Content-Type", "Date", "X-Content-Type-Options"}; !reflect.DeepEqual(names, wantNames) {
				t.Errorf("%s: headers %v, want %v", sent, names, wantNames)
			}
			if last := <-recorded; last.Route != "" || last.Rule != "http.unrouted" {
				t.Errorf("%s: recorded route %q, rule %q", sent, last.Route, last.Rule)
			}
		}
	}
}

// raw sends a request line as it stands.
func raw(t *testing.T, addr, line string) (*http.Response, string) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, line+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(line, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	body, err := readAll(resp)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return resp, body
}

func TestMuxPatterns(t *testing.T) {
	t.Parallel()
	mux := newMux()
	got := mux.Patterns()
	if len(got) != 6 || got[0] != "POST /v1/query" {
		t.Errorf("patterns %q", got)
	}
	got[0] = "changed"
	if mux.Patterns()[0] != "POST /v1/query" {
		t.Error("Patterns hands out its own array")
	}
}

func TestMuxNilHandlerPanics(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(*problem.Mux){
		"Handle":     func(m *problem.Mux) { m.Handle("GET /x", nil) },
		"HandleFunc": func(m *problem.Mux) { m.HandleFunc("GET /x", nil) },
	} {
		func() {
			defer func() {
				if v, ok := recover().(string); !ok || !strings.Contains(v, `"GET /x" is nil`) {
					t.Errorf("%s: %v", name, v)
				}
			}()
			register(problem.NewMux())
		}()
	}
}

func TestMuxPanicPasses(t *testing.T) {
	t.Parallel()
	mux := problem.NewMux()
	mux.HandleFunc("GET /", func(http.ResponseWriter, *http.Request) error { panic(errCanary) })
	r, _ := request(t, http.MethodGet)
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, errCanary) {
			t.Errorf("recovered %v", err)
		}
	}()
	mux.ServeHTTP(httptest.NewRecorder(), r)
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	r, record := request(t, http.MethodGet)
	w := httptest.NewRecorder()
	problem.NotFound().ServeHTTP(w, r)
	if w.Code != 403 || w.Body.String() != body403 || record.Rule != "http.unrouted" {
		t.Errorf("%d %s, rule %q", w.Code, w.Body, record.Rule)
	}
}

// A limit around what no route takes sees every such request, and only those.
func TestMuxUnrouted(t *testing.T) {
	t.Parallel()
	mux := newMux()
	seen := 0
	mux.Unrouted(chain.Func(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen++
			next.ServeHTTP(w, r)
		})
	}))
	for i, target := range []string{"/canary", "/files", "/v1/query"} {
		r, record := request(t, http.MethodGet)
		r.URL.Path = target
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != 403 || w.Body.String() != body403 || record.Rule != "http.unrouted" || seen != i+1 {
			t.Errorf("%s: %d %s, rule %q, seen %d", target, w.Code, w.Body, record.Rule, seen)
		}
	}
	r, _ := request(t, http.MethodGet)
	r.URL.Path = "/files/"
	mux.ServeHTTP(httptest.NewRecorder(), r)
	if seen != 3 {
		t.Error("a request that a route takes counts as unrouted")
	}
}
