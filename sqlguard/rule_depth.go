package sqlguard

import "github.com/sallyport-dev/sallyport/sqlguard/internal/tree"

// Bounds of the strict preset (checklist 2.4, layer 11).
const (
	// maxSelectDepth counts SELECTs nested in one another; a CTE counts where
	// it is read, so that a chain of them is as deep as the same query
	// written without them.
	maxSelectDepth = 3
	// maxSelectWidth counts the SELECTs of the statement outside its CTEs,
	// those of each CTE, and the CTEs.
	maxSelectWidth = 3
	// maxGroupingSets bounds GROUPING SETS, ROLLUP and CUBE: each set is one
	// more aggregation of all rows.
	maxGroupingSets = 16
)

// checkDepth bounds how many SELECTs there are, in depth and in width.
func checkDepth(c *check) error {
	d := depths{relations: c.relations, known: map[*tree.CTE]int{}}
	if q := c.statement.Query; q != nil {
		if c.statement.Kind == tree.KindQuery {
			q = withoutCap(q, c.policy.maxRows)
		}
		if deepest := d.query(q); deepest > maxSelectDepth {
			return refusef(RuleDepth, "%d SELECTs deep", deepest)
		}
		if d.widest > maxSelectWidth {
			return refusef(RuleDepth, "%d SELECTs wide", d.widest)
		}
	}
	var found error
	c.walk(tree.Visitor{Select: func(s *tree.Select) {
		if len(s.Groups.Sets) > maxGroupingSets && found == nil {
			found = refusef(RuleDepth, "%d grouping sets", len(s.Groups.Sets))
		}
	}})
	return found
}

type depths struct {
	relations map[*tree.Table]*tree.CTE
	known     map[*tree.CTE]int // depth of each CTE, measured where it is defined
	widest    int
}

// query measures a query: how deep its SELECTs go, and in passing how many
// stand in it side by side.
func (d *depths) query(q *tree.Query) int {
	deepest, wide := d.below(q)
	d.widest = max(d.widest, wide)
	return deepest
}

// below is the depth of a query and the number of SELECTs in it outside CTEs.
func (d *depths) below(q *tree.Query) (deepest, selects int) {
	d.widest = max(d.widest, len(q.CTEs))
	for i := range q.CTEs {
		d.known[&q.CTEs[i]] = d.query(q.CTEs[i].Query)
	}
	own := 0
	if _, both := q.Body.(*tree.SetOp); !both {
		own, selects = 1, 1
	}
	inner := &tree.Visitor{
		Query: func(q *tree.Query) bool {
			depth, count := d.below(q)
			deepest, selects = max(deepest, depth), selects+count
			return false
		},
		Source: func(s tree.Source) {
			if t, ok := s.(*tree.Table); ok {
				if cte := d.relations[t]; cte != nil {
					deepest = max(deepest, d.known[cte])
				}
			}
		},
	}
	inner.WalkBody(q)
	return deepest + own, selects
}
