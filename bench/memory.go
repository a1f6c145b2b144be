package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// resident is the memory of a process, or of several, in KiB.
type resident struct {
	// rss counts every page in memory (VmRSS), those shared with others in
	// full; pss (Pss) counts a shared page in parts.
	rss, pss int64
}

func (r resident) plus(o resident) resident { return resident{r.rss + o.rss, r.pss + o.pss} }

func (r resident) most(o resident) resident { return resident{max(r.rss, o.rss), max(r.pss, o.pss)} }

// footprint is the memory of a server process and of its children together.
type footprint struct {
	server, children resident
	count            int // of the children
}

func (f footprint) most(o footprint) footprint {
	return footprint{f.server.most(o.server), f.children.most(o.children), max(f.count, o.count)}
}

// memoryUse is a server's memory over time.
type memoryUse struct {
	fresh, peak, after footprint
}

// footprintOf reads /proc (proc(5)). It fails where there is none.
func footprintOf(pid int) (footprint, error) {
	var f footprint
	var err error
	if f.server, err = residentOf(pid); err != nil {
		return f, err
	}
	children, err := childrenOf(pid)
	if err != nil {
		return f, err
	}
	for _, child := range children {
		r, err := residentOf(child)
		if err != nil {
			continue // it has ended since
		}
		f.children = f.children.plus(r)
		f.count++
	}
	return f, nil
}

func residentOf(pid int) (resident, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return resident{}, err
	}
	var r resident
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		value, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return r, err
		}
		switch fields[0] {
		case "Rss:":
			r.rss = value
		case "Pss:":
			r.pss = value
		}
	}
	if r.rss == 0 {
		return r, fmt.Errorf("/proc/%d/smaps_rollup says nothing about Rss", pid)
	}
	return r, lines.Err()
}

// childrenOf finds the processes whose parent is pid.
func childrenOf(pid int) ([]int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var list []int
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // a file of /proc
		if err != nil {
			continue // it has ended since
		}
		// After the name, which is in parentheses and may hold any: state, parent.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, err
		}
		list = append(list, child)
	}
	return list, nil
}

// watchMemory looks at a server's memory while f runs, every interval, and
// keeps the highest of each figure.
func watchMemory(ctx context.Context, pid int, f func() error) (footprint, error) {
	const interval = 50 * time.Millisecond
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	var peak footprint
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-ctx.Done():
			return peak, <-ended
		case <-ticker.C:
			now, err := footprintOf(pid)
			if err != nil {
				return peak, fmt.Errorf("%w (%w)", err, <-ended)
			}
			peak = peak.most(now)
		}
	}
}

// measureMemory starts a server anew, so that nothing is left in it from what
// was measured before, and puts it under all loads.
func measureMemory(ctx context.Context, start func(context.Context) (*contender, error), p plan) (use memoryUse, err error) {
	s, err := start(ctx)
	if err != nil {
		return use, err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	pid := s.cmd.Process.Pid
	if err := settle(ctx, s, p.settle); err != nil {
		return use, err
	}
	if use.fresh, err = footprintOf(pid); err != nil {
		return use, err
	}
	for _, l := range loads {
		peak, err := watchMemory(ctx, pid, func() error {
			_, err := press(ctx, s, l, p.memory, p.requests)
			return err
		})
		if err != nil {
			return use, err
		}
		use.peak = use.peak.most(peak)
	}
	use.after, err = footprintOf(pid)
	return use, err
}

// settle gives a server a while after its start, in which it starts the rest of
// its workers in the background.
func settle(ctx context.Context, s *contender, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.exited:
		return fmt.Errorf("%s has ended: %s", s.name, s.tail())
	}
}
