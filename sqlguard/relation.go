package sqlguard

import (
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// relation is what is known of the rows that a source hands on.
type relation struct {
	// columns are in their order. One without a name has one that only the
	// engine knows.
	columns []column
	// unnamed says that there are columns whose names are not known.
	unnamed bool
	// shuffled says that columns may stand in another order, or be more or
	// fewer.
	shuffled bool
	// single says that there is one row at most.
	single bool
}

// column is a column of a source.
type column struct {
	name string // folded
	// flat says that the query makes it of next to nothing, as 1 AS k does: equal
	// values of it tie nothing.
	flat bool
	// unique says that each value comes once, as in a series.
	unique bool
}

// maxColumns bounds the columns that are known of one source: a star of stars
// multiplies them.
const maxColumns = 1_000

// plain are columns of which no query makes anything.
func plain(names []string) []column {
	list := make([]column, len(names))
	for i, name := range names {
		list[i].name = name
	}
	return list
}

// anyFlat reports whether a column is flat.
func (r relation) anyFlat() bool {
	return slices.ContainsFunc(r.columns, func(c column) bool { return c.flat })
}

// renamed gives the first columns other names.
func (r relation) renamed(list []string) relation {
	if len(list) == 0 {
		return r
	}
	columns, someFlat := plain(list), r.anyFlat()
	for i := range columns {
		columns[i].flat = r.shuffled && someFlat || i < len(r.columns) && r.columns[i].flat
		columns[i].unique = !r.shuffled && i < len(r.columns) && r.columns[i].unique
	}
	r.columns = slices.Concat(columns, r.columns[min(len(list), len(r.columns)):])
	return r
}

// has reports whether there surely is a column, and whether it is flat.
func (r relation) has(name string) (has, flat bool) {
	for _, c := range r.columns {
		if c.name == name {
			has, flat = true, flat || c.flat
		}
	}
	return has, flat
}

// with is the relation with more columns, or with unnamed ones if they are too
// many.
func (r relation) with(columns ...column) relation {
	if len(r.columns)+len(columns) > maxColumns {
		r.columns, r.unnamed, r.shuffled = []column{{flat: true}}, true, true
		return r
	}
	r.columns = append(r.columns, columns...)
	return r
}

// or is what a set operation hands on: the names of the left side, and flat what
// is on either.
func (r relation) or(right relation) relation {
	out := relation{columns: slices.Clone(r.columns), unnamed: r.unnamed, shuffled: r.shuffled || right.shuffled}
	someFlat := out.shuffled && (r.anyFlat() || right.anyFlat())
	for i := range out.columns {
		out.columns[i].unique = false
		out.columns[i].flat = someFlat || out.columns[i].flat || i < len(right.columns) && right.columns[i].flat
	}
	return out
}

// orByName is what a set operation hands on that goes by the names of both sides.
// A column that one of them lacks is NULL there.
func (r relation) orByName(right relation) relation {
	out := relation{unnamed: r.unnamed || right.unnamed, shuffled: true}
	for _, c := range slices.Concat(r.columns, right.columns) {
		left, leftFlat := r.has(c.name)
		also, rightFlat := right.has(c.name)
		out = out.with(column{name: c.name, flat: !left || !also || leftFlat || rightFlat})
	}
	return out
}

// valuesColumns are the columns of VALUES, which have no names of their own: flat
// are those with the same value in each row, unique those with another in each.
func valuesColumns(v *tree.Values) []column {
	columns := make([]column, len(v.Rows[0]))
	for i := range columns {
		seen := map[tree.Literal]bool{}
		for _, row := range v.Rows {
			if i < len(row) {
				if literal, ok := row[i].(*tree.Literal); ok && literal.Kind != tree.LiteralNull {
					seen[*literal] = true
				}
			}
		}
		columns[i].unique = len(seen) == len(v.Rows)
		columns[i].flat = !columns[i].unique && !slices.ContainsFunc(v.Rows, func(row []tree.Expr) bool {
			return i >= len(row) || !tree.EqualExpr(row[i], v.Rows[0][i])
		})
	}
	return columns
}

// table is a table as a source: what the catalog or its CTE says of it.
func (j *joins) table(t *tree.Table) leaf {
	l := leaf{name: j.adapter.Fold(t.Alias), table: t}
	if l.name == "" {
		l.name = j.adapter.Fold(t.Name)
	}
	if cte := j.relations[t]; cte != nil {
		l.relation = j.ctes[cte]
	} else if columns, known := j.policy.columns[j.fullName(t)]; known {
		l.relation = l.with(plain(columns)...)
	} else {
		l.unnamed, l.shuffled = true, true
	}
	l.relation = l.renamed(j.folded(t.Columns))
	return l
}

// tableFunction is a function in FROM: its one column has its name or its
// alias, unless that is given too.
func (j *joins) tableFunction(f *tree.TableFunction) leaf {
	l := leaf{name: j.adapter.Fold(f.Alias)}
	if l.name == "" {
		l.name = j.adapter.Fold(f.Call.Name)
	}
	made := relation{columns: []column{{name: l.name, unique: true}}, unnamed: true, shuffled: f.Ordinality}
	l.relation = made.renamed(j.folded(f.Columns))
	return l
}

// outputs is what a SELECT hands on.
func (j *joins) outputs(s *tree.Select, own *sources) relation {
	out := relation{single: j.isSingleRow(s, own)}
	for _, item := range s.Items {
		switch e := item.(type) {
		case *tree.Aliased:
			out = out.with(column{name: j.adapter.Fold(e.Alias), flat: j.isFlat(e.Expr, own)})
		case *tree.Column:
			out = out.with(column{name: j.adapter.Fold(e.Path[len(e.Path)-1]), flat: j.isFlat(e, own)})
		case *tree.Star:
			out = j.star(out, e, own)
		default:
			out.unnamed = true
			out = out.with(column{flat: j.isFlat(item, own)})
		}
	}
	return out
}

// star adds what a star stands for.
func (j *joins) star(out relation, s *tree.Star, own *sources) relation {
	// USING and NATURAL make one column of two.
	out.shuffled = out.shuffled || own.merged || len(s.Rename) > 0
	for i, l := range own.leaves {
		if relation := j.adapter.Fold(s.Relation); own.hides(i) || relation != "" && relation != l.name {
			continue
		}
		out.unnamed = out.unnamed || l.unnamed
		out.shuffled = out.shuffled || l.shuffled
		for _, c := range l.columns {
			if c.unique = false; !j.excludes(s, c.name) {
				out = out.with(j.replaced(s, c, own))
			}
		}
	}
	return out
}

func (j *joins) excludes(s *tree.Star, name string) bool {
	return slices.ContainsFunc(s.Exclude, func(excluded string) bool { return j.adapter.Fold(excluded) == name })
}

// replaced is a column as REPLACE and RENAME leave it.
func (j *joins) replaced(s *tree.Star, c column, own *sources) column {
	for _, r := range s.Replace {
		if j.adapter.Fold(r.Alias) == c.name {
			c.flat = j.isFlat(r.Expr, own)
		}
	}
	for _, r := range s.Rename {
		if j.adapter.Fold(r.From) == c.name {
			c.name = j.adapter.Fold(r.To)
			break
		}
	}
	return c
}
