//go:build linux

package systest

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// perimeter serves a small table with its own words on limits and access.
func perimeter(t *testing.T, more string) *server {
	t.Helper()
	return configured(t, "listen: 127.0.0.1:0\n"+more+"\nsources:\n  data:\n    location: "+writeFile(t, "data.csv", "n\n1\n")+"\n")
}

// The defaults that the README promises, over HTTP: 30 queries at once, then
// one every two seconds, and the headers that say so.
func TestDefaultRate(t *testing.T) {
	t.Parallel()
	s := start(t, testKey, "serve", "--config", writeFile(t, "sallyport.yaml",
		"listen: 127.0.0.1:0\noperator: {listen: \"off\"}\nsources:\n  data:\n    location: "+writeFile(t, "data.csv", "n\n1\n")+"\n"))
	began, admitted := time.Now(), 0
	var last answer
	for range 40 {
		if last = s.query(t, "SELECT 1"); last.status == http.StatusOK {
			admitted++
		}
	}
	most := 30 + int(time.Since(began)/(2*time.Second))
	if admitted < 30 || admitted > most {
		t.Errorf("%d of 40 admitted within %v, want 30 to %d", admitted, time.Since(began), most)
	}
	if last.status != http.StatusTooManyRequests || last.body != `{"type":"about:blank","title":"Too Many Requests","status":429}` {
		t.Fatalf("the last: %d %s", last.status, last.body)
	}
	if after := last.header.Get("Retry-After"); after != "1" && after != "2" {
		t.Errorf("Retry-After %q", after)
	}
	if policy := last.header.Get("RateLimit-Policy"); !strings.Contains(policy, `"client";q=30;w=60`) {
		t.Errorf("RateLimit-Policy %q", policy)
	}
	if left := last.header.Get("RateLimit"); !regexp.MustCompile(`"client";r=0;t=[12]`).MatchString(left) {
		t.Errorf("RateLimit %q", left)
	}
	// Other routes have limits of their own, and so does guessing paths.
	if a := s.request(t, http.MethodGet, "/v1/sources", ""); a.status != http.StatusOK {
		t.Errorf("the catalog: %d", a.status)
	}
	guessed := map[int]int{}
	for range 80 {
		guessed[s.request(t, http.MethodGet, "/admin.php", "").status]++
	}
	if guessed[http.StatusForbidden] < 60 || guessed[http.StatusTooManyRequests] == 0 {
		t.Errorf("guessed paths are answered %v", guessed)
	}
}

// Where the rates only report, nothing is refused and the log has what would have been.
func TestReportOnly(t *testing.T) {
	t.Parallel()
	s := perimeter(t, "limits: {per_client: 2/hour, report_only: true}")
	for range 5 {
		if a := s.query(t, "SELECT 1"); a.status != http.StatusOK {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	eventually(t, "three lines that say what would have been refused", func() bool {
		return strings.Count(s.log.String(), "would_refuse=rate.client") == 3
	})
	if !strings.Contains(s.banner.String(), "DANGER   limits.report_only") || !strings.Contains(s.log.String(), "setting=limits.report_only") {
		t.Errorf("it is not said:\n%s\n%s", s.banner, s.log)
	}
}

// A client that guesses keys is locked out, also with the right one.
func TestLockout(t *testing.T) {
	t.Parallel()
	s := perimeter(t, "access: {lockout: {failures: 3, pause: 1h}}")
	for range 3 {
		if a, err := s.send(t.Context(), http.MethodGet, "/v1/sources", testKey+"x", ""); err != nil || a.status != http.StatusForbidden {
			t.Errorf("%v, %d", err, a.status)
		}
	}
	if a := s.request(t, http.MethodGet, "/v1/sources", ""); a.status != http.StatusForbidden || a.body != forbidden {
		t.Errorf("the right key after three wrong ones: %d %s", a.status, a.body)
	}
	eventually(t, "the rule in the log", func() bool { return strings.Contains(s.log.String(), "rule=key.locked") })
}

// The places in flight are the configured number, and each is free again when its query is over.
func TestInFlight(t *testing.T) {
	t.Parallel()
	s := configured(t, strings.Replace(slowConfig(writeFile(t, "data.csv", "n\n1\n")), "deadline: 1m", "deadline: 20s", 1)+
		"\nlimits: {per_client: 1000/second, per_network: {rate: 1000/second}, global: 1000/second, in_flight: {per_client: 1, global: 2, queue: 1, wait: 100ms}}\n")
	_, result := s.ask(t, slow("30000"))
	if a := s.query(t, "SELECT 1"); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("beside a running query: %d %s", a.status, a.body)
	}
	if got := <-result; got.err != nil || got.answer.status != http.StatusOK {
		t.Errorf("the running query: %v, %d", got.err, got.answer.status)
	}
	if a := s.query(t, "SELECT 1"); a.status != http.StatusOK {
		t.Errorf("after it: %d %s", a.status, a.body)
	}
}

// A client that hangs up frees its place once the engine has let go of its query.
func TestPlaceIsHeldUntilTheQueryEnds(t *testing.T) {
	t.Parallel()
	address := servicetest.FreeAddress(t)
	s := configured(t, slowConfig(writeFile(t, "data.csv", "n\n1\n"))+"\noperator: {listen: '"+address+"'}\n"+generous)
	conn := s.dial(t)
	body := question(t, slow("90000"))
	say(conn, "POST /v1/query HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", testKey, len(body), body)
	s.busy(t)
	if got := gauge(t, address, "sallyport_in_flight"); got != "1" {
		t.Errorf("in flight: %s", got)
	}
	_ = conn.Close() // the client leaves
	eventually(t, "an empty server", func() bool { return gauge(t, address, "sallyport_in_flight") == "0" })
	if got := gauge(t, address, "sallyport_in_flight_released_total"); got != "1" {
		t.Errorf("released: %s", got)
	}
}

// gauge reads a metric without labels from the operator's listener.
func gauge(t *testing.T, address, name string) string {
	t.Helper()
	status, body := operator(t, address, "/metrics")
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(body)
	if status != http.StatusOK || found == nil {
		t.Fatalf("no %s: %d", name, status)
	}
	return found[1]
}

func operator(t *testing.T, address, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// What operators need is on a listener of their own, and not on the API's.
func TestOperator(t *testing.T) {
	t.Parallel()
	address := servicetest.FreeAddress(t)
	s := perimeter(t, "operator: {listen: '"+address+"'}")
	if !strings.Contains(s.banner.String(), "http://"+address+"/metrics") {
		t.Errorf("the banner does not say where:\n%s", s.banner)
	}
	for _, path := range []string{"/metrics", "/readyz", "/whoami", "/debug/pprof/"} {
		if status, body := operator(t, address, path); status != http.StatusOK || body == "" {
			t.Errorf("%s: %d", path, status)
		}
		if a := s.request(t, http.MethodGet, path, ""); a.status != http.StatusForbidden || a.body != forbidden {
			t.Errorf("%s on the API: %d %s", path, a.status, a.body)
		}
	}
	if status, body := operator(t, address, "/v1/sources"); status != http.StatusForbidden || body != forbidden {
		t.Errorf("the API on the operator's listener: %d %s", status, body)
	}
}

// An operator with an admin key sees through the API how its own address is found.
func TestWhoami(t *testing.T) {
	t.Parallel()
	keys := t.TempDir() + "/keys.yaml"
	admin := command(t, "key", "new", "admin", "--scopes", "admin", "--file", keys)
	s := perimeter(t, "access: {keys: "+keys+", lockout: {failures: 1000, pause: 1s}}")
	if a := s.request(t, http.MethodGet, "/v1/admin/whoami", ""); a.status != http.StatusForbidden || a.body != forbidden {
		t.Errorf("with a key for queries: %d %s", a.status, a.body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/admin/whoami", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Api-Key", admin)
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	response, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	var told struct{ Client, Spoofed, Topology string }
	err = json.NewDecoder(response.Body).Decode(&told)
	_ = response.Body.Close() // read to its end
	if err != nil || told.Client != "127.0.0.1" || told.Spoofed != "X-Forwarded-For" || told.Topology != "direct" {
		t.Errorf("%v, %+v", err, told)
	}
	eventually(t, "the spoof in the log", func() bool { return strings.Contains(s.log.String(), "spoofed=X-Forwarded-For") })
}

// Pages of any origin may call with a key; of what they may not do, the
// browser is told nothing but no.
func TestPreflight(t *testing.T) {
	t.Parallel()
	s := perimeter(t, "cors: {origins: ['https://app.example.com']}")
	preflight := func(origin, method, headers string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, s.url+"/v1/query", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", method)
		r.Header.Set("Access-Control-Request-Headers", headers)
		response, err := s.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close() // the headers say it all
		return response
	}
	good := preflight("https://app.example.com", "POST", "content-type,x-api-key")
	if good.StatusCode != http.StatusNoContent || good.Header.Get("Access-Control-Allow-Origin") != "https://app.example.com" || good.Header.Get("Access-Control-Max-Age") != "600" {
		t.Errorf("%d %v", good.StatusCode, good.Header)
	}
	for name, bad := range map[string]*http.Response{
		"another origin": preflight("https://evil.example.net", "POST", "content-type,x-api-key"),
		"another method": preflight("https://app.example.com", "DELETE", "content-type"),
		"another header": preflight("https://app.example.com", "POST", "x-admin"),
	} {
		if bad.StatusCode != http.StatusForbidden || bad.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %v", name, bad.StatusCode, bad.Header)
		}
	}
}

// What all callers share cannot be used up by those without a key.
func TestStrangersDoNotUseUpWhatCallersShare(t *testing.T) {
	t.Parallel()
	s := perimeter(t, "limits: {per_client: 1000/second, per_network: {rate: 1000/second}, global: 5/hour}\naccess: {lockout: {failures: 1000, pause: 1s}}")
	for i := range 30 {
		key := ""
		if i%2 == 0 {
			key = testKey + "x"
		}
		if a, err := s.send(t.Context(), http.MethodPost, "/v1/query", key, `{"sql":"SELECT 1"}`); err != nil || a.status != http.StatusForbidden {
			t.Fatalf("a stranger: %v, %d", err, a.status)
		}
	}
	for i := range 5 {
		if a := s.query(t, "SELECT 1"); a.status != http.StatusOK {
			t.Errorf("query %d of a caller with a key: %d", i+1, a.status)
		}
	}
	if a := s.query(t, "SELECT 1"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("over the limit of all: %d", a.status)
	}
	eventually(t, "a warning, not an error", func() bool { return strings.Contains(s.log.String(), "level=WARN msg=request") })
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("callers can write errors into the log:\n%s", s.log)
	}
}

// With an operator's database, the addresses of one provider count together.
func TestRateByASN(t *testing.T) {
	t.Parallel()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Test-ASN", IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	_, provider, err := net.ParseCIDR("127.0.0.0/8")
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Insert(provider, mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(64500)}); err != nil {
		t.Fatal(err)
	}
	var database bytes.Buffer
	if _, err := tree.WriteTo(&database); err != nil {
		t.Fatal(err)
	}
	s := perimeter(t, "limits: {per_client: 2/hour, per_network: {rate: 1000/second}, global: 1000/second, per_asn: {database: "+
		writeFile(t, "asn.mmdb", database.String())+", rate: 5/hour}}")
	admitted := 0
	for host := range 5 {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 9, byte(host), 1)}}
		client := &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: d.DialContext, DisableKeepAlives: true}}
		for range 2 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/query", strings.NewReader(`{"sql":"SELECT 1"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Api-Key", testKey)
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close() // the status says it all
			if response.StatusCode == http.StatusOK {
				admitted++
			}
		}
	}
	if admitted != 5 {
		t.Errorf("%d of 10 queries from five addresses of one provider are admitted, want 5", admitted)
	}
	eventually(t, "the rule in the log", func() bool { return strings.Contains(s.log.String(), "rule=rate.asn") })
}
