package duckdb

import (
	"context"
	"io"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// WorkerPID is the process that the next query of an engine with one worker
// runs in.
func (e *Engine) WorkerPID(ctx context.Context) (int, error) {
	worker, err := e.pool.idle.take(ctx)
	if err != nil {
		return 0, err
	}
	e.pool.idle.put(worker)
	return worker.cmd.Process.Pid, nil
}

// RunUnchecked runs what no guard has seen.
func (e *Engine) RunUnchecked(ctx context.Context, sql string) error {
	worker, err := e.pool.idle.take(ctx)
	if err != nil {
		return err
	}
	q := work{SQL: sql, Format: encode.JSON, Rows: 1000, Bytes: 1 << 20}
	_, usable, err := worker.query(ctx, q, 30*time.Second, io.Discard)
	e.pool.release(worker, usable, err)
	return err
}

// EstimateUnchecked plans what no guard has seen.
func (e *Engine) EstimateUnchecked(ctx context.Context, sql string, params ...int64) (float64, error) {
	worker, err := e.pool.idle.take(ctx)
	if err != nil {
		return 0, err
	}
	q := work{SQL: sql}
	for _, v := range params {
		q.Params = append(q.Params, v)
	}
	found, usable, err := worker.estimate(ctx, q, 30*time.Second)
	e.pool.release(worker, usable, err)
	return found.Rows, err
}

// Running is how many queries have a place.
func (e *Engine) Running() int { return e.pool.schedule.Stats().Running }

// Idle is how many workers wait for a query.
func (e *Engine) Idle() int {
	e.pool.idle.mu.Lock()
	defer e.pool.idle.mu.Unlock()
	return len(e.pool.idle.stack)
}
