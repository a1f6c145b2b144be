package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	activities["limits"] = func(j job) (answer, error) {
		report, err := enter(j)
		if err != nil {
			return answer{}, err
		}
		a := answer{Report: report, Errors: map[string]int{}}
		for name, resource := range map[string]int{
			"data": unix.RLIMIT_DATA, "address space": unix.RLIMIT_AS, "cpu": unix.RLIMIT_CPU, "file size": unix.RLIMIT_FSIZE,
			"core": unix.RLIMIT_CORE, "open files": unix.RLIMIT_NOFILE, "processes": unix.RLIMIT_NPROC,
		} {
			var l unix.Rlimit
			if err := unix.Getrlimit(resource, &l); err != nil {
				return a, err
			}
			if l.Cur != l.Max {
				return a, fmt.Errorf("%s: %d may become %d", name, l.Cur, l.Max)
			}
			a.Errors[name] = int(l.Max)
		}
		dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
		a.Errors["dumpable"] = dumpable
		return a, err
	}
	activities["inherited"] = func(j job) (answer, error) {
		report, err := enter(j)
		a := answer{Report: report, Errors: map[string]int{}}
		for fd := range uintptr(64) {
			if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
				a.Errors[fmt.Sprint(fd)] = 1
			}
		}
		return a, err
	}
	activities["many threads"] = func(j job) (answer, error) {
		if _, err := enter(j); err != nil {
			return answer{}, err
		}
		if err := unix.Close(2); err != nil { // a failing runtime says much
			return answer{}, err
		}
		var up sync.WaitGroup
		for range tooManyThreads {
			up.Add(1)
			go func() {
				runtime.LockOSThread()
				up.Done()
				_ = unix.Pause()
			}()
		}
		up.Wait()
		return answer{Text: "up"}, nil
	}
	// A parent between the test and the child, to be killed.
	activities["parent"] = func(j job) (answer, error) {
		j.Do, j.Policy.Parent, j.Stays = "pid", os.Getpid(), true
		text, err := json.Marshal(j)
		if err != nil {
			return answer{}, err
		}
		runtime.LockOSThread()
		cmd := exec.Command("/proc/self/exe") //nolint:noctx // it ends with this process
		cmd.Env, cmd.ExtraFiles = []string{asChild + "=" + string(text)}, []*os.File{os.NewFile(3, "alive")}
		stdout, err := cmd.StdoutPipe()
		if err := errors.Join(err, cmd.Start()); err != nil {
			return answer{}, err
		}
		var a answer
		err = json.NewDecoder(stdout).Decode(&a)
		return a, err
	}
	activities["pid"] = func(j job) (answer, error) {
		report, err := enter(j)
		return answer{Report: report, Text: strconv.Itoa(os.Getpid())}, err
	}
	activities["orphan"] = func(j job) (answer, error) {
		j.Policy.Parent++
		_, err := enter(j)
		return answer{Text: fmt.Sprint(errors.Is(err, ErrOrphan))}, nil
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	place := newPlace(t)
	policy := place.policy()
	policy.Limits.Processes = 12345
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &before); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{
		"data": 4 << 30, "address space": 1 << 47, "cpu": 600, "file size": 1 << 30, "core": 0, "open files": 256, "dumpable": 0,
		"processes": int(min(before.Max, 12345)),
	}
	for _, missing := range []bool{false, true} {
		c := run(t, job{Do: "limits", Policy: policy, Place: place, WithoutSeccomp: missing}, nil)
		for name, value := range want {
			if c.answer.Errors[name] != value {
				t.Errorf("%s: %d, want %d", name, c.answer.Errors[name], value)
			}
		}
	}
}

const tooManyThreads = 600

// Threads are bounded inside too, for every account but root's.
func TestLimitOfThreads(t *testing.T) {
	t.Parallel()
	for user, credential := range users() {
		if credential == nil && os.Getuid() == 0 {
			continue // the kernel lets root have any number
		}
		t.Run(user, func(t *testing.T) {
			place := newPlace(t)
			policy := place.policy()
			policy.Limits.Data = 64 << 30
			policy.Limits.Processes = tooManyThreads / 2
			c, err := start(t, job{Do: "many threads", Policy: policy, Place: place}, credential)
			if c != nil || err == nil { // a runtime that gets no thread ends the process
				t.Errorf("a worker has %d threads", tooManyThreads)
			}
		})
	}
}

// What the server itself has inherited does not stay open in a worker.
func TestInheritedDescriptors(t *testing.T) {
	t.Parallel()
	place := newPlace(t)
	secret, err := unix.Open(place.Outside+"/file", unix.O_RDONLY, 0) // no close-on-exec, as after a shell's redirection
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(secret) }()
	// The test shares its descriptors with others that start children: all of
	// them may inherit it, and all of them close it.
	policy := place.policy()
	c := run(t, job{Do: "inherited", Policy: policy, Place: place}, nil)
	if got := len(c.answer.Errors); got != 3 || !c.answer.Report.Holds(PartDescriptors) {
		t.Errorf("%v are open; %s", c.answer.Errors, c.answer.Report)
	}
	policy.Descriptors = []int{secret}
	c = run(t, job{Do: "inherited", Policy: policy, Place: place}, nil)
	if got := len(c.answer.Errors); got != 4 || c.answer.Errors[fmt.Sprint(secret)] == 0 {
		t.Errorf("%v are open", c.answer.Errors)
	}
}

// A sandboxed process ends with its parent, also where the parent had no
// chance to say so.
func TestParentDeath(t *testing.T) {
	t.Parallel()
	for user, credential := range users() {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			alive, held, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = alive.Close() }()
			if err := alive.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			place := newPlace(t)
			policy := place.policy()
			policy.Descriptors = []int{3}
			text, err := json.Marshal(job{Do: "parent", Policy: policy, Place: place})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "/proc/self/exe")
			cmd.Env, cmd.ExtraFiles = []string{asChild + "=" + string(text)}, []*os.File{held}
			cmd.SysProcAttr, cmd.Stderr = &syscall.SysProcAttr{Credential: credential}, os.Stderr
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = stdin.Close() }()
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			startLocked(t, cmd)
			_ = held.Close()
			var a answer
			if err := json.NewDecoder(stdout).Decode(&a); err != nil || !a.Report.Holds(PartParentDeath) {
				t.Fatalf("%s: %v", a.Report, err)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			// The pipe ends when the grandchild is gone as well.
			_, err = alive.Read(make([]byte, 1))
			if !errors.Is(err, io.EOF) {
				t.Errorf("process %s lives on: %v", a.Text, err)
				if pid, err := strconv.Atoi(a.Text); err == nil {
					_ = unix.Kill(pid, unix.SIGKILL)
				}
			}
		})
	}
}

func TestOrphan(t *testing.T) {
	t.Parallel()
	place := newPlace(t)
	if c := run(t, job{Do: "orphan", Policy: place.policy(), Place: place}, nil); c.answer.Text != "true" {
		t.Error("a process whose parent is another went on")
	}
}
