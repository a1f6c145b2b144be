//go:build linux

package systest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// impatient cuts clients off soon, so that the tests are soon over.
func impatient(t *testing.T) *server {
	t.Helper()
	return configured(t, `
listen: 127.0.0.1:0
http: {read_header_timeout: 400ms, read_timeout: 800ms, idle_timeout: 1s, max_header: 4KiB, max_body: 16KiB}
sources:
  data:
    location: `+writeFile(t, "data.csv", "n\n1\n")+`
`)
}

// say writes to a connection and ignores that the other end may have had
// enough.
func say(conn net.Conn, format string, args ...any) {
	_, _ = fmt.Fprintf(conn, format, args...)
}

// hear reads what comes until the connection is closed, and how long it took.
func hear(conn net.Conn) (string, time.Duration) {
	began := time.Now()
	text, _ := io.ReadAll(conn) // a reset ends it as well
	return string(text), time.Since(began)
}

// drip writes one byte after the other until the end of the test, or of the
// connection.
func drip(ctx context.Context, conn net.Conn, text string) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for i := range len(text) {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := conn.Write([]byte{text[i]}); err != nil {
			return
		}
	}
}

const forbidden = `{"type":"about:blank","title":"Forbidden","status":403}`

// Every phase of a request ends when its time is over, however busy the client
// looks.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	s := impatient(t)
	post := "POST /v1/query HTTP/1.1\r\nHost: x\r\nX-API-Key: " + testKey + "\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
	for _, c := range []struct {
		name     string
		first    string // sent at once
		then     string // sent a byte at a time
		least    time.Duration
		contains string
		maybe    string // all that may come where nothing has to
	}{
		{"says nothing", "", "", 400 * time.Millisecond, "", ""},
		{"half a header", "GET /healthz HTTP/1.1\r\nHost: x\r\n", "", 400 * time.Millisecond, "", ""},
		// Go's server may have a part of a line of this one, and call it bad.
		{"a header a byte at a time", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Filler: ", strings.Repeat("x", 2000), 400 * time.Millisecond, "", "HTTP/1.1 400 Bad Request"},
		{"half a body", post + `{"sql":`, "", 800 * time.Millisecond, forbidden, ""},
		{"a body a byte at a time", post, `{"sql":"` + strings.Repeat(" ", 4000), 800 * time.Millisecond, forbidden, ""},
		{"idle after an answer", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "", time.Second, `{"status":"ok"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			say(conn, "%s", c.first)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				drip(ctx, conn, c.then)
			}()
			text, took := hear(conn)
			cancel()
			<-done
			// The server's clock may have started before ours.
			if took < c.least-100*time.Millisecond || took > c.least+10*time.Second {
				t.Errorf("cut after %v, want about %v", took, c.least)
			}
			if !strings.Contains(text, c.contains) || c.contains == "" && text != "" && (c.maybe == "" || !strings.HasPrefix(text, c.maybe)) {
				t.Errorf("answered %q, want %q in it", text, c.contains)
			}
		})
	}
}

// What is not HTTP, or too large to be looked at, never reaches a handler. Go's
// server answers it in words of its own, which repeat nothing.
func TestNotOurHTTP(t *testing.T) {
	t.Parallel()
	const canary = "k4n4ry"
	s := impatient(t)
	for _, c := range []struct{ name, request, status string }{
		{"no HTTP at all", canary + "\r\n\r\n", "400"},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + canary + "\r\n\r\n", "400"},
		{"HTTP/9", "GET /" + canary + " HTTP/9.9\r\nHost: x\r\n\r\n", "505"},
		{"no host", "GET /" + canary + " HTTP/1.1\r\n\r\n", "400"},
		{"two hosts", "GET /" + canary + " HTTP/1.1\r\nHost: x\r\nHost: " + canary + "\r\n\r\n", "400"},
		{"a bad host", "GET / HTTP/1.1\r\nHost: <" + canary + ">\r\n\r\n", "400"},
		{"a bad header", "GET / HTTP/1.1\r\nHost: x\r\n" + canary + " : 1\r\n\r\n", "400"},
		{"a folded header", "GET / HTTP/1.1\r\n " + canary + ": 1\r\nHost: x\r\n\r\n", "400"},
		{"two lengths", "POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n" + canary, "400"},
		{"a negative length", "POST /v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n" + canary, "400"},
		{"an unknown transfer encoding", "POST /v1/query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + canary + "\r\n\r\n", "501"},
		{"an unknown expectation", "POST /v1/query HTTP/1.1\r\nHost: x\r\nExpect: " + canary + "\r\nContent-Length: 0\r\n\r\n", "417"},
		{"a large header", "GET / HTTP/1.1\r\nHost: x\r\nX-Filler: " + strings.Repeat(canary, 4000) + "\r\n\r\n", "431"},
		{"many headers", "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X-"+canary+": 1\r\n", 2000) + "\r\n", "431"},
		{"a long path", "GET /" + strings.Repeat(canary, 4000) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			say(conn, "%s", c.request)
			text, _ := hear(conn)
			if !strings.HasPrefix(text, "HTTP/1.1 "+c.status+" ") {
				t.Errorf("answered %q, want status %s", text, c.status)
			}
			if strings.Contains(text, canary) {
				t.Errorf("the request comes back: %q", text)
			}
		})
	}
}

// These are HTTP, and like none of our requests: they get what all others get.
func TestUnusualHTTP(t *testing.T) {
	t.Parallel()
	s := impatient(t)
	for _, c := range []struct{ name, request string }{
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"a proxy's request", "GET http://k4n4ry/ HTTP/1.1\r\nHost: k4n4ry\r\n\r\n"},
		{"CONNECT", "CONNECT k4n4ry:443 HTTP/1.1\r\nHost: k4n4ry\r\n\r\n"},
		{"an upgrade", "GET /v1/query HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: k4n4ry\r\n\r\n"},
		{"a chunked body of nonsense", "POST /v1/query HTTP/1.1\r\nHost: x\r\nX-API-Key: " + testKey + "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nk4n4ry\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			say(conn, "%s", c.request)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close() // read to its end
			if err != nil || response.StatusCode != http.StatusForbidden || string(body) != forbidden {
				t.Errorf("answered %d %s, %v", response.StatusCode, body, err)
			}
			if response.Header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-ID")
			}
		})
	}
}

// An old client without chunks still gets a whole answer, with its length, and
// its connection is closed.
func TestHTTP10(t *testing.T) {
	t.Parallel()
	s := impatient(t)
	for _, format := range []string{"json", "ndjson", "csv", "tsv"} {
		body := `{"sql":"SELECT n FROM data","format":"` + format + `"}`
		conn := s.dial(t)
		say(conn, "POST /v1/query HTTP/1.0\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", testKey, len(body), body)
		text, _ := hear(conn)
		head, got, _ := strings.Cut(text, "\r\n\r\n")
		if !strings.HasPrefix(head, "HTTP/1.0 200 ") || strings.Contains(head, "chunked") ||
			!strings.Contains(head, fmt.Sprintf("\r\nContent-Length: %d", len(got))) || !strings.Contains(got, "1") {
			t.Errorf("%s: answered %q", format, text)
		}
	}
}

// Requests sent without waiting are answered in their order.
func TestPipelining(t *testing.T) {
	t.Parallel()
	s := impatient(t)
	conn := s.dial(t)
	const n = 20
	var all strings.Builder
	for i := range n {
		body := fmt.Sprintf(`{"sql":"SELECT %d AS i"}`, i)
		fmt.Fprintf(&all, "POST /v1/query HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", testKey, len(body), body)
	}
	say(conn, "%s", all.String())
	in := bufio.NewReader(conn)
	for i := range n {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // read to its end
		if err != nil || !strings.Contains(string(body), fmt.Sprintf(`"rows":[[%d]]`, i)) {
			t.Errorf("answer %d: %s, %v", i, body, err)
		}
	}
}

// The cap on bodies counts what comes, whatever length was announced.
func TestBodyCap(t *testing.T) {
	t.Parallel()
	s := impatient(t)
	fits := question(t, "SELECT 1"+strings.Repeat(" ", 9000))
	if a := s.request(t, http.MethodPost, "/v1/query", fits); a.status != http.StatusOK {
		t.Errorf("a body that fits: %d %s", a.status, a.body)
	}
	for name, length := range map[string]string{
		"announced": fmt.Sprintf("Content-Length: %d", 17<<10),
		"chunked":   "Transfer-Encoding: chunked",
	} {
		conn := s.dial(t)
		say(conn, "POST /v1/query HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nContent-Type: application/json\r\n%s\r\n\r\n", testKey, length)
		if name == "chunked" {
			say(conn, "%x\r\n%s\r\n0\r\n\r\n", 17<<10, strings.Repeat("k4n4ry 8", 17<<10/8))
		} else {
			say(conn, "%s", strings.Repeat("k4n4ry 8", 17<<10/8))
		}
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // read to its end
		if err != nil || response.StatusCode != http.StatusRequestEntityTooLarge || strings.Contains(string(body), "k4n4ry") {
			t.Errorf("%s: %d %s, %v", name, response.StatusCode, body, err)
		}
	}
}
