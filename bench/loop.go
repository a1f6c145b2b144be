package main

import (
	"context"
	"runtime"
	"time"
)

// cost is what one call of a function takes.
type cost struct {
	name   string
	detail string
	micros spread
	// allocs and bytes are means over all calls.
	allocs, bytes float64
}

// measureLoop calls f in a row, in several rounds of a bounded time.
func measureLoop(ctx context.Context, p plan, f func() error) (cost, error) {
	if err := f(); err != nil { // also fills what fills once
		return cost{}, err
	}
	var c cost
	var rounds []float64
	var calls uint64
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range p.loops {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		n, took, err := loopFor(p.loop, f)
		if err != nil {
			return c, err
		}
		calls += n
		rounds = append(rounds, float64(took.Nanoseconds())/float64(n)/1e3)
	}
	runtime.ReadMemStats(&after)
	c.micros = spreadOf(rounds)
	c.allocs = float64(after.Mallocs-before.Mallocs) / float64(calls)
	c.bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(calls)
	return c, nil
}

// loopFor looks at the clock every few calls only: that takes as long as the
// shortest of the functions measured.
func loopFor(limit time.Duration, f func() error) (n uint64, took time.Duration, err error) {
	start := time.Now()
	for batch := uint64(1); took < limit; batch = min(2*batch, 256) {
		for range batch {
			if err := f(); err != nil {
				return n, took, err
			}
		}
		n += batch
		took = time.Since(start)
	}
	return n, took, nil
}

// heapBytes is the memory that the heap has from the operating system, once
// what nobody uses is returned.
func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse) //nolint:gosec // far below 2^63
}
