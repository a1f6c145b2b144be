package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// scope is the CTEs that a query sees, innermost first.
type scope struct {
	name  string // folded
	cte   *tree.CTE
	outer *scope
}

func (s *scope) find(name string) *tree.CTE {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s.cte
		}
	}
	return nil
}

// resolve finds out which relations of a statement are CTEs: the value is the
// CTE, nil for a table of the source.
func resolve(s *tree.Statement, fold func(string) string) map[*tree.Table]*tree.CTE {
	r := resolver{fold: fold, relations: map[*tree.Table]*tree.CTE{}}
	r.query(s.Query, nil)
	return r.relations
}

type resolver struct {
	fold      func(string) string
	relations map[*tree.Table]*tree.CTE
}

func (r *resolver) query(q *tree.Query, visible *scope) {
	if q == nil {
		return
	}
	for i := range q.CTEs {
		// A CTE sees those before it and never itself: recursion is refused.
		r.query(q.CTEs[i].Query, visible)
		visible = &scope{name: r.fold(q.CTEs[i].Name), cte: &q.CTEs[i], outer: visible}
	}
	inner := &tree.Visitor{
		Query: func(q *tree.Query) bool {
			r.query(q, visible)
			return false
		},
		Source: func(s tree.Source) {
			t, ok := s.(*tree.Table)
			if !ok {
				return
			}
			r.relations[t] = nil
			if t.Schema == "" && t.Catalog == "" {
				r.relations[t] = visible.find(r.fold(t.Name))
			}
		},
	}
	inner.WalkBody(q)
}
