package membudget

import (
	"errors"
	"fmt"
	"strings"
)

const (
	// atRest is what a worker takes beside the shared text before its first
	// query: 35 MiB were measured.
	atRest = 48 << 20
	// leastServer is what the server must have, most its share of a large budget.
	leastServer = 192 << 20
	mostServer  = 2 << 30
	// outside is what the server takes that the Go runtime does not count: the
	// program's text and what the SQL parsers, in C, allocate.
	outside = 96 << 20
	// leastSlack is what a worker needs beside DuckDB's memory_limit to work at
	// all: RLIMIT_DATA counts what the Go runtime and threads reserve, too.
	leastSlack = 192 << 20
	// leastMemory is the least that a memory_limit is worth lowering to.
	leastMemory = 128 << 20
	// mostSlack is more than any honest query takes outside of memory_limit.
	mostSlack = 768 << 20
)

// A Demand is what the workers of one source ask for.
type Demand struct {
	Name    string // the setting that Memory comes from, for errors
	Memory  int64  // DuckDB's memory_limit in each worker, in bytes
	Workers int    // with spares
}

// Shares is how a budget is divided, in bytes.
type Shares struct {
	// Server is the server's share, for Config.Server.
	Server int64
	// Heap is the part of it that the Go runtime may take before it collects
	// garbage at any price: debug.SetMemoryLimit.
	Heap int64
	// Data is RLIMIT_DATA for the workers of each demand, in their order.
	Data []int64
	// Promised is what server and workers may take together if every one goes to
	// its limit. Up to the budget nobody is ever ended for memory; beyond it the
	// budget ends workers when they take it all at once.
	Promised int64
}

// Split divides a budget. Workers may be promised more than there is, since they
// seldom take it together and a [Budget] holds the sum; what is refused is a
// budget that cannot work at all: one in which a query may not even take its
// memory_limit while every other worker is at rest.
//
// A worker alone, with the others at rest, stays within the budget by its
// RLIMIT_DATA where that leaves it 192 MiB beside memory_limit; it has no more
// than 768 MiB beside it however large the budget is.
func Split(limit int64, demands []Demand) (Shares, error) {
	rest, largest, err := needs(limit, demands)
	if err != nil {
		return Shares{}, err
	}
	// Of a small budget the server's quarter gives way to the largest query.
	s := Shares{Server: min(max(limit/4, leastServer), mostServer)}
	s.Server = max(min(s.Server, limit-rest-largest), leastServer)
	s.Heap = s.Server - outside
	s.Promised = s.Server
	for _, d := range demands {
		alone := limit - s.Server - rest + atRest // its own rest is part of what it takes
		data := min(max(alone, d.Memory+leastSlack), d.Memory+mostSlack)
		s.Data = append(s.Data, data)
		s.Promised += data * int64(d.Workers)
	}
	return s, nil
}

// needs is what all workers take at rest and what the largest query takes beside
// that, or an error that names what does not fit.
func needs(limit int64, demands []Demand) (rest, largest int64, err error) {
	var wrong []error
	most := Demand{}
	workers := 0
	for _, d := range demands {
		switch {
		case d.Workers < 1:
			wrong = append(wrong, fmt.Errorf("membudget: %s: %d workers", d.Name, d.Workers))
		case d.Memory < 1 || d.Memory > 1<<46 || d.Workers > 1<<10:
			wrong = append(wrong, fmt.Errorf("membudget: %s: %d workers with %d bytes each", d.Name, d.Workers, d.Memory))
		}
		workers += d.Workers
		if d.Memory > most.Memory {
			most = d
		}
	}
	if len(wrong) > 0 {
		return 0, 0, errors.Join(wrong...)
	}
	rest = int64(workers) * atRest
	if need := leastServer + rest + most.Memory; need > limit {
		return 0, 0, misfit(limit, need, rest, workers, most, demands)
	}
	return rest, most.Memory, nil
}

// misfit says what does not fit, and every way out.
func misfit(limit, need, rest int64, workers int, most Demand, demands []Demand) error {
	var all []string
	for _, d := range demands {
		all = append(all, fmt.Sprintf("%s %s × %s", d.Name, size(d.Memory), count(d.Workers)))
	}
	all = append(all, "server "+size(leastServer))
	if len(demands) == 0 {
		return fmt.Errorf("%s does not fit in memory budget %s: raise the budget", all[0], size(limit))
	}
	lower := "lower the number of workers"
	if room := limit - leastServer - rest; room >= leastMemory {
		lower = fmt.Sprintf("lower %s to %s or less", most.Name, floor(room))
	}
	return fmt.Errorf("%s does not fit in memory budget %s: "+
		"the server, one query at its limit (%s) and %s at rest (%s) need %s; %s, or raise the budget to %s or more",
		strings.Join(all, " + "), size(limit),
		size(most.Memory), count(workers), size(rest), ceil(need), lower, ceil(need))
}

// count writes a number of workers.
func count(workers int) string {
	if workers == 1 {
		return "1 worker"
	}
	return fmt.Sprintf("%d workers", workers)
}
