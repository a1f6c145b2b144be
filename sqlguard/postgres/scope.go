package postgres

import (
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// cteScope is the CTEs that are visible, innermost first.
type cteScope struct {
	name    string
	columns []string
	query   *tree.Query
	outer   *cteScope
}

func (s *cteScope) find(name string) *cteScope {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s
		}
	}
	return nil
}

// scope is the sources of one SELECT, and around it those of the queries it is
// correlated with.
type scope struct {
	sources []named
	outer   *scope
}

// named is a source: what it is called, and those of its columns that are
// known for sure. Of a table none is.
type named struct {
	name    string
	columns []string
}

// wholeRow reports whether a name that stands alone is, or may be, a whole
// row: PostgreSQL takes the name of a source for one when no column is called
// so, of whatever source, here or in the queries around.
func (s *scope) wholeRow(name string) bool {
	row := false
	for ; s != nil; s = s.outer {
		for _, source := range s.sources {
			if slices.Contains(source.columns, name) {
				return false
			}
			row = row || source.name == name
		}
	}
	return row
}

// has reports whether a source surely has a column.
func (s *scope) has(source, column string) bool {
	for ; s != nil; s = s.outer {
		for _, n := range s.sources {
			if n.name == source {
				return slices.Contains(n.columns, column)
			}
		}
	}
	return false
}

// outputs are the names of a query's columns as far as they are known.
func outputs(q *tree.Query) []string {
	if q == nil {
		return nil
	}
	switch b := q.Body.(type) {
	case *tree.SetOp:
		return outputs(b.Left)
	case *tree.Select:
		var list []string
		for _, item := range b.Items {
			switch e := item.(type) {
			case *tree.Aliased:
				list = append(list, e.Alias)
			case *tree.Column:
				if len(e.Path) > 0 {
					list = append(list, e.Path[len(e.Path)-1])
				}
			case *tree.Call:
				if e.Operator {
					continue
				}
				name := e.Name
				if name == countStar {
					name = "count"
				}
				list = append(list, name)
			}
		}
		return list
	default:
		return nil
	}
}
