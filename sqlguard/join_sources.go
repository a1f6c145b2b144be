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
}

// leaf is one source.
type leaf struct {
	relation
	name  string      // by which columns name it, folded
	table *tree.Table // nil for what is no table
}

func (s *sources) add(l leaf) { s.leaves = append(s.leaves, l) }

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
	found = append(found, s.named(path[0])...)
	if len(path) == 1 && len(found) > 0 {
		return found
	}
	if len(found) == 0 {
		for i, l := range s.leaves {
			if l.unnamed {
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
// belong, here or around, or belongs to none, as CURRENT_DATE does.
func (s *sources) flat(j *joins, c *tree.Column) bool {
	last := j.adapter.Fold(c.Path[len(c.Path)-1])
	if len(c.Path) == 1 && len(s.named(last)) == 0 && valueNames[fold.Narrow(last)] {
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
		if _, flat := s.leaves[owner].has(last); flat {
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
		for i, l := range s.leaves {
			if l.name != path[at] || at > 0 && !j.isIn(l, path[at-1]) {
				continue
			}
			has, _ := l.has(path[at+1])
			if has && !sure {
				found, sure = nil, true
			}
			if has == sure {
				found = append(found, i)
			}
		}
	}
	return found, sure
}

// isIn reports whether a source is a table of the schema, under its own name.
func (j *joins) isIn(l leaf, schema string) bool {
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
	for i, l := range s.leaves {
		if has, _ := l.has(column); has {
			found = append(found, i)
		}
	}
	return found
}
