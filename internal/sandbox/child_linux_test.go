package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// asChild makes the test binary a process that puts itself into the sandbox.
const asChild = "SALLYPORT_TEST_SANDBOXED"

// job is what a child does.
type job struct {
	Policy          Policy
	Do              string // a name in activities
	Only            string // one attempt of many
	WithoutLandlock bool
	WithoutSeccomp  bool
	Stays           bool // until it is killed
	Place           place
}

// place is where a child may read, write, and neither.
type place struct {
	Data, Temp, Outside string
	Port                int    // a TCP listener of the parent
	Abstract            string // an abstract unix socket of the parent
}

// answer is what a child writes to its standard output.
type answer struct {
	Report  Report
	Errors  map[string]int // attempts and their errno; 0: it succeeded
	Finding []Finding
	Text    string
}

var activities = map[string]func(job) (answer, error){}

func beChild(text string) int {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return complain(err)
	}
	a, err := activities[j.Do](j)
	if err != nil {
		return complain(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(a); err != nil {
		return complain(err)
	}
	if j.Stays {
		return complain(unix.Pause())
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent has looked
	return 0
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// enter is Apply with what the job takes away.
func enter(j job) (Report, error) {
	k := theKernel()
	if j.WithoutLandlock {
		k.landlockABI = func() (int, error) { return 0, unix.ENOSYS }
	}
	if j.WithoutSeccomp {
		k.loadFilter = func([]unix.SockFilter) error { return unix.EINVAL }
	}
	return apply(j.Policy, k)
}

// child is a running child.
type child struct {
	cmd    *exec.Cmd
	answer answer
	stdin  io.Closer
}

// newPlace makes directories that any user may use.
func newPlace(t *testing.T) place {
	t.Helper()
	base := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(base), 0o755), os.Chmod(base, 0o755)); err != nil {
		t.Fatal(err)
	}
	p := place{Data: base + "/data", Temp: base + "/temp", Outside: base + "/outside"}
	for _, dir := range []string{p.Data, p.Temp, p.Outside} {
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o777)); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "file")
		if err := errors.Join(os.WriteFile(file, []byte("text"), 0o600), os.Chmod(file, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(p.Outside+"/file", p.Temp+"/link"); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p place) policy() Policy {
	return Policy{
		Read: []string{p.Data}, ReadWrite: []string{p.Temp}, Parent: os.Getpid(),
		// A thread's stack is data, 8 MiB each.
		Limits: Limits{Data: 4 << 30, AddressSpace: 1 << 47, FileSize: 1 << 30, OpenFiles: 256, CPU: 10 * time.Minute},
	}
}

// users are who children run as: root, where the tests do, and nobody.
func users() map[string]*syscall.Credential {
	list := map[string]*syscall.Credential{"as we are": nil}
	if os.Getuid() == 0 {
		list["nobody"] = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	return list
}

// start runs a child until it has answered. Where it dies before, the error is
// how it ended.
func start(t *testing.T, j job, user *syscall.Credential, env ...string) (*child, error) {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	// The path works for users who may not enter the directory of the binary.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "/proc/self/exe") // it ends in a cleanup
	cmd.Dir = "/"
	cmd.Env = append([]string{asChild + "=" + string(text)}, env...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	startLocked(t, cmd)
	c := &child{cmd: cmd, stdin: stdin}
	if err := json.NewDecoder(stdout).Decode(&c.answer); err != nil {
		_ = stdin.Close()
		return nil, cmd.Wait()
	}
	t.Cleanup(func() {
		if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
			t.Errorf("the child ended badly: %v", err)
		}
	})
	return c, nil
}

// startLocked starts a process from a thread that lives as long as the test,
// because the process dies with the thread.
func startLocked(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	started, end, ended := make(chan error), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		started <- cmd.Start()
		<-end
	}()
	t.Cleanup(func() { close(end); <-ended })
	if err := <-started; err != nil {
		t.Fatal(err)
	}
}

// run is start for a child that must answer.
func run(t *testing.T, j job, user *syscall.Credential, env ...string) *child {
	t.Helper()
	c, err := start(t, j, user, env...)
	if c == nil {
		t.Fatalf("the child did not answer: %v", err)
	}
	return c
}

// killedBy is the signal that ended a child, or 0.
func killedBy(err error) syscall.Signal {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return status.Signal()
		}
	}
	return 0
}
