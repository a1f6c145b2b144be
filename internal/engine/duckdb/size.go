package duckdb

import (
	"context"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

const (
	// sizing bounds the planner where it is asked only who goes first.
	sizing = 100 * time.Millisecond
	// sizingWait is how long it waits for a worker to ask: a little more than
	// one takes to start.
	sizingWait = 300 * time.Millisecond
	// smallRows is how many rows a step of a small query hands on at most, as
	// the planner expects: DuckDB goes through so many in some 100 ms.
	smallRows = 5_000_000
)

// size tells whether a query that has to wait, and of which nobody knows
// anything, is small: by what the planner says. A worker for that is idle, as a
// rule: the spare one, since all others are busy.
func (e *Engine) size(ctx context.Context, q work) engine.Size {
	limited, cancel := context.WithTimeout(ctx, sizingWait)
	defer cancel()
	worker, err := e.pool.idle.take(limited)
	if err != nil {
		return engine.Unknown
	}
	worker.busy(true)
	found, usable, err := worker.estimate(ctx, q, sizing)
	e.pool.release(worker, usable, err)
	switch {
	case err != nil:
		return engine.Unknown
	case found.Rows <= smallRows:
		return engine.Small
	default:
		return engine.Large
	}
}
