package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const manyThreads = 20

func init() {
	// Threads that exist before, some of them asleep in a system call, and
	// threads made after.
	activities["threads"] = func(j job) (answer, error) {
		var before, after sync.WaitGroup
		go1, results := make(chan struct{}), make(chan error, 2*manyThreads)
		try := func() { results <- open("/etc/passwd", unix.O_RDONLY) }
		for range manyThreads {
			before.Add(1)
			go func() {
				runtime.LockOSThread()
				before.Done()
				<-go1
				try()
				select {} // the thread stays for the parent to see
			}()
		}
		block(manyThreads)
		before.Wait()
		report, err := enter(j)
		if err != nil {
			return answer{}, err
		}
		close(go1)
		for range manyThreads {
			after.Add(1)
			go func() {
				runtime.LockOSThread()
				try()
				after.Done()
				select {}
			}()
		}
		block(manyThreads)
		for range 2 * manyThreads {
			if err := <-results; !errors.Is(err, unix.EACCES) {
				return answer{}, fmt.Errorf("a thread can read /etc/passwd: %w", err)
			}
		}
		after.Wait()
		runtime.GC()
		return answer{Report: report}, nil
	}
}

// block has threads sleep in a system call that no event ends.
func block(n int) {
	for range n {
		var ends [2]int
		if unix.Pipe2(ends[:], unix.O_CLOEXEC) != nil {
			return
		}
		go func() {
			_, _ = unix.Read(ends[0], make([]byte, 1))
		}()
	}
}

// The kernel itself says of every thread that it is in.
func TestEveryThread(t *testing.T) {
	t.Parallel()
	for user, credential := range users() {
		t.Run(user, func(t *testing.T) {
			place := newPlace(t)
			c := run(t, job{Do: "threads", Policy: place.policy(), Place: place}, credential, "GOGC=1")
			if !c.answer.Report.Complete() {
				t.Error(c.answer.Report)
			}
			var files []string
			var err error
			// Threads that fall asleep are noticed, and others made, in a while.
			for begun := time.Now(); len(files) < 4*manyThreads && err == nil && time.Since(begun) < 10*time.Second; {
				files, err = filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", c.cmd.Process.Pid))
			}
			if err != nil || len(files) < 4*manyThreads {
				t.Fatalf("%d threads: %v", len(files), err)
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				for _, line := range []string{"\nSeccomp:\t2\n", "\nNoNewPrivs:\t1\n"} {
					if !strings.Contains(string(text), line) {
						t.Errorf("%s lacks %q", file, line)
					}
				}
			}
		})
	}
}
