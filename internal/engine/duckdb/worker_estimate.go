package duckdb

import (
	"errors"
	"fmt"
)

// explain goes before a query to have it planned and not run.
const explain = "EXPLAIN (FORMAT JSON) "

// answerEstimate plans one query and sends what the planner expects. An error
// means that the channel is broken, not the query.
func (w *worker) answerEstimate(q work) error {
	w.out.begin(0)
	rows, err := w.estimate(q)
	w.end()
	if err != nil {
		return w.answerFailure(err)
	}
	w.out.buffer = w.out.buffer[:0]
	return w.out.last(frameFigures, figures{Rows: rows, state: w.state()})
}

func (w *worker) estimate(q work) (float64, error) {
	stmt, err := w.db.planner.Prepare(explain + q.SQL)
	if err != nil {
		return 0, err
	}
	defer stmt.Close()
	if !stmt.ReadsOnly() {
		return 0, errors.New("the engine calls this statement something else than an EXPLAIN")
	}
	if err := bind(stmt, q.Params); err != nil {
		return 0, err
	}
	result, err := stmt.Run()
	if err != nil {
		return 0, err
	}
	defer result.Close()
	if n := result.NumColumns(); n != 2 {
		return 0, fmt.Errorf("%w: %d columns", errPlan, n)
	}
	chunk, err := result.Next()
	if err != nil {
		return 0, err
	}
	if chunk == nil {
		return 0, fmt.Errorf("%w: none", errPlan)
	}
	defer chunk.Close()
	if n := chunk.Rows(); n != 1 {
		return 0, fmt.Errorf("%w: %d of them", errPlan, n)
	}
	if which := chunk.Vector(0).Texts(1)[0].Bytes(); string(which) != "logical_opt" {
		return 0, fmt.Errorf("%w: it is the %.20q", errPlan, which)
	}
	return readPlan(chunk.Vector(1).Texts(1)[0].Bytes())
}
