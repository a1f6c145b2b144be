//go:build linux

package systest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
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

// testKey is the key of the servers here, given in the environment.
const testKey = "3kd8fj20dkfj30fkdj38fhskq0pq2nvz"

// output collects what a process writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// server is a running Sallyport.
type server struct {
	cmd          *exec.Cmd
	banner, log  *output
	url, address string
	client       *http.Client
	// dir is its home, cache and place for keys; temp its temporary directory.
	dir, temp string
	key       string
	exited    chan struct{}
	waited    error
}

var addressLine = regexp.MustCompile(`(?m)^  API +(https?)://(\S+)$`)

// start runs the program and waits until it serves. What the test does not end
// itself is stopped at its end, and must then end well. An empty key leaves
// the environment without one.
func start(t *testing.T, key string, args ...string) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{
		banner: &output{}, log: &output{}, dir: dir, temp: filepath.Join(dir, "tmp"), key: key, exited: make(chan struct{}),
		client: &http.Client{Transport: &http.Transport{}, Timeout: patience},
	}
	if err := os.Mkdir(s.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), binary, args...)
	s.cmd.Dir = root
	s.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + s.temp}
	if key != "" {
		s.cmd.Env = append(s.cmd.Env, "SALLYPORT_API_KEY="+key)
	}
	s.cmd.Stdout, s.cmd.Stderr = s.banner, s.log
	// A group of its own, like that of a terminal's foreground job.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.waited = s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() { s.finish(t) })
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

// serve serves a source with the defaults, but for the rates.
func serve(t *testing.T, source string) *server {
	t.Helper()
	return configured(t, "listen: 127.0.0.1:0\nsources:\n  data:\n    location: "+source+"\n")
}

// generous are limits that a test meets only if it means to: all of them come
// from one address.
const generous = `
limits:
  per_client: 100000/second
  per_network: {rate: 100000/second}
  global: 100000/second
  catalog: 100000/second
  other: 100000/second
  in_flight: {per_client: 100, global: 100, queue: 100, wait: 1s}
`

var ownLimits, ownOperator, ownLockout = regexp.MustCompile(`(?m)^limits:`), regexp.MustCompile(`(?m)^operator:`), regexp.MustCompile(`(?m)^access:`)

// configured serves what a configuration says. Where it says nothing of limits
// on callers they are generous, and where it says nothing of an operator's
// listener there is none: its default address is for one server on a machine.
func configured(t *testing.T, yaml string) *server {
	t.Helper()
	if !ownLimits.MatchString(yaml) {
		yaml += generous
	}
	if !ownOperator.MatchString(yaml) {
		yaml += "\noperator: {listen: \"off\"}\n"
	}
	if !ownLockout.MatchString(yaml) {
		yaml += "\naccess: {lockout: {failures: 1000, pause: 1s}}\n"
	}
	return start(t, testKey, "serve", "--config", writeFile(t, "sallyport.yaml", yaml))
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (s *server) hasExited() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// finish is the end of every test: the server stops, or has stopped.
func (s *server) finish(t *testing.T) {
	t.Helper()
	s.client.CloseIdleConnections()
	if !s.hasExited() {
		s.stop(t)
	}
	if t.Failed() {
		t.Logf("banner:\n%s\nlog:\n%s", s.banner, s.log)
	}
	for _, bad := range []string{"panic", "not cleaned up", "goroutine "} {
		if strings.Contains(s.log.String(), bad) {
			t.Errorf("the log has %q:\n%s", bad, s.log)
		}
	}
}

// stop asks the server to stop, and wants a clean end of it.
func (s *server) stop(t *testing.T) {
	t.Helper()
	workers := s.workers()
	kill(t, s.cmd.Process.Pid, syscall.SIGTERM)
	s.wantCleanEnd(t, workers)
}

func (s *server) wantCleanEnd(t *testing.T, workers []process) {
	t.Helper()
	s.wait(t)
	if s.waited != nil {
		t.Errorf("the server ended with %v, want exit code 0", s.waited)
	}
	ended(t, workers)
	left, err := os.ReadDir(s.temp)
	if err != nil {
		t.Error(err)
	}
	for _, e := range left {
		t.Errorf("left in the temporary directory: %s", e.Name())
	}
}

// wait waits for the end of the server.
func (s *server) wait(t *testing.T) {
	t.Helper()
	select {
	case <-s.exited:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill() // the test has failed; nothing may stay behind
		<-s.exited
		t.Fatalf("the server did not end within %v", patience)
	}
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

// rule is the rule that a refusal names.
func (a answer) rule() string {
	var document struct{ Rule string }
	if json.Unmarshal([]byte(a.body), &document) != nil {
		return ""
	}
	return document.Rule
}

// rows are those of a JSON answer.
func (a answer) rows(t *testing.T) [][]any {
	t.Helper()
	var document struct{ Rows [][]any }
	if err := json.Unmarshal([]byte(a.body), &document); err != nil || a.status != http.StatusOK {
		t.Fatalf("no answer: %d %s", a.status, a.body)
	}
	return document.Rows
}

// send is one request. It returns errors, for use outside of a test's own
// goroutine.
func (s *server) send(ctx context.Context, method, path, key, body string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if key != "" {
		r.Header.Set("X-Api-Key", key)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := s.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // read to its end
	return answer{response.StatusCode, response.Header, string(text)}, err
}

func (s *server) request(t *testing.T, method, path, body string) answer {
	t.Helper()
	a, err := s.send(t.Context(), method, path, s.key, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// query asks a question.
func (s *server) query(t *testing.T, sql string, params ...any) answer {
	t.Helper()
	return s.request(t, http.MethodPost, "/v1/query", question(t, sql, params...))
}

func question(t *testing.T, sql string, params ...any) string {
	t.Helper()
	members := map[string]any{"sql": sql}
	if len(params) > 0 {
		members["params"] = params
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// dial opens a connection that cannot hang.
func (s *server) dial(t *testing.T) net.Conn {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", s.address)
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(patience))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // closed long ago, as a rule
	return conn
}
