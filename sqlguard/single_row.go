package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// isSingleRow reports whether a SELECT surely has one row at most: because it
// reads nothing, because all that it reads are single rows, or because it is
// one aggregate without GROUP BY.
func (j *joins) isSingleRow(s *tree.Select, own *sources) bool {
	if s.Groups.All || len(s.Groups.Exprs) > 0 || len(s.Groups.Sets) > 1 {
		return false
	}
	single := !hasFullJoin(s.From)
	for _, l := range own.leaves {
		single = single && l.single
	}
	return single || j.aggregates(s, own)
}

// hasFullJoin reports whether two single rows may come out as two.
func hasFullJoin(s tree.Source) bool {
	join, ok := s.(*tree.Join)
	return ok && (join.Kind == tree.JoinFull || hasFullJoin(join.Left) || hasFullJoin(join.Right))
}

// aggregates reports whether the SELECT list holds an aggregate of this SELECT.
// One whose columns all belong to a query around it is evaluated there (SQL:2016,
// 10.9), and leaves every row of this one.
func (j *joins) aggregates(s *tree.Select, own *sources) bool {
	found := false
	v := &tree.Visitor{Query: func(*tree.Query) bool { return false }}
	v.Expr = func(e tree.Expr) {
		if call, ok := e.(*tree.Call); ok && j.function(call).Aggregate && isOwn(j, call, own) {
			found = true
		}
	}
	for _, item := range s.Items {
		v.WalkExpr(item)
	}
	return found
}

// isOwn reports whether a call surely belongs to the SELECT in which it stands:
// it has no columns, or one of this SELECT.
func isOwn(j *joins, call *tree.Call, own *sources) bool {
	columns, mine := 0, false
	v := &tree.Visitor{
		// Within a query, columns may be its own.
		Query: func(*tree.Query) bool {
			columns++
			return false
		},
		Expr: func(e tree.Expr) {
			switch e := e.(type) {
			case *tree.Column:
				columns++
				mine = mine || own.owner(j, e).isHere(j.policy.asGiven)
			case *tree.Star:
				columns++
			}
		},
	}
	v.WalkExpr(call)
	return mine || columns == 0
}
