package duckdb

import (
	"context"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/schedule"
)

// maxPlanning bounds an estimate: a planner computes what is constant, so a
// query can have much of its work done by being planned.
const maxPlanning = 2 * time.Second

// Estimate asks the planner what a query would take, in a worker and bounded
// like a query. DuckDB knows no cost, so that stays zero. A query for a plan
// takes nothing worth an estimate: it is zero.
//
// A plan that is too long or too deep to be read is refused by RuleCost.
func (e *Engine) Estimate(ctx context.Context, r engine.Request) (engine.Estimate, error) {
	q, err := newWork(r)
	if err != nil {
		return engine.Estimate{}, err
	}
	if r.Query.Explain() {
		return engine.Estimate{}, nil
	}
	var found engine.Estimate
	waited, err := e.withWorker(ctx, schedule.Request{Client: r.Client}, func(ctx context.Context, worker *process) (usable bool, err error) {
		found, usable, err = worker.estimate(ctx, q, min(r.Limits.Deadline, maxPlanning))
		return usable, err
	})
	found.Queued = waited
	return found, err
}
