package postgres

import (
	"strconv"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// outputs notes the columns of a SELECT that are put together, by every name
// by which they may be read.
func (z *madeTexts) outputs(s *tree.Select) {
	for _, item := range s.Items {
		if _, star := item.(*tree.Star); !star && z.isMade(item) {
			z.note(columnNames(item)...)
		}
	}
}

func (z *madeTexts) note(names ...string) {
	for _, name := range names {
		z.made[name] = true
	}
}

// columnNames are the names that PostgreSQL may give to a column: an alias, or
// that of what decides the name within an expression.
func columnNames(e tree.Expr) []string {
	switch e := e.(type) {
	case *tree.Aliased:
		return []string{e.Alias}
	case *tree.Column:
		return []string{e.Path[len(e.Path)-1]}
	case *tree.Call:
		return []string{e.Name, "?column?"}
	case *tree.Window:
		return []string{e.Call.Name}
	case *tree.Cast:
		inner := &e.Type
		for inner.Elem != nil {
			inner = inner.Elem
		}
		return append(columnNames(e.Expr), systemType(inner))
	case *tree.Collate:
		return columnNames(e.Expr)
	case *tree.Case:
		return elseNames(e.Else)
	case *tree.Op:
		switch e.Kind {
		case tree.OpElement, tree.OpSlice:
			return columnNames(e.Args[0])
		case opSimpleCase:
			return elseNames(e.Args[len(e.Args)-1])
		}
	}
	return []string{"?column?", "coalesce", "array", "exists", "grouping"}
}

// elseNames are those of a CASE: its ELSE decides, if it has a name.
func elseNames(otherwise tree.Expr) []string {
	names := []string{"case"}
	if otherwise != nil {
		names = append(names, columnNames(otherwise)...)
	}
	return names
}

// ctes and source note what queries make that others read by name. What any
// other query makes, as the outermost, has no name there.
func (z *madeTexts) ctes(q *tree.Query) {
	for i := range q.CTEs {
		z.handsOn(q.CTEs[i].Query)
		z.renamed(q.CTEs[i].Query, q.CTEs[i].Columns)
	}
}

// handsOn notes the columns that a query puts together.
func (z *madeTexts) handsOn(q *tree.Query) {
	switch b := q.Body.(type) {
	case *tree.Select:
		z.outputs(b)
	case *tree.Values:
		if z.makes(q) {
			z.note(valuesNames(b)...)
		}
	case *tree.SetOp:
		z.handsOn(b.Left)
		// What the right side makes comes under the names of the left side.
		if z.makes(b.Right) {
			z.noteAll(b.Left)
		}
	}
}

// noteAll notes the names of all columns of a query.
func (z *madeTexts) noteAll(q *tree.Query) {
	if z.noted[q] {
		return
	}
	z.noted[q] = true
	switch b := q.Body.(type) {
	case *tree.SetOp:
		z.noteAll(b.Left)
	case *tree.Values:
		z.note(valuesNames(b)...)
	case *tree.Select:
		for _, item := range b.Items {
			if _, star := item.(*tree.Star); star {
				z.noteSource(b.From)
				continue
			}
			z.note(columnNames(item)...)
		}
	}
}

// noteSource notes the names of the columns that a star reads. Those of a table
// are not known: any may be one.
func (z *madeTexts) noteSource(s tree.Source) {
	switch s := s.(type) {
	case *tree.Table:
		z.note(s.Columns...)
		if q := z.reads[s]; q != nil {
			z.noteAll(q)
			return
		}
		z.any = true
	case *tree.Subquery:
		z.note(s.Columns...)
		z.noteAll(s.Query)
	case *tree.Join:
		z.noteSource(s.Left)
		z.noteSource(s.Right)
	default:
		z.any = true
	}
}

// valuesNames are PostgreSQL's own names for the columns of VALUES.
func valuesNames(v *tree.Values) []string {
	var names []string
	for i := range v.Rows[0] {
		names = append(names, "column"+strconv.Itoa(i+1))
	}
	return names
}

func (z *madeTexts) source(s tree.Source) {
	switch s := s.(type) {
	case *tree.Subquery:
		z.handsOn(s.Query)
		z.renamed(s.Query, s.Columns)
	case *tree.Table:
		if q := z.reads[s]; q != nil {
			z.renamed(q, s.Columns)
		}
	}
}

// renamed notes all new names of a query that makes texts.
func (z *madeTexts) renamed(q *tree.Query, names []string) {
	if len(names) > 0 && z.makes(q) {
		z.note(names...)
	}
}

// makes reports whether anything in a query is put together.
func (z *madeTexts) makes(q *tree.Query) bool {
	made := false
	v := tree.Visitor{Expr: func(e tree.Expr) { made = made || z.isMade(e) }}
	v.WalkQuery(q)
	return made
}
