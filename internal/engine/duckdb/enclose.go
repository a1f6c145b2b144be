package duckdb

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/sandbox"
)

const (
	// dataSlack is what a worker may have beside DuckDB's buffers unless it is
	// told otherwise: the Go runtime, thread stacks, the encoder, and what scalar
	// functions allocate outside the buffer manager.
	dataSlack = 768 << 20
	// addressSlack is more, because reserved memory counts that is never used.
	addressSlack = 8 << 30
	// openFiles is what a worker needs beside the files that it may read.
	openFiles = 256
	// maxProcesses bounds the threads of the account on the machine, so that a
	// worker cannot use up all there may be. The administrator's are not bounded:
	// the server counts those of each worker.
	maxProcesses = 8192
	// maxConverted is how large a database made from files may become.
	maxConverted = 1 << 40
)

// enclosure is what stays of a worker's way into its sandbox.
type enclosure struct {
	report sandbox.Report
	tried  []sandbox.Finding
	gauge  *gauge
}

// enclose gives up everything that a worker does not need, while nothing of a
// stranger's has reached it: the source is not even open.
func enclose(s setup) (enclosure, error) {
	if err := os.MkdirAll(s.Temp, 0o700); err != nil {
		return enclosure{}, err
	}
	if err := smallPages(); err != nil {
		return enclosure{}, fmt.Errorf("duckdb: huge pages cannot be switched off: %w", err)
	}
	// DuckDB would look for its memory in /proc, and end its process where it
	// may not; it believes this before (in MB, and memory_limit is what counts).
	if err := os.Setenv("SLURM_MEM_PER_NODE", strconv.FormatInt(s.Memory>>20, 10)); err != nil {
		return enclosure{}, err
	}
	// What is measured is opened now: /proc is out of reach afterwards.
	kept := enclosure{gauge: newGauge(s)}
	var err error
	if kept.report, err = sandbox.Apply(s.policy(kept.gauge)); err != nil {
		return enclosure{}, fmt.Errorf("duckdb: the worker cannot be enclosed: %w", err)
	}
	kept.tried = sandbox.SelfTest()
	return kept, proven(kept)
}

// policy says what the process may do: one that answers queries may read its
// source, one that converts files may read those and write beside the database.
//
//nolint:gosec // the configuration bounds every one of these numbers
func (s setup) policy(g *gauge) sandbox.Policy {
	p := sandbox.Policy{
		ReadWrite: []string{s.Temp}, Parent: s.Parent, Descriptors: g.descriptors(),
		Limits: sandbox.Limits{
			Data: uint64(s.Data), AddressSpace: uint64(s.Data + addressSlack), CPU: maxCPU, FileSize: uint64(s.TempSize),
			OpenFiles: openFiles + uint64(len(s.Paths)+len(s.Convert)), Processes: maxProcesses,
		},
	}
	if len(s.Convert) > 0 {
		for _, v := range s.Convert {
			if v.Path != "" {
				p.Read = append(p.Read, v.Path)
			}
		}
		p.ReadWrite = append(p.ReadWrite, filepath.Dir(s.Database))
		p.Limits.FileSize = maxConverted
		return p
	}
	p.Read = append([]string{s.Database}, s.Paths...)
	if _, err := os.Stat(s.Database + ".wal"); err == nil {
		p.Read = append(p.Read, s.Database+".wal") // of a file that was not closed
	}
	return p
}

// proven refuses a sandbox that is said to hold and does not.
func proven(kept enclosure) error {
	for _, f := range kept.tried {
		if !f.Refused && kept.report.Complete() {
			return fmt.Errorf("duckdb: the sandbox does not hold: %s ended with %q", f.Attempt, f.Error)
		}
	}
	return nil
}

// incomplete refuses workers that the kernel does not fully enclose.
func incomplete(missing []string) error {
	return errors.New("duckdb: the sandbox is required, and this system lacks a part of it: " + strings.Join(missing, "; "))
}
