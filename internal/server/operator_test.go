package server

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/sallyport-dev/sallyport/internal/config"
)

// operatorOf is the operator's handler of a server.
func operatorOf(t *testing.T, change func(*config.Config)) (http.Handler, *Server) {
	t.Helper()
	_, _, s := perimeterOf(t, change, http.NotFoundHandler())
	s.options.Logger = slog.New(slog.DiscardHandler)
	var err error
	if s.metrics, err = s.newMetrics(); err != nil {
		t.Fatal(err)
	}
	return s.operatorServer().Handler, s
}

func get(t *testing.T, h http.Handler, host, path string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

func TestOperatorRefusesPages(t *testing.T) {
	t.Parallel()
	h, _ := operatorOf(t, nil)
	for _, test := range []struct {
		host   string
		header []string
		status int
	}{
		{"127.0.0.1:9090", nil, http.StatusOK},
		{"[::1]:9090", nil, http.StatusOK},
		{"[::1]", nil, http.StatusOK},
		{"localhost:9090", nil, http.StatusOK},
		{"localhost", nil, http.StatusOK},
		{"127.0.0.1:9090", []string{"Sec-Fetch-Site", "none"}, http.StatusOK},
		{"127.0.0.1:9090", []string{"Sec-Fetch-Site", "same-origin"}, http.StatusOK},
		{"127.0.0.1:9090", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"127.0.0.1:9090", []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"127.0.0.1:9090", []string{"Origin", "https://evil.example.com"}, http.StatusForbidden},
		{"rebound.example.com:9090", nil, http.StatusForbidden}, // DNS rebinding
		{"localhost.example.com", nil, http.StatusForbidden},
		{"", nil, http.StatusForbidden},
	} {
		if status, _ := get(t, h, test.host, "/metrics", test.header...); status != test.status {
			t.Errorf("%q %v: %d, want %d", test.host, test.header, status, test.status)
		}
	}
	exposed, _ := operatorOf(t, func(c *config.Config) { c.Operator.DangerouslyExpose = true })
	if status, _ := get(t, exposed, "metrics.internal", "/metrics"); status != http.StatusOK {
		t.Errorf("by name, where names are allowed: %d", status)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	h, s := operatorOf(t, nil)
	if status, _ := get(t, h, "localhost", "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("before it serves: %d", status)
	}
	s.ready.Store(true)
	if status, body := get(t, h, "localhost", "/readyz"); status != http.StatusOK || body != `{"status":"ok"}` {
		t.Errorf("while it serves: %d %s", status, body)
	}
}

// Every metric has the name and help that Prometheus's own linter likes, and
// can be collected twice.
func TestMetricsAreWellFormed(t *testing.T) {
	t.Parallel()
	_, s := operatorOf(t, func(c *config.Config) { c.Perimeter.PerKey = "10/minute" })
	problems, err := testutil.GatherAndLint(s.metrics)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "sallyport_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	families, err := s.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range families {
		found[f.GetName()] = true
	}
	for _, name := range []string{"sallyport_rate_refused_total", "sallyport_in_flight", "sallyport_client_requests_total", "sallyport_auth_refused_total", "go_goroutines"} {
		if !found[name] {
			t.Errorf("there is no %s", name)
		}
	}
}

// Go's pprof adds the time of a profile to the server's timeout.
func TestProfilesAreBounded(t *testing.T) {
	t.Parallel()
	h, _ := operatorOf(t, nil)
	for _, path := range []string{"/debug/pprof/profile?seconds=100000", "/debug/pprof/trace?seconds=61", "/debug/pprof/heap?seconds=1e9"} {
		if status, _ := get(t, h, "localhost", path); status != http.StatusForbidden {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, _ := get(t, h, "localhost", "/debug/pprof/trace?seconds=0.01"); status != http.StatusOK {
		t.Errorf("a short trace: %d", status)
	}
}
