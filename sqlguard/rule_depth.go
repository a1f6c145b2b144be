package sqlguard

import "github.com/sallyport-dev/sallyport/sqlguard/internal/tree"

// maxGroupingSets bounds GROUPING SETS, ROLLUP and CUBE: each set is one more
// aggregation of all rows.
const maxGroupingSets = 16

// checkDepth bounds how many SELECTs there are, in depth and in width.
func checkDepth(c *check) error {
	d := depths{relations: c.relations, known: map[*tree.CTE]measure{}}
	if q := c.statement.Query; q != nil {
		if c.statement.Kind == tree.KindQuery {
			q = withoutCap(q, c.policy.maxRows)
		}
		switch m := d.query(q); {
		case m.deepest > c.policy.depth:
			return refusef(RuleDepth, "%d SELECTs deep", m.deepest)
		case d.widest > c.policy.width:
			return refusef(RuleDepth, "%d SELECTs wide", d.widest)
		case m.reads > c.policy.reads:
			return refusef(RuleDepth, "%d sources once CTEs are written out", m.reads)
		}
	}
	if err := c.calls[RuleDepth]; err != nil {
		return err
	}
	for _, s := range c.nodes.selects {
		if len(s.Groups.Sets) > maxGroupingSets {
			return refusef(RuleDepth, "%d grouping sets", len(s.Groups.Sets))
		}
	}
	return nil
}

type depths struct {
	relations map[*tree.Table]*tree.CTE
	known     map[*tree.CTE]measure // of each CTE, measured where it is defined
	widest    int
}

// measure is the measure of a query.
type measure struct {
	deepest int // SELECTs nested in one another
	selects int // outside CTEs
	reads   int // sources, those of a CTE once for each time that it is read
}

// query measures a query: how deep its SELECTs go, and in passing how many
// stand in it side by side.
func (d *depths) query(q *tree.Query) measure {
	m := d.below(q)
	d.widest = max(d.widest, m.selects)
	return m
}

func (d *depths) below(q *tree.Query) measure {
	d.widest = max(d.widest, len(q.CTEs))
	for i := range q.CTEs {
		d.known[&q.CTEs[i]] = d.query(q.CTEs[i].Query)
	}
	var m measure
	own := 0
	if _, both := q.Body.(*tree.SetOp); !both {
		own, m.selects = 1, 1
	}
	inner := &tree.Visitor{
		Query: func(q *tree.Query) bool {
			n := d.below(q)
			m = measure{deepest: max(m.deepest, n.deepest), selects: m.selects + n.selects, reads: clamp(m.reads + n.reads)}
			return false
		},
		Source: func(s tree.Source) {
			t, ok := s.(*tree.Table)
			if !ok {
				return
			}
			cte := d.known[d.relations[t]] // zero for a table
			m.deepest, m.reads = max(m.deepest, cte.deepest), clamp(m.reads+max(cte.reads, 1))
		},
	}
	inner.WalkBody(q)
	m.deepest += own
	return m
}
