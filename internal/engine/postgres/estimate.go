package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// explain goes before a query to have it planned and not run. Every option
// that could show or do more is off, whatever a server's defaults are.
const explain = "EXPLAIN (ANALYZE OFF, VERBOSE OFF, COSTS ON, SETTINGS OFF, SUMMARY OFF, FORMAT JSON) "

const (
	// maxPlanning bounds an estimate: a planner computes what is constant, so
	// a query can have much of its work done by being planned.
	maxPlanning = 2 * time.Second
	// maxPlanText is how many bytes of a plan are read. Views and partitions
	// make a plan far longer than its query.
	maxPlanText = 1 << 20
)

// errPlan is a plan that no estimate can be read from.
var errPlan = errors.New("postgres: the plan cannot be used")

// Estimate asks the planner what a query would take, in one round trip and a
// READ ONLY transaction, as a query is asked. The query is planned with its
// parameters, whose types are inferred as they are for Run. Asking for a plan
// takes nothing worth an estimate: it is zero.
//
// A plan that is too long or too deep to be read is refused by RuleCost.
func (e *Engine) Estimate(ctx context.Context, r engine.Request) (engine.Estimate, error) {
	if !r.Query.Valid() {
		return engine.Estimate{}, errors.New("postgres: the query was not made by a guard")
	}
	if r.Query.Explain() {
		return engine.Estimate{}, nil
	}
	return e.estimate(ctx, r.Client, r.Query.SQL(), r.Params, r.Limits)
}

func (e *Engine) estimate(ctx context.Context, client, sql string, params []any, limits engine.Limits) (engine.Estimate, error) {
	limits.Deadline = min(limits.Deadline, maxPlanning)
	q, err := newWork(explain+sql, params, 0, limits)
	if err != nil {
		return engine.Estimate{}, err
	}
	q.planning, q.formats = true, allText
	q.place.Client = client // of no size: a size may itself be asked by an estimate
	summary, err := e.run(ctx, q, nil, nil)
	if err != nil {
		return engine.Estimate{Queued: summary.Queued}, err
	}
	found, err := readPlan(q.plan)
	found.Queued = summary.Queued
	if err != nil {
		err = sqlguard.Refuse(sqlguard.RuleCost, fmt.Errorf("%w: %w", errPlan, err))
	}
	return found, err
}
