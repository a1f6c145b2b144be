//go:build unix

package servicetest

import (
	"bytes"
	"context"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a service may take to answer, or to end. It is only
// ever used up by a failure.
const patience = 30 * time.Second

// process is a program that runs in the background.
type process struct {
	cmd    *exec.Cmd
	output *output
	exited chan struct{}
}

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

// launch starts a program in dir, with nothing of the test's environment but
// what is given.
func launch(t testing.TB, dir string, env []string, program string, args ...string) *process {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		// Debian keeps servers where only root's PATH looks.
		if path, err = exec.LookPath("/usr/sbin/" + program); err != nil {
			t.Fatalf("%s is not installed; scripts/test-deps installs it", program)
		}
	}
	p := &process{output: &output{}, exited: make(chan struct{})}
	// It outlives the test's context, which is cancelled before cleanup begins.
	p.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), path, args...) //nolint:gosec // the tests' own programs
	p.cmd.Dir, p.cmd.Env = dir, append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + dir, "TMPDIR=" + dir}, env...)
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	// A group of its own, so that its children can be ended with it.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // it is ended by a signal, which Wait calls an error
		close(p.exited)
	}()
	return p
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// kill ends the process and all it has started, at once.
func (p *process) kill(t testing.TB) {
	t.Helper()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // gone already is as good
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Errorf("%s does not end", p.cmd.Path)
	}
}

// await waits until ready holds, and fails if the process ends before.
func (p *process) await(t testing.TB, ready func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); !ready(); <-ticker.C {
		if p.hasExited() || time.Now().After(end) {
			t.Fatalf("%s does not serve:\n%s", p.cmd.Path, p.output)
		}
	}
}

// freePort finds a port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	var l net.ListenConfig
	listener, err := l.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // nothing was accepted
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("listening on a %T", listener.Addr())
	}
	return address.Port
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// accepts says whether somebody accepts connections at address.
func accepts(address string) bool {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(context.Background(), "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was sent
	return true
}
