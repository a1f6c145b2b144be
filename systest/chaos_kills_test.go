//go:build linux

package systest

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// frozen waits for a worker that a query has frozen, and returns it.
func (s *server) frozen(t *testing.T) process {
	t.Helper()
	var found process
	eventually(t, "a frozen worker", func() bool {
		for _, w := range s.workers() {
			if w.state == "T" {
				found = w
				return true
			}
		}
		return false
	})
	return found
}

// begun sends a query and returns where its end will come.
func (s *server) begun(t *testing.T, sql string) <-chan asking {
	t.Helper()
	body, result := question(t, sql), make(chan asking, 1)
	go func() {
		a, err := s.send(t.Context(), http.MethodPost, "/v1/query", s.key, body)
		s.client.CloseIdleConnections()
		result <- asking{a, err}
	}()
	return result
}

func (s *server) wantOutcome(t *testing.T, what string, got asking, want string, within time.Duration) {
	t.Helper()
	if got.err != nil || outcome(got.answer) != want {
		t.Errorf("%s: %v %s, want %s", what, got.err, outcome(got.answer), want)
		return
	}
	if took := s.took(t, got.answer); took > within {
		t.Errorf("%s: it took %v", what, took)
	}
}

// A worker may be killed at any moment: while it is idle nobody notices, and
// otherwise it is one honest failure.
func TestKilledInEachPhase(t *testing.T) {
	t.Parallel()
	s := misdeeds(t, placed{
		source: "preset: analyst\n    functions: {dangerously_allow: [range]}",
		limits: "deadline: 10s, memory: 128MiB, bytes: 1TiB, rows: 1000000000, plan_rows: 1000000000000000",
	})
	before := s.holds(t)
	beside := s.bystander(t, 50*time.Millisecond)
	client := s.from("127.0.66.1")

	for _, w := range s.atRest(t) { // idle, but for the bystander's moments
		kill(t, w.pid, syscall.SIGKILL)
		ended(t, []process{w})
		s.atRest(t)
	}
	if a := client.query(t, "SELECT n FROM data ORDER BY n LIMIT 1"); a.status != http.StatusOK {
		t.Errorf("after the death of idle workers: %d %s", a.status, a.body)
	}

	// Planning: the planner is asked before the query runs, and frozen there.
	end := client.begun(t, chaos("stop"))
	kill(t, client.frozen(t).pid, syscall.SIGKILL)
	client.wantOutcome(t, "planning", <-end, "503", slack)
	s.atRest(t)

	// Running: a known plan, so that the worker is busy with the query itself.
	end = client.begun(t, "SELECT sum(range) FROM range(1000000000000)")
	kill(t, client.busy(t).pid, syscall.SIGKILL)
	client.wantOutcome(t, "running", <-end, "503", 10*time.Second)
	s.atRest(t)

	for _, format := range []string{"ndjson", "csv", "tsv", "arrow"} { // in the middle of an answer
		a := client.stream(t, "SELECT range AS n FROM range(1000000000)", format, s.killStreaming(t))
		a.wantBroken(t, format)
		s.atRest(t)
	}

	// Starting: whatever is not enclosed yet is killed. After each failure the
	// server waits a second.
	first := s.atRest(t)[:1]
	kill(t, first[0].pid, syscall.SIGKILL)
	ended(t, first)
	for range 3 {
		eventually(t, "a worker that starts", func() bool {
			for _, w := range s.workers() {
				if !enclosed(w.pid) {
					kill(t, w.pid, syscall.SIGKILL)
					return true
				}
			}
			return len(s.workers()) == allWorkers // it was quicker
		})
		eventually(t, "its end", func() bool {
			return !slices.ContainsFunc(s.workers(), func(w process) bool { return !enclosed(w.pid) })
		})
	}
	s.atRest(t)
	client.client.CloseIdleConnections()
	beside.allAnswered(t)
	s.wantLevel(t, before)
}

// killStreaming is told how much of an answer has come. Once that is more than
// the server holds back, it kills the worker that computes it: the one that
// has used a twentieth of a second since. Others answer the bystander, which
// takes next to nothing.
func (s *server) killStreaming(t *testing.T) func(int) {
	t.Helper()
	var before map[int]int
	return func(length int) {
		switch workers := s.workers(); {
		case length < 4<<20 || before != nil && len(before) == 0: // too early, or done
		case before == nil:
			before = map[int]int{}
			for _, w := range workers {
				before[w.pid] = w.ticks
			}
		default:
			for _, w := range workers {
				if start, known := before[w.pid]; known && w.ticks-start >= 5 {
					kill(t, w.pid, syscall.SIGKILL)
					clear(before)
				}
			}
		}
	}
}

// A frozen worker answers nobody. The query that finds that out is ended at its
// deadline, and it is the only one.
func TestFrozenWorkers(t *testing.T) {
	t.Parallel()
	// Long enough to find the worker of a query while the machine is busy.
	const deadline = 4 * time.Second
	s := misdeeds(t, placed{limits: "deadline: 4s, memory: 128MiB"})
	before := s.holds(t)

	for _, w := range s.atRest(t) { // all idle ones
		kill(t, w.pid, syscall.SIGSTOP)
	}
	var ends []<-chan asking
	for _, address := range []string{"127.0.66.1", "127.0.67.1", "127.0.68.1"} {
		ends = append(ends, s.from(address).begun(t, "SELECT sum(n) FROM data"))
	}
	timeouts := 0
	for _, end := range ends {
		got := <-end
		// Who had to wait for a place may find a fresh worker there.
		if want := "sql.timeout"; got.err != nil || got.answer.status != http.StatusOK {
			s.wantOutcome(t, "frozen while idle", got, want, deadline+slack)
			timeouts++
		}
	}
	if timeouts == 0 {
		t.Error("frozen workers have answered")
	}
	s.atRest(t)

	beside := s.bystander(t, 50*time.Millisecond)
	client := s.from("127.0.66.1")
	end := client.begun(t, chaos("spin"))
	kill(t, client.busy(t).pid, syscall.SIGSTOP)
	client.wantOutcome(t, "frozen while running", <-end, "sql.timeout", deadline+slack)
	end = client.begun(t, chaos("stop")) // and frozen by itself
	client.wantOutcome(t, "frozen by itself", <-end, "sql.timeout", deadline+slack)
	beside.allAnswered(t)
	s.wantLevel(t, before)
}

// A server that is killed leaves no worker behind, whatever those are doing.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(t *testing.T, s *server){
		"idle": func(*testing.T, *server) {},
		"running": func(t *testing.T, s *server) {
			t.Helper()
			s.begun(t, "SELECT sum(range) FROM range(1000000000000)")
			s.busy(t)
		},
		"spinning, deaf to everything": func(t *testing.T, s *server) {
			t.Helper()
			s.begun(t, chaos("spin"))
			s.busy(t)
		},
		"all frozen": func(t *testing.T, s *server) {
			t.Helper()
			s.begun(t, chaos("stop"))
			s.frozen(t)
			for _, w := range s.workers() {
				kill(t, w.pid, syscall.SIGSTOP)
			}
		},
		"starting": func(t *testing.T, s *server) {
			t.Helper()
			for _, w := range s.workers() {
				kill(t, w.pid, syscall.SIGKILL)
			}
			eventually(t, "a worker that starts", func() bool {
				return slices.ContainsFunc(s.workers(), func(w process) bool { return !enclosed(w.pid) })
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := misdeeds(t, placed{source: "functions: {dangerously_allow: [range]}", limits: "deadline: 1m, memory: 128MiB", more: "http: {write_timeout: 2m, shutdown_grace: 2m}"})
			prepare(t, s)
			workers := s.workers()
			// One that starts in this moment is no child of the server any more
			// once that is dead, and has its name and its directory still.
			temp := s.temp
			killed := time.Now()
			kill(t, s.cmd.Process.Pid, syscall.SIGKILL)
			s.wantKilledBy(t, syscall.SIGKILL)
			ended(t, workers)
			eventually(t, "the end of every process that was started with the directory", func() bool { return len(startedWith(temp)) == 0 })
			if took := time.Since(killed); took > 2*time.Second {
				t.Errorf("workers lived on for %v", took)
			}
		})
	}
}

// startedWith are the processes with a text in their environment or arguments.
func startedWith(dir string) []int {
	var list []int
	for _, p := range processes() {
		environment, _ := os.ReadFile(proc(p.pid, "environ")) // of a process that has ended
		if strings.Contains(string(environment), dir) {
			list = append(list, p.pid)
		}
	}
	return list
}
