package duckdb

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sallyport-dev/sallyport/internal/membudget"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
)

// Config opens a source. Every field is required unless it says otherwise.
type Config struct {
	// Name is the source's name, for the log.
	Name string
	// Location is a .duckdb file, a Parquet or CSV file, or a folder of them.
	Location string
	// Cache is a directory of ours for databases made from CSV files.
	Cache string
	// Command starts this program as a worker: its path and arguments. The
	// process must call RunWorker and nothing else.
	Command []string
	// Env is the environment of workers, "NAME=value". Empty is the default
	// and right: a worker needs none.
	Env []string
	// Workers is how many queries run at once.
	Workers int
	// Spares is how many workers there are beside, warm: for whoever runs
	// nothing while the others are busy, and in place of one that dies.
	Spares int
	// Memory is for DuckDB's buffers in each worker, in bytes.
	Memory int64
	// Data is what the kernel lets each worker take at most, in bytes (Linux:
	// RLIMIT_DATA): Memory, the program, and what DuckDB does not count. Zero:
	// Memory and 768 MiB.
	Data int64
	// Budget watches the memory of all workers together; nil: nobody does.
	Budget *membudget.Budget
	// Cgroups makes a control group for each worker; nil: there are none. Where a
	// process cannot be started in one, workers go without.
	Cgroups *sandbox.Cgroups
	// RequireSandbox refuses to open the source where the kernel lacks a part of
	// what should enclose its workers.
	RequireSandbox bool
	// Threads is how many threads each worker computes with.
	Threads int
	// Temp is how much each worker may spill to disk, in bytes; zero: nothing.
	Temp int64
	// Wait is how long a query waits for a worker.
	Wait time.Duration
	// Queue is how many queries may wait at once.
	Queue int
	// Logger hears of workers that die. Required.
	Logger *slog.Logger
}

func (c Config) validate() error {
	var problems []error
	for name, bad := range map[string]bool{
		"Name": c.Name == "", "Location": c.Location == "", "Cache": c.Cache == "", "Command": len(c.Command) == 0,
		"Workers": c.Workers < 1, "Memory": c.Memory < 1, "Threads": c.Threads < 1, "Temp": c.Temp < 0,
		"Spares": c.Spares < 0, "Data": c.Data != 0 && c.Data < c.Memory,
		"Wait": c.Wait <= 0, "Queue": c.Queue < 0, "Logger": c.Logger == nil,
	} {
		if bad {
			problems = append(problems, fmt.Errorf("duckdb: %s: missing or out of range", name))
		}
	}
	return errors.Join(problems...)
}
