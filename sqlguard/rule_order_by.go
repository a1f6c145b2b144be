package sqlguard

import (
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// orderAggregates are the aggregates by which a query may be ordered.
var orderAggregates = map[string]bool{
	"count": true, "count_star": true, "sum": true, "avg": true, "mean": true,
	"min": true, "max": true, "median": true, "any_value": true,
}

// checkOrderBy lets ORDER BY, at every level and inside aggregates too, be
// columns, positions and a few aggregates of columns (checklist 2.4, layer
// 10): anything else is computed once a row, or once a pair of rows.
func checkOrderBy(c *check) error {
	var found error
	judge := func(orders []tree.Order) {
		for _, o := range orders {
			if found == nil && !plainOrder(o.Expr) {
				found = refusef(RuleOrderBy, "ORDER BY something computed")
			}
		}
	}
	c.walk(tree.Visitor{
		Query: func(q *tree.Query) bool {
			judge(q.OrderBy)
			return true
		},
		Expr: func(e tree.Expr) {
			switch e := e.(type) {
			case *tree.Call:
				judge(e.OrderBy)
			case *tree.Window:
				judge(e.Call.OrderBy)
				judge(e.Order)
			}
		},
	})
	return found
}

func plainOrder(e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Column:
		return true
	case *tree.Star:
		return e.Columns // ORDER BY ALL
	case *tree.Literal:
		return e.Kind == tree.LiteralNumber && strings.Trim(e.Text, "0123456789") == ""
	case *tree.Collate:
		return plainOrder(e.Expr)
	case *tree.Call:
		if !orderAggregates[fold.Narrow(e.Name)] || e.Filter != nil || len(e.OrderBy) > 0 {
			return false
		}
		for _, arg := range e.Args {
			if _, column := arg.Expr.(*tree.Column); !column {
				return false
			}
		}
		return true
	default:
		return false
	}
}
