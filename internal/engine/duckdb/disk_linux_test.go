package duckdb

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// asNobody runs f on a thread to which files are as they are to an account
// without rights. The thread ends with it.
func asNobody(t *testing.T, f func() error) {
	t.Helper()
	ended := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked
		if os.Getuid() == 0 {
			if _, err := unix.SetfsuidRetUid(65534); err != nil {
				ended <- err
				return
			}
		}
		ended <- f()
	}()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// openDir is a directory in which nobody may make others.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for up := dir; up != "/tmp" && up != "/" && os.Getuid() == 0; up = up[:max(1, strings.LastIndexByte(up, '/'))] {
		if err := os.Chmod(up, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Blocks count, not sizes.
func TestDiskUseCountsBlocks(t *testing.T) {
	dir := t.TempDir()
	file(t, dir+"/keep", 0)
	file(t, dir+"/sparse", 0)
	f, err := os.OpenFile(dir+"/keep", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, 32<<20), f.Close(), os.Truncate(dir+"/sparse", 1<<40)); err != nil {
		t.Fatal(err)
	}
	if n := diskUse(dir); n < 32<<20 || n > 33<<20 {
		t.Errorf("%d bytes, want 32 MiB", n)
	}
}

// A directory that only root can look into is full, and is removed.
func TestDarkDirectories(t *testing.T) {
	dir := openDir(t) + "/temp"
	asNobody(t, func() error {
		err := errors.Join(os.MkdirAll(dir+"/dark/er", 0o700), os.WriteFile(dir+"/dark/er/f", make([]byte, 1<<20), 0o600),
			os.Chmod(dir+"/dark/er", 0), os.Chmod(dir+"/dark", 0o300))
		if n := diskUse(dir); n != diskFull {
			t.Errorf("%d bytes", n)
		}
		return errors.Join(err, os.Chmod(dir, 0), removeTemp(dir))
	})
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}

// What cannot be removed is named.
func TestRemoveTempSaysWhatIsLeft(t *testing.T) {
	dir := openDir(t) + "/temp"
	asNobody(t, func() error { return os.Mkdir(dir, 0o700) })
	file(t, dir+"/root/file", 1)
	file(t, dir+"/other", 1)
	asNobody(t, func() error {
		err := removeTemp(dir)
		if root := os.Getuid() == 0; (err != nil) != root || root && !strings.Contains(err.Error(), "/root") {
			t.Errorf("%v", err)
		}
		return nil
	})
	if _, err := os.Lstat(dir + "/other"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the rest was not removed: %v", err)
	}
}

// Depth costs no descriptors, of which there are fewer than levels.
func TestDeepDirectories(t *testing.T) {
	const depth, descriptors = 5000, 1024
	dir := t.TempDir() + "/temp"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Open(dir, unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	for range depth {
		err := unix.Mkdirat(at, "d", 0o700)
		next, openErr := unix.Openat(at, "d", unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err := errors.Join(err, openErr, unix.Close(at)); err != nil {
			t.Fatal(err)
		}
		at = next
	}
	if err := unix.Close(at); err != nil {
		t.Fatal(err)
	}
	var before unix.Rlimit
	if err := errors.Join(unix.Getrlimit(unix.RLIMIT_NOFILE, &before),
		unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: descriptors, Max: before.Max})); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
			t.Error(err)
		}
	}()
	if n := diskUse(dir); n != diskFull {
		t.Errorf("%d bytes", n)
	}
	if err := removeTemp(dir); err != nil {
		t.Error(err)
	}
}

func TestThreadsIn(t *testing.T) {
	const rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 42 0 99"
	for text, want := range map[string]int{
		"7 (worker)" + rest:                     42,
		"7 (a) b (c) S 1 1 1 1 1 1)" + rest:     42,
		"7 (worker) S 1 2 3":                    0,
		"7 (worker":                             0,
		"7 (worker)":                            0,
		"":                                      0,
		"7 (worker)" + strings.Repeat(" x", 40): 0,
	} {
		if n := threadsIn([]byte(text)); n != want {
			t.Errorf("%q: %d, want %d", text, n, want)
		}
	}
}

// A process with more threads than a worker has a use for is ended, as this one
// would be.
func TestExcessOfThreads(t *testing.T) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	worker := &process{cmd: &exec.Cmd{Process: self}, temp: t.TempDir(), exited: make(chan struct{})}
	if n := threadsOf(self.Pid); n < 1 || n > otherThreads {
		t.Fatalf("%d threads", n)
	}
	if why := excess(worker, Config{Threads: 1}); why != nil {
		t.Errorf("%v", why)
	}
	var up, down sync.WaitGroup
	end := make(chan struct{})
	for range otherThreads + threadsEach {
		up.Add(1)
		down.Go(func() {
			runtime.LockOSThread() // never unlocked: the thread ends with it
			up.Done()
			<-end
		})
	}
	up.Wait()
	if why := excess(worker, Config{Threads: 1}); why == nil || !strings.Contains(why.Error(), "threads") {
		t.Errorf("%v with %d threads", why, threadsOf(self.Pid))
	}
	if why := excess(worker, Config{Threads: 100}); why != nil {
		t.Errorf("%v", why)
	}
	close(worker.exited)
	if why := excess(worker, Config{Threads: 1}); why != nil {
		t.Errorf("of a process that has ended: %v", why)
	}
	close(end)
	down.Wait()
	if n := threadsOf(1 << 30); n != 0 {
		t.Errorf("%d threads of no process", n)
	}
}
