package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// checkJoins lets a SELECT read several sources where equalities between their
// columns tie all of them together (checklist 2.4b, preset analyst). Sources of
// one row at most may stand untied: they multiply nothing. An equality bounds
// no answer by itself, since columns may hold few values: that is for the
// ceiling on the planner's estimate.
func checkJoins(c *check) error {
	if c.statement.Query == nil || !c.policy.joins {
		return nil
	}
	j := joins{check: c, ctes: map[*tree.CTE]relation{}}
	j.query(c.statement.Query, nil)
	return j.err
}

// joins walks the queries of a statement, and learns of each what it hands on.
type joins struct {
	*check
	ctes map[*tree.CTE]relation
	err  error
}

// query judges a query; outer is the SELECT whose columns it may name too.
func (j *joins) query(q *tree.Query, outer *sources) relation {
	for i := range q.CTEs {
		c := &q.CTEs[i]
		j.ctes[c] = j.query(c.Query, outer).renamed(j.folded(c.Columns))
	}
	var out relation
	around := outer // whose columns ORDER BY and LIMIT may name
	switch b := q.Body.(type) {
	case *tree.SetOp:
		left, right := j.query(b.Left, outer), j.query(b.Right, outer)
		if out = left.or(right); b.ByName {
			out = left.orByName(right)
		}
	case *tree.Values:
		out = relation{columns: valuesColumns(b), unnamed: true, single: len(b.Rows) == 1}
		for _, row := range b.Rows {
			j.exprs(row, outer)
		}
	case *tree.Select:
		around = &sources{outer: outer}
		out = j.selected(b, around)
	}
	for _, o := range q.OrderBy {
		j.expr(o.Expr, around)
	}
	if q.Distinct != nil {
		j.exprs(q.Distinct.On, around)
	}
	if rows, ok := wholeNumber(q.Limit); ok && rows <= 1 && !q.LimitPercent {
		out.single = true
	}
	return out
}

// selected judges one SELECT, whose sources it adds to own.
func (j *joins) selected(s *tree.Select, own *sources) relation {
	t := &ties{joins: j, sources: own}
	if sourcesOf(s.From) > maxSources {
		if j.err == nil {
			j.err = refusef(RuleDepth, "%d sources in a SELECT", sourcesOf(s.From))
		}
		return relation{unnamed: true}
	}
	if root := j.from(s.From, own, t); root != nil && root.join != nil {
		var where holding
		if j.adapter.LateralAliases() {
			own.aliases = j.aliases(s.Items)
		}
		if s.Where != nil {
			where.conditions = []tree.Expr{s.Where}
		}
		t.region(root, where)
		own.aliases = nil
	}
	j.exprs(s.Items, own)
	j.exprs(s.Groups.Exprs, own)
	for _, e := range []tree.Expr{s.Where, s.Having, s.Qualify} {
		j.expr(e, own)
	}
	return j.outputs(s, own)
}

// maxSources bounds the sources of one SELECT: planners take seconds to find an
// order for 40.
const maxSources = 32

func sourcesOf(s tree.Source) int {
	join, ok := s.(*tree.Join)
	if !ok {
		return 1
	}
	return sourcesOf(join.Left) + sourcesOf(join.Right)
}

// from notes the sources of FROM, and what ties them.
func (j *joins) from(s tree.Source, own *sources, t *ties) *joinTree {
	first := len(own.leaves)
	switch s := s.(type) {
	case *tree.Table:
		own.add(j.table(s))
	case *tree.Subquery:
		// Some engines let it name the sources before it, without a word for it.
		own.add(leaf{name: j.adapter.Fold(s.Alias), relation: j.query(s.Query, own).renamed(j.folded(s.Columns))})
	case *tree.TableFunction:
		own.add(j.tableFunction(s))
		j.expr(s.Call, own)
	case *tree.Join:
		left, right := j.from(s.Left, own, t), j.from(s.Right, own, t)
		n := t.joined(s, left, right)
		j.expr(s.On, own)
		if s.Kind == tree.JoinSemi || s.Kind == tree.JoinAnti {
			for i := right.first; i < right.end; i++ {
				if own.leaves[i].behind.end == 0 {
					own.leaves[i].behind = n.span
				}
			}
		}
		return n
	default:
		return nil // no FROM
	}
	return &joinTree{span: span{first, len(own.leaves)}}
}

// exprs judges the queries within expressions.
func (j *joins) exprs(list []tree.Expr, own *sources) {
	for _, e := range list {
		j.expr(e, own)
	}
}

func (j *joins) expr(e tree.Expr, own *sources) {
	inner := &tree.Visitor{Query: func(q *tree.Query) bool {
		j.query(q, own)
		return false
	}}
	inner.WalkExpr(e)
}

// aliases are the names that a SELECT list gives.
func (j *joins) aliases(items []tree.Expr) []string {
	var list []string
	for _, item := range items {
		if a, ok := item.(*tree.Aliased); ok {
			list = append(list, j.adapter.Fold(a.Alias))
		}
	}
	return list
}

func (j *joins) folded(names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = j.adapter.Fold(name)
	}
	return list
}

func (j *joins) refuse(format string, args ...any) {
	if j.err == nil {
		j.err = refusef(RuleUnkeyedJoin, format, args...)
	}
}
