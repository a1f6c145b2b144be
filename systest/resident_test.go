//go:build linux

package systest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// resident is what a process has in memory, in bytes, apart from what it
// shares with others.
func resident(pid int) (own, shared int64) {
	text, err := os.ReadFile(proc(pid, "statm"))
	if err != nil {
		return 0, 0 // it has ended
	}
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return 0, 0
	}
	all, _ := strconv.ParseInt(fields[1], 10, 64)
	common, _ := strconv.ParseInt(fields[2], 10, 64)
	page := int64(os.Getpagesize())
	return (all - common) * page, common * page
}

// children are the processes that a process has started, read where the kernel
// lists them: a walk through /proc would take too long to be repeated every 10 ms.
func children(pid int) []int {
	lists, _ := filepath.Glob(proc(pid, "task/*/children"))
	var list []int
	for _, path := range lists {
		text, _ := os.ReadFile(path) // a thread that has ended
		for word := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(word); err == nil {
				list = append(list, child)
			}
		}
	}
	return list
}

// memoryWatch samples the resident memory of a server with its workers. What they
// share, which is the program's text, counts once.
type memoryWatch struct {
	stop chan struct{}
	done sync.WaitGroup

	peak    int64
	samples int
	longest time.Duration // between two samples
}

func (s *server) watchMemory(every time.Duration) *memoryWatch {
	g := &memoryWatch{stop: make(chan struct{})}
	g.done.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for last := time.Now(); ; {
			g.take(s.cmd.Process.Pid)
			g.longest = max(g.longest, time.Since(last))
			last = time.Now()
			select {
			case <-g.stop:
				return
			case <-ticker.C:
			}
		}
	})
	return g
}

func (g *memoryWatch) take(server int) {
	sum, common := resident(server)
	for _, pid := range children(server) {
		own, shared := resident(pid)
		sum += own
		common = max(common, shared)
	}
	g.peak = max(g.peak, sum+common)
	g.samples++
}

// within ends the sampling, and wants the peak within a budget and a tenth.
func (g *memoryWatch) within(t *testing.T, budget int64) {
	t.Helper()
	close(g.stop)
	g.done.Wait()
	t.Logf("at most %d MiB resident, %.1f%% of the budget of %d MiB, in %d samples at most %v apart",
		g.peak>>20, 100*float64(g.peak)/float64(budget), budget>>20, g.samples, g.longest)
	if g.peak > budget+budget/10 {
		t.Errorf("%d bytes resident, the budget is %d", g.peak, budget)
	}
	if g.samples < 2 || g.peak == 0 {
		t.Error("nothing was measured")
	}
}
