package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/membudget"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
)

// Memory is how the budget of memory is divided, in bytes.
type Memory struct {
	Limit int64
	// Source says where the budget comes from if nobody configured it.
	Source string
	// Groups says whether each worker has a control group, and if not why.
	Groups string
	// Held is how many bytes of answers may be in memory at once; zero: as many
	// as the front sees fit.
	Held int64
	// Heap is what Go's runtime in this process may take before it collects
	// garbage at any price (debug.SetMemoryLimit); zero: as it likes.
	Heap int64
}

// leastMemory is the least that an engine is given in place of a default that
// does not fit.
const leastMemory = 128 << 20

const (
	// heldShare is the part of the server's memory that answers may take.
	heldShare = 3
	// leastHeld is enough for a few answers of the default size.
	leastHeld = 16 << 20
)

// openBudget divides the memory and begins to watch it. Sources that are no
// files take none.
func (s *Server) openBudget(ctx context.Context) error {
	limit, source := s.options.Config.Memory.Bytes(), ""
	if limit == 0 {
		limit, source = membudget.Default()
	}
	s.memory = Memory{Limit: limit, Source: source}
	files := s.fileSources()
	if len(files) == 0 {
		return nil
	}
	shares, err := membudget.Split(limit, demands(files))
	for err != nil && s.lower(files) {
		shares, err = membudget.Split(limit, demands(files))
	}
	if err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	for i, c := range files {
		if given := config.DefaultSource("", "").Limits.Memory; c.Limits.Memory < given && !s.options.Config.Given(memoryPath(c.Name)) {
			s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "less memory for each worker than the default: all of it does not fit",
				slog.String("source", c.Name), slog.String("memory", c.Limits.Memory.String()))
		}
		s.shares[c.Name] = shares.Data[i]
	}
	s.memory.Heap, s.memory.Held = shares.Heap, max(shares.Server/heldShare, leastHeld)
	s.budget, err = membudget.New(membudget.Config{
		Limit: limit, Server: shares.Server, Relieve: debug.FreeOSMemory, Logger: s.options.Logger, Threads: threads(files),
	})
	if err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	s.memory.Groups = "each worker in a control group of its own"
	if s.cgroups, err = sandbox.NewCgroups(); err != nil {
		s.cgroups, s.memory.Groups = nil, err.Error() // as a rule nobody has given the server one
	}
	if over := s.budget.Overshoot(); over > limit/10 {
		s.options.Logger.LogAttrs(ctx, slog.LevelWarn, "the memory budget is small for so many threads: it may be passed by more than a tenth for a moment; raise memory, or lower limits.threads or limits.workers",
			slog.String("memory", config.Size(limit).String()), slog.String("overshoot", config.Size(over>>20<<20).String()))
	}
	return nil
}

// fileSources are the sources that have workers.
func (s *Server) fileSources() []*config.Source {
	var list []*config.Source
	for i := range s.options.Config.Sources {
		if c := &s.options.Config.Sources[i]; !c.Postgres() {
			list = append(list, c)
		}
	}
	return list
}

// lower halves the engines' memory where it is only a default, and reports
// whether it could.
func (s *Server) lower(files []*config.Source) bool {
	lowered := false
	for _, c := range files {
		if !s.options.Config.Given(memoryPath(c.Name)) && c.Limits.Memory/2 >= leastMemory {
			c.Limits.Memory /= 2
			lowered = true
		}
	}
	return lowered
}

func memoryPath(source string) string { return "sources." + source + ".limits.memory" }

func demands(files []*config.Source) []membudget.Demand {
	var list []membudget.Demand
	for _, c := range files {
		list = append(list, membudget.Demand{Name: memoryPath(c.Name), Memory: c.Limits.Memory.Bytes(), Workers: c.Limits.Workers + c.Limits.Spares})
	}
	return list
}

// threads is how many may allocate at once.
func threads(files []*config.Source) int {
	n := 0
	for _, c := range files {
		n += (c.Limits.Workers + c.Limits.Spares) * c.Limits.Threads
	}
	return n
}

// Memory tells how the budget is divided.
func (s *Server) Memory() Memory { return s.memory }
