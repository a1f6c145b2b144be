package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

// perimeterOf is a server's whole chain, as for POST /v1/query, around a
// handler of the test's. It serves until the test ends.
func perimeterOf(t *testing.T, change func(*config.Config), h http.Handler) (url, key string, s *Server) {
	t.Helper()
	cfg := config.Default()
	cfg.Perimeter.PerClient, cfg.Perimeter.PerNetwork.Rate, cfg.Perimeter.Global = "1000000/second", "1000000/second", "1000000/second"
	if change != nil {
		change(&cfg)
	}
	k, plaintext, err := apikey.Generate("test", []apikey.Scope{apikey.Query}, time.Time{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	set, err := apikey.NewSet(k)
	if err != nil {
		t.Fatal(err)
	}
	s = &Server{options: Options{Config: cfg, Keys: apikey.NewStore(set), Logger: slog.New(slog.DiscardHandler)}}
	if err := s.openPerimeter(t.Context()); err != nil {
		t.Fatal(err)
	}
	outer, err := s.outer()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := s.guard(httpapi.Route{Pattern: "POST /", Access: httpapi.Query, Limit: httpapi.QueryLimit, Handler: h})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(outer.Append(guard).Then(h))
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if stats := s.perimeter.inFlight.Stats(); stats.InFlight != 0 || stats.Held != 0 || stats.Waiting != 0 {
			t.Errorf("left in flight: %+v", stats)
		}
	})
	return server.URL, plaintext, s
}

func call(t *testing.T, url, key string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", key)
	r.Header.Set("Origin", "https://app.example.com")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() }) // closed by the test, as a rule
	return response
}

// Server-sent events through the whole chain: the client has each event before
// the next one is written, or this test would wait for ever.
func TestEventsStreamThroughTheChain(t *testing.T) {
	t.Parallel()
	seen := make(chan struct{})
	url, key, _ := perimeterOf(t, nil, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		flusher, ok := w.(http.Flusher)
		if !ok {
			t.Error("the writer is no http.Flusher")
			return
		}
		for i := range 5 {
			_, _ = fmt.Fprintf(w, "data: %d\n\n", i)
			if i%2 == 0 {
				flusher.Flush()
			} else if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			select {
			case <-seen:
			case <-r.Context().Done():
				return
			}
		}
	}))
	response := call(t, url, key)
	lines := bufio.NewScanner(response.Body)
	for i := range 5 {
		if !lines.Scan() || lines.Text() != fmt.Sprintf("data: %d", i) {
			t.Fatalf("event %d: %q, %v", i, lines.Text(), lines.Err())
		}
		lines.Scan() // the empty line
		seen <- struct{}{}
	}
	if lines.Scan() {
		t.Errorf("more than was sent: %q", lines.Text())
	}
}

// What net/http's own writer can do, the one behind the whole chain can.
func TestWriterKeepsItsAbilities(t *testing.T) {
	t.Parallel()
	url, key, _ := perimeterOf(t, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		for name, err := range map[string]error{
			"SetReadDeadline":  c.SetReadDeadline(time.Now().Add(time.Minute)),
			"SetWriteDeadline": c.SetWriteDeadline(time.Now().Add(time.Minute)),
			"EnableFullDuplex": c.EnableFullDuplex(),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		from, ok := w.(io.ReaderFrom)
		if !ok {
			t.Error("the writer is no io.ReaderFrom")
			return
		}
		if n, err := from.ReadFrom(strings.NewReader("read from")); n != 9 || err != nil {
			t.Errorf("ReadFrom: %d, %v", n, err)
		}
	}))
	body, err := io.ReadAll(call(t, url, key).Body)
	if err != nil || string(body) != "read from" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestConnectionIsHijackedThroughTheChain(t *testing.T) {
	t.Parallel()
	url, key, _ := perimeterOf(t, nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, err = rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello")
		if err = errors.Join(err, rw.Flush(), conn.Close()); err != nil {
			t.Error(err)
		}
	}))
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // read to its end
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n", key)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") || !strings.HasSuffix(string(answer), "\r\n\r\nhello") {
		t.Errorf("%q, %v", answer, err)
	}
}

// Over a limit, a page can still read why: the headers of CORS are on the refusal.
func TestRefusalsCanBeReadByPages(t *testing.T) {
	t.Parallel()
	url, key, _ := perimeterOf(t, func(c *config.Config) { c.Perimeter.PerClient = "1/hour" }, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if first := call(t, url, key); first.StatusCode != http.StatusOK {
		t.Fatalf("first: %d", first.StatusCode)
	}
	second := call(t, url, key)
	if second.StatusCode != http.StatusTooManyRequests || second.Header.Get("Access-Control-Allow-Origin") != "*" || second.Header.Get("Retry-After") != "3600" {
		t.Errorf("%d, %v", second.StatusCode, second.Header)
	}
	if exposed := second.Header.Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "Retry-After") {
		t.Errorf("exposed: %q", exposed)
	}
}

// A route without a limit or an access rule does not start.
func TestRoutesWithoutRulesAreRefused(t *testing.T) {
	t.Parallel()
	_, _, s := perimeterOf(t, nil, http.NotFoundHandler())
	for _, route := range []httpapi.Route{
		{Pattern: "GET /x", Access: httpapi.Query},
		{Pattern: "GET /x", Limit: httpapi.QueryLimit},
		{Pattern: "GET /x", Access: 9, Limit: httpapi.OtherLimit},
		{Pattern: "GET /x", Access: httpapi.Public, Limit: 9},
	} {
		if _, err := s.guard(route); err == nil {
			t.Errorf("%+v is mounted", route)
		}
	}
}
