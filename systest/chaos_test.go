//go:build linux

package systest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// chaosBinary builds the program whose workers misbehave when a query tells
// them to: one that holds the text 'chaos: word' is answered by what the word
// names in internal/engine/duckdb. It is built once, beside the other program.
var chaosBinary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(binary), "sallyport-chaos")
	build := exec.Command("go", "build", "-trimpath", "-tags", "chaos", "-o", path, "./cmd/sallyport")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build -tags chaos: %w\n%s", err, out)
	}
	return path, nil
})

func chaos(sql string) string { return "SELECT 'chaos: " + sql + "'" }

// program starts a server that is not like the others.
type program struct {
	path string
	env  []string
	// files become its descriptors from 3 on; nil stays closed.
	files []*os.File
}

// chaosProgram is the one of chaosBinary.
func chaosProgram(t *testing.T) program {
	t.Helper()
	path, err := chaosBinary()
	if err != nil {
		t.Fatal(err)
	}
	return program{path: path}
}

// start is like the function of that name. The log may tell of anything a
// worker did; only what the server did itself counts at the end.
func (p program) start(t *testing.T, args ...string) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{
		banner: &output{}, log: &output{}, dir: dir, temp: filepath.Join(dir, "tmp"), key: testKey, exited: make(chan struct{}),
	}
	s.client = s.from("127.0.0.1").client
	if err := os.Mkdir(s.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), p.path, args...)
	s.cmd.Dir = root
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + s.temp, "SALLYPORT_API_KEY=" + testKey}, p.env...)
	s.cmd.ExtraFiles = p.files
	s.cmd.Stdout, s.cmd.Stderr = s.banner, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.waited = s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		if !s.hasExited() {
			s.stop(t)
		}
		if strings.Contains(s.log.String(), "not cleaned up") {
			t.Error("a worker was not cleaned up")
		}
		if t.Failed() {
			t.Logf("banner:\n%s\nlog, the end of it:\n%s", s.banner, lastLines(s.log.String(), 400))
		}
	})
	eventually(t, "a banner", func() bool {
		if s.hasExited() {
			t.Fatalf("it does not start:\n%s\n%s", s.banner, s.log)
		}
		return strings.Contains(s.banner.String(), "\n  stop ")
	})
	found := addressLine.FindStringSubmatch(s.banner.String())
	if found == nil {
		t.Fatalf("no address in the banner:\n%s", s.banner)
	}
	s.url, s.address = found[1]+"://"+found[2], found[2]
	return s
}

func lastLines(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

// placed is a source with a name and settings of its own, for configurations here.
type placed struct {
	location string
	// source are more settings of the source, limits those of its workers, more
	// those of the server; each is written in one line.
	source, limits, more string
}

// The places of the servers here, and how many workers that makes.
const (
	chaosWorkers, chaosSpares = 2, 1
	allWorkers                = chaosWorkers + chaosSpares
)

// arguments are those with which a server serves it: its own log in JSON, an
// operator's listener, and no limit on rates.
func (p placed) arguments(t *testing.T) []string {
	t.Helper()
	text := fmt.Sprintf("listen: 127.0.0.1:0\noperator: {listen: \"127.0.0.1:0\"}\nlog: {format: json}\naccess: {lockout: {failures: 1000, pause: 1s}}\n%s\n"+
		"sources:\n  data:\n    location: %s\n    %s\n    limits: {workers: %d, spares: %d, %s}\n", p.more, p.location, p.source, chaosWorkers, chaosSpares, p.limits)
	if !ownLimits.MatchString(text) {
		text += generous
	}
	return []string{"serve", "--require-sandbox", "--config", writeFile(t, "sallyport.yaml", text)}
}

// from is the server as a client at another address of this machine sees it.
// Clients count as different when their addresses differ before the last number.
func (s *server) from(address string) *server {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	other := *s
	other.client = &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext}}
	return &other
}

// record is a line of the server's log about a request.
type record struct {
	Msg       string
	RequestID string `json:"request_id"`
	Status    int
	Rule      string
	Err       string
	Duration  float64 `json:"duration_ms"`
	Query     struct {
		Queue  float64 `json:"queue_ms"`
		Engine float64 `json:"engine_ms"`
	}
}

// took is what the request took but for the wait for its turn.
func (r record) took() time.Duration {
	return time.Duration((r.Duration - r.Query.Queue) * float64(time.Millisecond))
}

// records are the lines about requests, by id.
func (s *server) records() map[string]record {
	all := map[string]record{}
	for line := range strings.Lines(s.log.String()) {
		var r record
		if json.Unmarshal([]byte(line), &r) == nil && r.Msg == "request" {
			all[r.RequestID] = r
		}
	}
	return all
}

// took waits for the line about an answer and tells how long that took, by the
// server's clock: the client's would count also what the machine was busy with.
func (s *server) took(t *testing.T, a answer) time.Duration {
	t.Helper()
	var r record
	eventually(t, "a line in the log about the request", func() (found bool) {
		r, found = s.records()[a.header.Get("X-Request-Id")]
		return found
	})
	return r.took()
}

// operator asks on the operator's listener, over a connection that is closed.
func (s *server) operator(t *testing.T, path string) string {
	t.Helper()
	found := operatorLine.FindStringSubmatch(s.banner.String())
	if found == nil {
		t.Fatalf("no operator's listener in the banner:\n%s", s.banner)
	}
	o := &server{url: found[1], client: &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}}
	a := o.request(t, http.MethodGet, path, "")
	if a.status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	return a.body
}

var operatorLine = regexp.MustCompile(`(?m)^  operator +(http://[^/]+)/metrics`)
