//go:build linux

package systest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// proxied is a Sallyport behind a proxy: the configurations are those of
// examples/, but for addresses, certificates and limits.
type proxied struct {
	*server
	proxy   string // its address
	trusted *x509.CertPool
}

const allowed = 3 // queries of a client

// few are the limits that allow so many.
var few = fmt.Sprintf("limits: {per_client: %d/hour, other: %d/hour}\n", allowed, allowed)

// startProxy starts a proxy at listen, before upstream, with a certificate.
type startProxy func(t *testing.T, config, listen, upstream, cert, key string)

// behind starts both, with limits on callers.
func behind(t *testing.T, example, limits string, start startProxy) *proxied {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, "examples", example, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	replace := func(text, pattern, by string) string {
		t.Helper()
		form := regexp.MustCompile(pattern)
		if !form.MatchString(text) {
			t.Fatalf("examples/%s has no %s", example, pattern)
		}
		return form.ReplaceAllString(text, by)
	}
	yaml := replace(read("sallyport.yaml"), `listen: 127\.0\.0\.1:8080`, "listen: 127.0.0.1:0")
	yaml = replace(yaml, `(?m)^access:\n  keys: keys\.yaml\n`, "access: {lockout: {failures: 1000, pause: 1s}}\n")
	// As many rows as fill more than the limit of an answer's bytes.
	yaml = replace(yaml, `location: examples/flights\n`, "location: examples/flights\n    limits: {rows: 100000, bytes: 4MiB}\n") + limits
	p := &proxied{server: configured(t, yaml), proxy: servicetest.FreeAddress(t)}
	cert, key, trusted := certificate(t)
	p.trusted = trusted
	for _, file := range []string{"nginx.conf", "Caddyfile"} {
		if _, err := os.Stat(filepath.Join(root, "examples", example, file)); err == nil {
			start(t, replace(read(file), `127\.0\.0\.1:8080`, p.address), p.proxy, p.address, cert, key)
			return p
		}
	}
	t.Fatalf("examples/%s has no proxy", example)
	return nil
}

// through sends a query through the proxy from an address of this machine, by
// HTTP/2 or HTTP/1.1. The caller closes the body.
func (p *proxied) through(t *testing.T, address, body string, header http.Header, http2 bool) *http.Response {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: d.DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: http2,
		TLSClientConfig: &tls.Config{RootCAs: p.trusted, MinVersion: tls.VersionTLS12},
	}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+p.proxy+"/v1/query", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", testKey)
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[bool]int{true: 2, false: 1}[http2]; response.ProtoMajor != want {
		t.Errorf("answered by %s", response.Proto)
	}
	return response
}

// status is what a question from an address with forged headers comes to.
func (p *proxied) status(t *testing.T, address string, header http.Header) int {
	t.Helper()
	response := p.through(t, address, `{"sql":"SELECT 1"}`, header, false)
	_ = response.Body.Close() // the status says it all
	return response.StatusCode
}

// ending is an answer with what comes at its end.
type ending struct {
	status  int
	body    string
	trailer http.Header // how it ended, in the header or after it; without the fields that were announced and never came
	err     error       // the answer's end is not a proper one
}

func (p *proxied) ending(t *testing.T, format string, rows int, http2 bool) ending {
	t.Helper()
	response := p.through(t, "127.0.0.1", fmt.Sprintf(`{"sql":"SELECT * FROM flights LIMIT %d","format":%q}`, rows, format), http.Header{}, http2)
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end
	a := ending{response.StatusCode, string(body), http.Header{}, err}
	for _, name := range []string{"Sallyport-Status", "Sallyport-Truncated", "Sallyport-Rows"} {
		if value := response.Header.Get(name); value != "" {
			a.trailer[name] = []string{value} // of an answer that was held back whole
		}
	}
	for name, values := range response.Trailer {
		if len(values) > 0 {
			a.trailer[name] = values
		}
	}
	return a
}

// ends looks at how answers end. That a streamed one was cut shows by its
// trailers where the proxy passes them on, and else by the cut.
func (p *proxied) ends(t *testing.T, trailers, http2 bool) {
	t.Helper()
	const some, tooMany = 5000, 100_000

	// JSON is whole or an error, whatever is in between.
	var document struct {
		Rows  [][]any
		Count int `json:"row_count"`
	}
	switch a := p.ending(t, "json", some, http2); {
	case a.status != http.StatusOK || a.err != nil:
		t.Errorf("JSON: status %d, error %v", a.status, a.err)
	case json.Unmarshal([]byte(a.body), &document) != nil || len(document.Rows) != some || document.Count != some:
		t.Errorf("JSON: %d of %d rows, row_count %d", len(document.Rows), some, document.Count)
	}
	a := p.ending(t, "json", tooMany, http2)
	if a.status != http.StatusRequestEntityTooLarge || a.err != nil || !strings.Contains(a.body, `"rule":"sql.bytes"`) {
		t.Errorf("JSON over the limit: status %d, error %v, %.200q", a.status, a.err, a.body)
	}

	complete := http.Header{"Sallyport-Status": {"complete"}, "Sallyport-Truncated": {"false"}, "Sallyport-Rows": {strconv.Itoa(some)}}
	a = p.ending(t, "ndjson", some, http2)
	if n := strings.Count(a.body, "\n"); a.status != http.StatusOK || a.err != nil || n != some {
		t.Errorf("NDJSON: status %d, error %v, %d of %d lines", a.status, a.err, n, some)
	}
	if trailers && !reflect.DeepEqual(a.trailer, complete) {
		t.Errorf("NDJSON: trailers %v, want %v", a.trailer, complete)
	}
	a = p.ending(t, "ndjson", tooMany, http2)
	if n := strings.Count(a.body, "\n"); a.status != http.StatusOK || n < some || n >= tooMany {
		t.Errorf("NDJSON over the limit: status %d, %d lines; it was to be cut on its way", a.status, n)
	}
	if len(a.trailer) > 0 {
		t.Errorf("NDJSON over the limit: trailers %v with a part of the answer", a.trailer)
	}
	if !trailers && a.err == nil {
		t.Error("NDJSON over the limit ends like a whole answer")
	}
}

// forgeries are what a client sends that wants to be somebody else each time.
func forgeries(n int) []http.Header {
	claimed := fmt.Sprintf("203.0.113.%d", n+1)
	return []http.Header{
		{},
		{"X-Forwarded-For": {claimed}},
		{"X-Forwarded-For": {claimed + ", 198.51.100.7"}},
		{"X-Forwarded-For": {"127.0.0.1", claimed}},
		{"X-Forwarded-For": {"127.0.0.1, 127.0.0.1"}},
		{"X-Real-Ip": {claimed}, "Forwarded": {"for=" + claimed}},
		{"Cf-Connecting-Ip": {claimed}, "True-Client-Ip": {claimed}, "X-Client-Ip": {claimed}},
		{"X-Forwarded-For": {"garbage, " + claimed + ", ,"}},
	}
}

// limited holds the limit against the address that connects, whatever is forged.
func (p *proxied) limited(t *testing.T) {
	t.Helper()
	for _, address := range []string{"127.0.0.2", "127.0.0.3"} {
		admitted, asked := 0, 0
		for n := range 2 {
			for _, header := range forgeries(n) {
				asked++
				switch status := p.status(t, address, header); status {
				case http.StatusOK:
					admitted++
				case http.StatusTooManyRequests:
				default:
					t.Errorf("%s with %v: status %d", address, header, status)
				}
			}
		}
		if admitted != allowed {
			t.Errorf("%s: %d of %d requests admitted, want exactly %d", address, admitted, asked, allowed)
		}
	}
	for _, address := range []string{"client=127.0.0.2", "client=127.0.0.3"} {
		if !strings.Contains(p.log.String(), address) {
			t.Errorf("the log attributes nothing to %s", address)
		}
	}
	// Past the proxy nobody is believed but the proxy's own address.
	if strings.Contains(p.log.String(), "client=203.0.113.") {
		t.Error("a forged address is believed")
	}
}

func startNginx(t *testing.T, config, listen, _, cert, key string) {
	t.Helper()
	config = strings.NewReplacer("listen 443 ssl", "listen "+listen+" ssl",
		"/etc/ssl/certs/api.example.com.pem", cert, "/etc/ssl/private/api.example.com.key", key).Replace(config)
	servicetest.StartNginx(t, listen, config)
}

func startCaddy(t *testing.T, config, listen, _, cert, key string) {
	t.Helper()
	// No certificate is asked for from anywhere, and nothing listens beyond the test's address.
	config = "{\n\tadmin off\n\tauto_https off\n}\n" + strings.Replace(config, "api.example.com {", "https://"+listen+" {\n\ttls "+cert+" "+key, 1)
	servicetest.StartCaddy(t, listen, config)
}

func TestBehindNginx(t *testing.T) {
	t.Parallel()
	behind(t, "behind-nginx", few, startNginx).limited(t)
}

func TestBehindCaddy(t *testing.T) {
	t.Parallel()
	behind(t, "behind-caddy", few, startCaddy).limited(t)
}

// nginx before 1.27.2 drops trailers, later ones do unless told otherwise. It
// cuts where the answer was cut.
func TestEndsBehindNginx(t *testing.T) {
	t.Parallel()
	behind(t, "behind-nginx", generous, startNginx).ends(t, false, false)
}

// Caddy before 2.8 ends an answer that was cut like a whole one. It passes the
// trailers on, and a part of an answer has none.
func TestEndsBehindCaddy(t *testing.T) {
	t.Parallel()
	p := behind(t, "behind-caddy", generous, startCaddy)
	for _, http2 := range []bool{false, true} {
		p.ends(t, true, http2)
	}
}
