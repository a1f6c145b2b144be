//go:build linux

package systest

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen. It is only ever used
// up by a failure.
const patience = 30 * time.Second

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); !holds(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("%v have passed without: %s", patience, what)
		}
	}
}

// process is what /proc/PID/stat tells of one.
type process struct {
	pid, parent int
	state       string
	// ticks of processor time used, 100 a second.
	ticks int
}

// proc is the path of a file about a process.
func proc(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// look reads one process; false if there is none, or only its remains that
// nobody has waited for yet.
func look(pid int) (process, bool) {
	stat, err := os.ReadFile(proc(pid, "stat"))
	if err != nil {
		return process{}, false
	}
	// The name, in parentheses, may hold anything. Fields 3 and on follow it.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return process{}, false
	}
	p := process{pid: pid, state: fields[0]}
	p.parent, _ = strconv.Atoi(fields[1])
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	p.ticks = user + system
	return p, p.state != "Z" && p.state != "X"
}

func processes() []process {
	var list []process
	entries, _ := os.ReadDir("/proc") // an unreadable /proc fails the tests that need it
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			if p, alive := look(pid); alive {
				list = append(list, p)
			}
		}
	}
	return list
}

// running are the processes that run a program.
func running(program string) []int {
	var list []int
	for _, p := range processes() {
		exe, err := os.Readlink(proc(p.pid, "exe"))
		if err == nil && strings.TrimSuffix(exe, " (deleted)") == program {
			list = append(list, p.pid)
		}
	}
	return list
}

// workers are the processes that the server has started and not ended.
func (s *server) workers() []process {
	var list []process
	for _, p := range processes() {
		if p.parent == s.cmd.Process.Pid {
			list = append(list, p)
		}
	}
	return list
}

// busy waits until a worker computes: a query runs. It returns that worker.
func (s *server) busy(t *testing.T) process {
	t.Helper()
	before := map[int]int{}
	for _, p := range s.workers() {
		before[p.pid] = p.ticks
	}
	var found process
	eventually(t, "a worker that computes", func() bool {
		for _, p := range s.workers() {
			// More than opening a source takes.
			if start, known := before[p.pid]; known && p.ticks-start > 40 {
				found = p
				return true
			}
		}
		return false
	})
	return found
}

// descriptors counts what the server has open.
func (s *server) descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(proc(s.cmd.Process.Pid, "fd"))
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// ended waits until the processes are gone.
func ended(t *testing.T, list []process) {
	t.Helper()
	for _, p := range list {
		eventually(t, "the end of worker "+strconv.Itoa(p.pid), func() bool {
			_, alive := look(p.pid)
			return !alive
		})
	}
}

func kill(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Fatalf("kill -%d %d: %v", signal, pid, err)
	}
}
