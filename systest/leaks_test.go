//go:build linux

package systest

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// enclosed says whether a worker's sandbox holds, and all that it shows of that.
func enclosed(pid int) bool {
	status, err := os.ReadFile(proc(pid, "status"))
	return err == nil && strings.Contains(string(status), "\nSeccomp:\t2\n") && strings.Contains(string(status), "\nNoNewPrivs:\t1\n")
}

// atRest waits until there are as many workers as there should be, all of them
// enclosed and none frozen, and nothing else of the server's: no other process,
// and in the temporary directory an empty one for each worker. It returns the workers.
func (s *server) atRest(t *testing.T) []process {
	t.Helper()
	var workers []process
	eventually(t, "as many enclosed workers and empty directories as there should be", func() bool {
		workers = s.workers()
		for _, w := range workers {
			if w.state == "T" || !enclosed(w.pid) {
				return false
			}
		}
		return len(workers) == allWorkers && s.leftFiles(t) == ""
	})
	return workers
}

// leftFiles says what is in the temporary directory that should not be.
func (s *server) leftFiles(t *testing.T) string {
	t.Helper()
	engines, err := filepath.Glob(filepath.Join(s.temp, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(engines) != 1 {
		return "not one directory"
	}
	own, _ := filepath.Glob(filepath.Join(engines[0], "*"))
	below, _ := filepath.Glob(filepath.Join(engines[0], "*", "*"))
	if len(own) != allWorkers || len(below) > 0 {
		return strings.Join(append(own, below...), " ")
	}
	return ""
}

// level is what a server holds.
type level struct {
	descriptors, goroutines int
	heap                    int64 // bytes, after a collection of garbage
}

var (
	goroutineCount = regexp.MustCompile(`^goroutine profile: total (\d+)`)
	heapCount      = regexp.MustCompile(`(?m)^# HeapAlloc = (\d+)$`)
)

func number(t *testing.T, pattern *regexp.Regexp, text string) int64 {
	t.Helper()
	found := pattern.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in %.200s", pattern, text)
	}
	n, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *server) goroutines(t *testing.T) int {
	t.Helper()
	return int(number(t, goroutineCount, s.operator(t, "/debug/pprof/goroutine?debug=1")))
}

// holds tells the level once it is at rest.
func (s *server) holds(t *testing.T) level {
	t.Helper()
	s.atRest(t)
	s.client.CloseIdleConnections()
	heap := number(t, heapCount, s.operator(t, "/debug/pprof/heap?gc=1&debug=1"))
	return level{goroutines: s.goroutines(t), heap: heap, descriptors: s.settled(t)}
}

// heapSlack is what caches (verdicts, durations, the perimeter's tables, the
// pools of buffers) may have taken in between.
const heapSlack = 16 << 20

// wantLevel waits until the server holds no more than before.
func (s *server) wantLevel(t *testing.T, before level) {
	t.Helper()
	s.atRest(t)
	s.client.CloseIdleConnections()
	descriptors, goroutines := 0, 0
	eventually(t, "as few descriptors as before", func() bool {
		descriptors = s.descriptors(t)
		return descriptors <= before.descriptors
	})
	eventually(t, "as few goroutines as before", func() bool {
		goroutines = s.goroutines(t)
		return goroutines <= before.goroutines
	})
	heap := number(t, heapCount, s.operator(t, "/debug/pprof/heap?gc=1&debug=1"))
	if heap > before.heap+heapSlack {
		t.Errorf("%d bytes in the server's heap, %d before", heap, before.heap)
	}
	t.Logf("held before: %+v; afterwards %d descriptors, %d goroutines, %d bytes", before, descriptors, goroutines, heap)
}
