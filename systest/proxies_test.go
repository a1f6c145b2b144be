//go:build linux

package systest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// proxied is a Sallyport behind a proxy: the configurations are those of
// examples/, but for addresses, certificates and the number of queries that a
// client has.
type proxied struct {
	*server
	proxy   string // its address
	trusted *x509.CertPool
}

const allowed = 3 // queries of a client

// behind starts both. start starts the proxy at listen, before upstream, with
// a certificate.
func behind(t *testing.T, example string, start func(config, listen, upstream, cert, key string)) *proxied {
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
	yaml += fmt.Sprintf("limits: {per_client: %d/hour, other: %d/hour}\n", allowed, allowed)
	p := &proxied{server: configured(t, yaml), proxy: servicetest.FreeAddress(t)}
	cert, key, trusted := certificate(t)
	p.trusted = trusted
	for _, file := range []string{"nginx.conf", "Caddyfile"} {
		if _, err := os.Stat(filepath.Join(root, "examples", example, file)); err == nil {
			start(replace(read(file), `127\.0\.0\.1:8080`, p.address), p.proxy, p.address, cert, key)
			return p
		}
	}
	t.Fatalf("examples/%s has no proxy", example)
	return nil
}

// from asks a question through the proxy from an address of this machine, with
// forged headers.
func (p *proxied) from(t *testing.T, address string, header http.Header) *http.Response {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: d.DialContext, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{RootCAs: p.trusted, MinVersion: tls.VersionTLS12},
	}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+p.proxy+"/v1/query", strings.NewReader(`{"sql":"SELECT 1"}`))
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
	_ = response.Body.Close() // the status says it all
	return response
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
				switch status := p.from(t, address, header).StatusCode; status {
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

func TestBehindNginx(t *testing.T) {
	t.Parallel()
	p := behind(t, "behind-nginx", func(config, listen, _, cert, key string) {
		config = strings.NewReplacer("listen 443 ssl", "listen "+listen+" ssl",
			"/etc/ssl/certs/api.example.com.pem", cert, "/etc/ssl/private/api.example.com.key", key).Replace(config)
		servicetest.StartNginx(t, listen, config)
	})
	p.limited(t)
}

func TestBehindCaddy(t *testing.T) {
	t.Parallel()
	p := behind(t, "behind-caddy", func(config, listen, _, cert, key string) {
		// No certificate is asked for from anywhere, and nothing listens beyond the test's address.
		config = "{\n\tadmin off\n\tauto_https off\n}\n" + strings.Replace(config, "api.example.com {", "https://"+listen+" {\n\ttls "+cert+" "+key, 1)
		servicetest.StartCaddy(t, listen, config)
	})
	p.limited(t)
}
