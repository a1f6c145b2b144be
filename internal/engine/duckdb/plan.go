package duckdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

const (
	// maxPlanText is how many bytes of a plan are read. A plan repeats the
	// query's literals and parameters, which may be long.
	maxPlanText = 1 << 20
	// maxPlanDepth is how many nodes of a plan may stand in one another.
	maxPlanDepth = 500
	// maxRows keeps products finite.
	maxRows = 1e300
)

// errPlan is a plan that no estimate can be read from.
var errPlan = errors.New("the plan cannot be used")

// planNode is a node of the plan that EXPLAIN (FORMAT JSON) shows.
type planNode struct {
	Name     string     `json:"name"`
	Children []planNode `json:"children"`
	Info     struct {
		// Rows is a whole number, at most 2^64-1, where DuckDB stops counting.
		Rows     string `json:"Estimated Cardinality"`
		JoinType string `json:"Join Type"`
	} `json:"extra_info"`
}

// readPlan gives the most rows that any node of a plan hands on or compares.
func readPlan(text []byte) (float64, error) {
	if len(text) > maxPlanText {
		return 0, fmt.Errorf("%w: it has %d bytes", errPlan, len(text))
	}
	var roots []planNode
	if err := json.Unmarshal(text, &roots); err != nil {
		return 0, fmt.Errorf("%w: %w", errPlan, err)
	}
	if len(roots) != 1 {
		return 0, fmt.Errorf("%w: it has %d roots", errPlan, len(roots))
	}
	_, most, err := roots[0].weigh(1)
	return most, err
}

// weigh gives the rows that a node hands on, and the most that it or any node
// below it hands on or compares.
func (n *planNode) weigh(depth int) (rows, most float64, err error) {
	if depth > maxPlanDepth {
		return 0, 0, fmt.Errorf("%w: more than %d nodes in one another", errPlan, maxPlanDepth)
	}
	below := make([]float64, len(n.Children))
	for i := range n.Children {
		var inside float64
		if below[i], inside, err = n.Children[i].weigh(depth + 1); err != nil {
			return 0, 0, err
		}
		most = max(most, inside)
	}
	if n.Info.Rows != "" {
		counted, err := strconv.ParseUint(n.Info.Rows, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("%w: %.40q rows", errPlan, n.Info.Rows)
		}
		rows = float64(counted)
	}
	if rows == 0 {
		// Not estimated: nodes that the optimizer made late have no figure, or
		// a zero.
		rows = n.derive(below)
	}
	most = max(most, rows)
	if n.Name == "ANY_JOIN" {
		// It compares every pair, however few it hands on.
		most = max(most, product(below))
	}
	return rows, most, nil
}

// derive is what a node may hand on by what those below it do.
func (n *planNode) derive(below []float64) float64 {
	switch {
	case len(below) == 0:
		return 0
	case len(below) == 1:
		return below[0]
	case n.Name == "UNION":
		return sum(below)
	case n.Name == "CTE":
		return below[len(below)-1] // the query; before it stands what it reads
	case n.Name == "INTERSECT", n.Name == "EXCEPT", n.Name == "POSITIONAL_JOIN", n.onlyFilters():
		return largest(below)
	default:
		return product(below)
	}
}

// onlyFilters is true of joins that hand on each row of one side at most once.
func (n *planNode) onlyFilters() bool {
	switch n.Info.JoinType {
	case "SEMI", "ANTI", "MARK", "SINGLE", "RIGHT_SEMI", "RIGHT_ANTI":
		return true
	default:
		return false
	}
}

func sum(list []float64) float64 {
	total := 0.0
	for _, v := range list {
		total = min(total+v, maxRows)
	}
	return total
}

func largest(list []float64) float64 {
	found := 0.0
	for _, v := range list {
		found = max(found, v)
	}
	return found
}

// product counts what is not known as a single row.
func product(list []float64) float64 {
	total := 1.0
	for _, v := range list {
		total = min(total*max(v, 1), maxRows)
	}
	return total
}
