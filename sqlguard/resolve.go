package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// scope is the CTEs that a query sees, innermost first.
type scope struct {
	cte   *tree.CTE
	outer *scope
}

func (s *scope) find(name string) *tree.CTE {
	for ; s != nil; s = s.outer {
		if fold.Same(s.cte.Name, name) {
			return s.cte
		}
	}
	return nil
}

// resolve finds out which relations of a statement are CTEs: the value is the
// CTE, nil for a table of the source.
func resolve(s *tree.Statement) map[*tree.Table]*tree.CTE {
	relations := map[*tree.Table]*tree.CTE{}
	resolveQuery(s.Query, nil, relations)
	return relations
}

func resolveQuery(q *tree.Query, visible *scope, relations map[*tree.Table]*tree.CTE) {
	if q == nil {
		return
	}
	for i := range q.CTEs {
		// A CTE sees those before it and never itself: recursion is refused.
		resolveQuery(q.CTEs[i].Query, visible, relations)
		visible = &scope{cte: &q.CTEs[i], outer: visible}
	}
	inner := &tree.Visitor{
		Query: func(q *tree.Query) bool {
			resolveQuery(q, visible, relations)
			return false
		},
		Source: func(s tree.Source) {
			t, ok := s.(*tree.Table)
			if !ok {
				return
			}
			relations[t] = nil
			if t.Schema == "" && t.Catalog == "" {
				relations[t] = visible.find(t.Name)
			}
		},
	}
	inner.WalkBody(q)
}
