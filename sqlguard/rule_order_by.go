package sqlguard

import (
	"slices"
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
// 10): anything else is computed once a row, or once a pair of rows. Presets with
// computedOrder let through CASE and arithmetic too, and what the SELECT list
// holds.
func checkOrderBy(c *check) error {
	var found error
	judge := func(orders []tree.Order, items []tree.Expr) {
		for _, o := range orders {
			switch {
			case found != nil, plainOrder(o.Expr):
			case c.policy.computedOrder && (c.computedOrder(o.Expr) || isItem(o.Expr, items)):
			default:
				found = refusef(RuleOrderBy, "ORDER BY something computed")
			}
		}
	}
	for _, q := range c.nodes.queries {
		var items []tree.Expr
		if s, ok := q.Body.(*tree.Select); ok {
			items = s.Items
		}
		judge(q.OrderBy, items)
	}
	for _, e := range c.nodes.exprs {
		switch e := e.(type) {
		case *tree.Call:
			judge(e.OrderBy, nil)
		case *tree.Window:
			judge(e.Call.OrderBy, nil)
			judge(e.Order, nil)
		}
	}
	return found
}

// isItem reports whether an expression stands in the SELECT list as well: naming
// it there would come to the same.
func isItem(e tree.Expr, items []tree.Expr) bool {
	if !withoutQuery(e) {
		return false
	}
	return slices.ContainsFunc(items, func(item tree.Expr) bool {
		if a, ok := item.(*tree.Aliased); ok {
			item = a.Expr
		}
		return tree.EqualExpr(item, e)
	})
}

// withoutQuery reports whether an expression holds no subquery.
func withoutQuery(e tree.Expr) bool {
	without := true
	v := &tree.Visitor{Query: func(*tree.Query) bool {
		without = false
		return false
	}}
	v.WalkExpr(e)
	return without
}

// computedOrder reports whether an expression is made of columns and constants
// by CASE, comparisons, arithmetic, casts and aggregates. A function or a
// subquery has no place in it: the SELECT list has.
func (c *check) computedOrder(e tree.Expr) bool {
	computed := true
	v := &tree.Visitor{
		Query: func(*tree.Query) bool {
			computed = false
			return false
		},
		Expr: func(e tree.Expr) {
			switch e := e.(type) {
			case *tree.Column, *tree.Literal, *tree.Param, *tree.Collate, *tree.Compare, *tree.Logic, *tree.Op, *tree.Between, *tree.Case, *tree.Cast:
			case *tree.Call:
				f := c.function(e)
				computed = computed && (e.Operator || f.Aggregate && !f.Gathering)
			default:
				computed = false
			}
		},
	}
	v.WalkExpr(e)
	return computed
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
