package duckdb

import (
	"log/slog"
	"os/exec"
	"testing"
	"time"
)

// A worker that has died this moment, while it is still among the idle ones, is
// buried once and given to nobody.
func TestADeadWorkerIsGivenToNobody(t *testing.T) {
	t.Parallel()
	dead := &process{cmd: exec.CommandContext(t.Context(), "true"), exited: make(chan struct{}), leaveGroup: func() error { return nil }}
	if err := dead.cmd.Run(); err != nil {
		t.Fatal(err)
	}
	close(dead.exited)
	alive := &process{exited: make(chan struct{})}
	// Closed, so that it starts no successor.
	p := &pool{ctx: t.Context(), closed: true, config: Config{Wait: time.Second, Logger: slog.New(slog.DiscardHandler)}}
	p.idle.put(alive)
	p.idle.put(dead)
	got, err := p.takeWorker(t.Context())
	if err != nil || got != alive {
		t.Errorf("got the dead worker: %v, error %v", got == dead, err)
	}
}
