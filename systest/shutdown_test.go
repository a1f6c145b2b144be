//go:build linux

package systest

import (
	"net"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slow is a query that computes for some n² × 2 ns, without a pause in which
// it could be interrupted.
func slow(n string) string {
	return "SELECT levenshtein(repeat('a', " + n + "), repeat('b', " + n + "))"
}

// asking is a query whose answer is awaited.
type asking struct {
	answer answer
	err    error
}

// ask starts a query and waits until it runs in the worker that it returns.
func (s *server) ask(t *testing.T, sql string) (worker process, result chan asking) {
	t.Helper()
	eventually(t, "two workers and their spare", func() bool { return len(s.workers()) == 3 })
	body := question(t, sql)
	result = make(chan asking, 1)
	go func() {
		a, err := s.send(t.Context(), http.MethodPost, "/v1/query", s.key, body)
		result <- asking{a, err}
	}()
	return s.busy(t), result
}

func (s *server) refusesConnections() bool {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.Dial("tcp", s.address)
	if err == nil {
		_ = conn.Close()
	}
	return err != nil
}

// Told to stop, the server takes no more connections, finishes the query that
// runs, and leaves nothing behind: asked by whoever manages services, and by
// Ctrl-C in a terminal, which reaches the workers as well.
func TestGracefulStop(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(s *server){
		"SIGTERM":                   func(s *server) { kill(t, s.cmd.Process.Pid, syscall.SIGTERM) },
		"Ctrl-C in a terminal":      func(s *server) { kill(t, -s.cmd.Process.Pid, syscall.SIGINT) },
		"systemd, to every process": func(s *server) { kill(t, -s.cmd.Process.Pid, syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := configured(t, slowConfig(writeFile(t, "data.csv", "n\n1\n")))
			_, result := s.ask(t, slow("30000"))
			workers := s.workers()
			send(s)
			eventually(t, "no more connections", s.refusesConnections)
			if s.hasExited() {
				t.Error("the server ended before the query did")
			}
			got := <-result
			if got.err != nil || got.answer.status != http.StatusOK {
				t.Errorf("the running query got %v, %+v", got.err, got.answer)
			}
			s.wantCleanEnd(t, workers)
		})
	}
}

// Whoever asks twice does not want to wait.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	s := configured(t, slowConfig(writeFile(t, "data.csv", "n\n1\n")))
	_, result := s.ask(t, slow("90000"))
	workers := s.workers()
	kill(t, s.cmd.Process.Pid, syscall.SIGTERM)
	eventually(t, "the first signal in the log", func() bool { return strings.Contains(s.log.String(), "shutting down") })
	asked := time.Now()
	// The first is noted a moment before the second counts.
	eventually(t, "the end", func() bool {
		kill(t, s.cmd.Process.Pid, syscall.SIGTERM)
		return s.hasExited()
	})
	if took := time.Since(asked); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if got := <-result; got.err == nil {
		t.Errorf("the query got %+v", got.answer)
	}
	s.wantKilledBy(t, syscall.SIGTERM)
	ended(t, workers)
}

func (s *server) wantKilledBy(t *testing.T, signal syscall.Signal) {
	t.Helper()
	s.wait(t)
	exit, isExit := s.waited.(*exec.ExitError) //nolint:errorlint // as Wait gives it
	if !isExit {
		t.Fatalf("the server ended with %v", s.waited)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != signal {
		t.Errorf("the server ended with %v, want signal %v", s.waited, signal)
	}
}

// A killed server leaves no worker behind, whether that has a query or not.
func TestWorkersDieWithTheServer(t *testing.T) {
	t.Parallel()
	s := configured(t, slowConfig(writeFile(t, "data.csv", "n\n1\n")))
	_, result := s.ask(t, slow("90000"))
	workers := s.workers()
	kill(t, s.cmd.Process.Pid, syscall.SIGKILL)
	s.wantKilledBy(t, syscall.SIGKILL)
	ended(t, workers)
	if got := <-result; got.err == nil {
		t.Errorf("the query got %+v", got.answer)
	}
}

// A killed worker is one failed query.
func TestKilledWorker(t *testing.T) {
	t.Parallel()
	s := configured(t, slowConfig(writeFile(t, "data.csv", "n\n1\n")))
	worker, result := s.ask(t, slow("90000"))
	kill(t, worker.pid, syscall.SIGKILL)
	got := <-result
	if got.err != nil || got.answer.status != http.StatusServiceUnavailable || got.answer.header.Get("Retry-After") == "" {
		t.Errorf("its query got %v, %+v, want 503 with Retry-After", got.err, got.answer)
	}
	for range 4 { // both workers, the new one too
		if a := s.query(t, "SELECT n FROM data"); a.status != http.StatusOK {
			t.Errorf("a later query got %d %s", a.status, a.body)
		}
	}
	eventually(t, "a new worker", func() bool { return len(s.workers()) == 3 })
}

// A query that is past its deadline and hears no interrupt is killed, and the
// next client does not notice.
func TestDeadline(t *testing.T) {
	t.Parallel()
	s := configured(t, strings.Replace(slowConfig(writeFile(t, "data.csv", "n\n1\n")), "deadline: 1m", "deadline: 500ms", 1))
	began := time.Now()
	a := s.query(t, slow("90000"))
	if a.status != http.StatusBadRequest || a.rule() != "sql.timeout" {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if took := time.Since(began); took > 500*time.Millisecond+3*time.Second {
		t.Errorf("it took %v", took)
	}
	if a := s.query(t, "SELECT n FROM data"); a.status != http.StatusOK {
		t.Errorf("the next query got %d %s", a.status, a.body)
	}
}
