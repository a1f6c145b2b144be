package sqlguard

import (
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// sources are those of one SELECT, in the order of FROM, and around it those of
// the queries that it is correlated with.
type sources struct {
	leaves []leaf
	outer  *sources
	// within is the part of FROM whose condition is read at the moment; empty
	// outside FROM.
	within span
	// aliases are those of the SELECT list, where the engine lets a condition
	// name them.
	aliases []string
	merged  bool // a USING or NATURAL makes one column of two
}

// leaf is one source.
type leaf struct {
	relation
	name  string          // by which columns name it, folded
	table *tree.Table     // nil for what is no table
	index map[string]bool // of many columns, whether they are flat
	// behind is a SEMI or ANTI join, beyond whose condition nobody sees the
	// source. Empty: none.
	behind span
}

// hides reports whether a source cannot be named where the condition stands that
// is read at the moment.
func (s *sources) hides(i int) bool {
	h := s.leaves[i].behind
	return h.end > 0 && (s.within.end == 0 || s.within.first < h.first || s.within.end > h.end)
}

func (s *sources) add(l leaf) {
	if len(l.columns) > longScan {
		l.index = make(map[string]bool, len(l.columns))
		for _, c := range l.columns {
			l.index[c.name] = l.index[c.name] || c.flat
		}
	}
	s.leaves = append(s.leaves, l)
}

// longScan is how many columns are looked through without an index.
const longScan = 32

// has reports whether the source surely has a column, and whether it is flat.
func (l *leaf) has(name string) (has, flat bool) {
	if l.index == nil {
		return l.relation.has(name)
	}
	flat, has = l.index[name]
	return has, flat
}

// isFlat reports whether a column is flat, or may be because only the engine
// knows its name: the second column id is id_1 to some.
func (l *leaf) isFlat(name string) bool {
	has, flat := l.has(name)
	return flat || !has && l.anyFlat()
}

// owners are the sources to one of which a column belongs, by their numbers in
// the SELECT.
type owners []int

// aroundIt stands among owners for the queries around a SELECT: there its
// column has one value at a time.
const aroundIt = -1

// isHere reports whether the owner is surely in this SELECT, or may be.
func (o owners) isHere(maybe bool) bool {
	return len(o) > 0 && o[0] != aroundIt && (maybe || !slices.Contains(o, aroundIt))
}

// owner finds out to which sources a column may belong. None: the engine knows
// no such column, or takes it for something else.
func (s *sources) owner(j *joins, c *tree.Column) owners {
	path := j.folded(c.Path)
	found, sure := s.qualified(j, path)
	if sure {
		return found
	}
	// t.c may also be a field of a column t.
	named := s.named(path[0])
	found = append(found, named...)
	if len(path) == 1 && len(found) > 0 {
		return found
	}
	if len(named) == 0 && slices.Contains(s.aliases, path[0]) {
		return nil // a value of the SELECT list, or a field of one
	}
	if len(found) == 0 {
		for i, l := range s.leaves {
			if l.unnamed && !s.hides(i) {
				found = append(found, i)
			}
		}
	}
	if s.outer != nil {
		outer := s.outer.owner(j, c)
		if len(outer) > 0 || len(found) > 0 && s.outer.mayHave() {
			found = append(found, aroundIt)
		}
	}
	return found
}

// valueNames are values of the session that some engines read as columns where no
// source has one of the name.
var valueNames = map[string]bool{
	"current_date": true, "current_time": true, "current_timestamp": true, "localtime": true, "localtimestamp": true, "user": true,
}

// flat reports whether a column is flat in one of the sources to which it may
// belong, here or around, or belongs to none, as CURRENT_DATE does. A field of a
// flat struct is flat.
func (s *sources) flat(j *joins, c *tree.Column) bool {
	path := j.folded(c.Path)
	if len(path) == 1 && len(s.named(path[0])) == 0 && valueNames[fold.Narrow(path[0])] {
		return true
	}
	found := s.owner(j, c)
	for _, owner := range found {
		if owner == aroundIt {
			if s.outer.flat(j, c) {
				return true
			}
			continue
		}
		l := &s.leaves[owner]
		if slices.ContainsFunc(path, func(part string) bool { _, flat := l.has(part); return flat }) || l.isFlat(path[len(path)-1]) {
			return true
		}
	}
	return len(found) == 0
}

// mayHave reports whether there may be columns of unknown names.
func (s *sources) mayHave() bool {
	for ; s != nil; s = s.outer {
		for _, l := range s.leaves {
			if l.unnamed {
				return true
			}
		}
	}
	return false
}

// qualified finds the sources that a path names before the column: t.c, s.t.c.
// It is sure of those that have the column. Another either has a column of that
// name which nobody knows of, or the engine refuses the query.
func (s *sources) qualified(j *joins, path []string) (found owners, sure bool) {
	for at := range min(len(path)-1, 3) {
		for i := range s.leaves {
			l := &s.leaves[i]
			if s.hides(i) || l.name != path[at] || at > 0 && !j.isIn(l, path[at-1]) {
				continue
			}
			has, _ := l.has(path[at+1])
			if has && !sure {
				found, sure = nil, true
			}
			// A column that does not exist PostgreSQL takes for c(t), if there is such a
			// function. Without one the query fails.
			if has == sure && (has || l.unnamed || !j.isFunction(path[at+1])) {
				found = append(found, i)
			}
		}
	}
	return found, sure
}

// isFunction reports whether the engine or the source has a function of the name.
func (j *joins) isFunction(name string) bool {
	_, judged := j.adapter.Function(fold.Narrow(name))
	return judged || j.policy.shadowed[fold.Wide(name)]
}

// isIn reports whether a source is a table of the schema, under its own name.
func (j *joins) isIn(l *leaf, schema string) bool {
	if l.table == nil || l.table.Alias != "" {
		return false
	}
	if l.table.Schema == "" {
		return schema == j.adapter.DefaultSchema()
	}
	return schema == j.adapter.Fold(l.table.Schema)
}

// named finds the sources that surely have a column.
func (s *sources) named(column string) owners {
	var found owners
	for i := range s.leaves {
		if has, _ := s.leaves[i].has(column); has && !s.hides(i) {
			found = append(found, i)
		}
	}
	return found
}
