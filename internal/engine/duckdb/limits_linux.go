package duckdb

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// dataSlack is what a worker may have beside DuckDB's buffers: the Go
	// runtime, thread stacks, the encoder, and what scalar functions allocate
	// outside the buffer manager.
	dataSlack = 768 << 20
	// spentSlack is how much of dataSlack may be taken between queries: half.
	// A worker with more is replaced. DuckDB's buffers do not count against it,
	// because they stay full of what was read last, and rightly so.
	spentSlack = dataSlack / 2
	// addressSlack is more, because reserved memory counts that is never used.
	addressSlack = 8 << 30
)

// applyLimits puts the process under resource limits (setrlimit(2)) that no
// setting of DuckDB can lift.
func applyLimits(s setup) error {
	//nolint:gosec // the configuration bounds every one of these numbers
	for _, l := range []struct {
		name     string
		resource int
		value    uint64
	}{
		{"RLIMIT_DATA", unix.RLIMIT_DATA, uint64(s.Memory) + dataSlack},
		{"RLIMIT_AS", unix.RLIMIT_AS, uint64(s.Memory) + addressSlack},
		{"RLIMIT_CPU", unix.RLIMIT_CPU, uint64(maxCPU / time.Second)},
		{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, uint64(s.TempSize)},
		{"RLIMIT_CORE", unix.RLIMIT_CORE, 0},
		{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, 256 + uint64(len(s.Paths))},
	} {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("duckdb: %s: %w", l.name, err)
		}
	}
	return nil
}
