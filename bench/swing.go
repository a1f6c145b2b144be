package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// swing is how far a process's resident memory moved, in bytes: from what it
// was at the start to the lowest and the highest of what was seen since.
type swing struct {
	start, low, high int64
	looks            int
}

func (s *swing) add(now int64) {
	if s.looks == 0 {
		*s = swing{start: now, low: now, high: now}
	}
	s.low, s.high = min(s.low, now), max(s.high, now)
	s.looks++
}

// flat reports whether it stayed as close to where it began as is asked for.
func (s *swing) flat() bool {
	return s.looks > 1 && s.high-s.start <= flatGoal && s.start-s.low <= flatGoal
}

// String is how far it moved down and up, in MB.
func (s *swing) String() string {
	return fmt.Sprintf("−%.1f to +%.1f", float64(s.start-s.low)/1e6, float64(s.high-s.start)/1e6)
}

// swings are those of a server and of its workers together.
type swings struct{ server, workers swing }

// lookEvery is the time between two looks at a server's memory.
const lookEvery = 20 * time.Millisecond

// watch looks at a server's memory before, all through and after f.
func (s *swings) watch(ctx context.Context, pid int, f func() error) error {
	children, err := childrenOf(pid)
	if err != nil {
		return err
	}
	if err := s.look(pid, children); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return errors.Join(err, s.look(pid, children))
		case <-ctx.Done():
			return <-ended
		case <-ticker.C:
			if err := s.look(pid, children); err != nil {
				return errors.Join(err, <-ended)
			}
		}
	}
}

func (s *swings) look(pid int, children []int) error {
	now, err := residentBytes(pid)
	if err != nil {
		return err
	}
	s.server.add(now)
	var sum int64
	for _, child := range children {
		now, err := residentBytes(child)
		if err != nil {
			return nil //nolint:nilerr // a worker was replaced: the sum would say nothing
		}
		sum += now
	}
	if len(children) > 0 {
		s.workers.add(sum)
	}
	return nil
}

// residentBytes reads /proc/PID/statm (proc(5)), which costs the process
// nothing: the exact figures of smaps_rollup hold its memory map locked.
func residentBytes(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm: %.80q", pid, text)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err == nil && pages == 0 {
		err = fmt.Errorf("process %d has ended", pid)
	}
	return pages * int64(os.Getpagesize()), err
}
