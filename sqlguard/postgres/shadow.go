package postgres

import (
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// The rules measure how long values can become by the names in a query, and
// take a name for what an alias of the same SELECT says, as some engines do. To
// PostgreSQL such a name is the column of a source. Where the rules know the
// source's column too they count the longer of both; where they do not, because
// a list of aliases or PostgreSQL itself has named it, the alias would hide it.

// checkShadows refuses an alias that hides such a column.
func (l *lowering) checkShadows(s *tree.Select) {
	if !l.from.unnamed() {
		return
	}
	var hidden []string
	for _, item := range s.Items {
		if a, ok := item.(*tree.Aliased); ok && !names(a.Expr, a.Alias) {
			hidden = append(hidden, a.Alias)
		}
	}
	for _, alias := range hidden {
		used := slices.ContainsFunc(s.Items, func(e tree.Expr) bool { return names(e, alias) })
		if used || names(s.Where, alias) || names(s.Having, alias) {
			l.unsupported(ruleDepth, "alias %q, which is also the name of a column", alias)
		}
	}
}

// names reports whether an expression names a column, at any depth.
func names(e tree.Expr, column string) bool {
	found := false
	column = fold.Narrow(column)
	v := tree.Visitor{Expr: func(e tree.Expr) {
		if c, ok := e.(*tree.Column); ok {
			found = found || slices.ContainsFunc(c.Path, func(part string) bool { return fold.Narrow(part) == column })
		}
	}}
	v.WalkExpr(e)
	return found
}

// unnamed reports whether a source has columns whose names the rules do not
// know.
func (s *scope) unnamed() bool {
	for ; s != nil; s = s.outer {
		if slices.ContainsFunc(s.sources, func(n named) bool { return n.unnamed }) {
			return true
		}
	}
	return false
}

// hasUnnamed reports whether a query has a column to which the query itself
// gives no name.
func hasUnnamed(q *tree.Query) bool {
	if q == nil {
		return false
	}
	switch b := q.Body.(type) {
	case *tree.SetOp:
		return hasUnnamed(b.Left)
	case *tree.Select:
		return slices.ContainsFunc(b.Items, func(e tree.Expr) bool {
			switch e.(type) {
			case *tree.Aliased, *tree.Column, *tree.Star:
				return false
			default:
				return true
			}
		})
	default:
		return true
	}
}
