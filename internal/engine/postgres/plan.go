package postgres

import (
	"encoding/json"
	"errors"
	"math"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// maxPlanDepth bounds a plan's JSON, in which a node is two levels deep. A
// hundred joins, each of sorted sources, are four hundred.
const maxPlanDepth = 1024

// planNode is what an estimate needs of a node of EXPLAIN (FORMAT JSON).
type planNode struct {
	Type  string      `json:"Node Type"`
	Rows  *float64    `json:"Plan Rows"`
	Cost  *float64    `json:"Total Cost"`
	Plans []*planNode `json:"Plans"`
}

// readPlan reads an estimate from a plan.
func readPlan(text []byte) (engine.Estimate, error) {
	if depthOf(text) > maxPlanDepth {
		return engine.Estimate{}, errors.New("it is too deep")
	}
	var plans []struct{ Plan *planNode }
	if err := json.Unmarshal(text, &plans); err != nil {
		return engine.Estimate{}, err
	}
	// One for each query that it was rewritten to: one, as long as nobody
	// makes rules for SELECT other than views.
	if len(plans) != 1 || plans[0].Plan == nil || plans[0].Plan.Cost == nil {
		return engine.Estimate{}, errors.New("it has no cost")
	}
	rows, ok := plans[0].Plan.mostRows(math.Inf(1))
	if !ok {
		return engine.Estimate{}, errors.New("a node has no rows")
	}
	return engine.Estimate{Rows: rows, Cost: *plans[0].Plan.Cost}, nil
}

// mostRows is the largest number of rows of the node and those below it. The
// plan has it for each node as if the node ran to its end. Only for a scan is
// enough counted in place of it, which is what a LIMIT above takes from it:
// the preview of a large table is cheap, whereas how many rows a join finds
// is what planners know least.
func (n *planNode) mostRows(enough float64) (most float64, ok bool) {
	if n == nil || n.Rows == nil {
		return 0, false
	}
	most = *n.Rows
	switch n.Type {
	case "Limit":
		most = min(most, enough)
		enough = most
	case "Result", "Subquery Scan", "Append", "Gather", "LockRows":
		// Rows go through as they come. As many as are enough come from all
		// that is below, but nobody knows from where: each is counted with it.
		most = min(most, enough)
	default:
		if len(n.Plans) == 0 {
			most = min(most, enough)
		}
		enough = math.Inf(1)
	}
	for _, child := range n.Plans {
		rows, ok := child.mostRows(enough)
		if !ok {
			return 0, false
		}
		most = max(most, rows)
	}
	return most, true
}

// depthOf is how deep JSON is nested, at least where it is well-formed.
func depthOf(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
