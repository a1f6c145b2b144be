package sqlguard

import (
	"maps"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
)

// columns is what a query hands on.
type columns struct {
	named   map[string]size // the size of each column by its folded name
	shared  bool            // others have the map too
	unnamed size            // the largest of those to which the query gave no name
	twice   size            // the largest of those whose name another one has too
	largest size            // the largest of all
	star    int             // the nodes that a star over them all writes out to
	row     int             // the copies of all of them together
}

// ofTable are the columns of a table, however many it has.
var ofTable = columns{unnamed: stored, largest: stored, star: tableColumns, row: 1}

// ofColumns are those of a table whose columns are known.
func ofColumns(list []string) columns {
	c := columns{largest: stored, star: max(tableColumns, len(list)), row: 1}
	for _, name := range list {
		c.know(fold.Narrow(name), stored)
	}
	return c
}

func (c *columns) add(name string, s size) {
	c.star = clamp(c.star + s.byName().nodes)
	c.row = clamp(c.row + s.copies)
	c.know(name, s)
}

func (c *columns) know(name string, s size) {
	c.largest = c.largest.or(s)
	if name == "" {
		c.unnamed = c.unnamed.or(s)
		return
	}
	c.own()
	if known, twice := c.named[name]; twice {
		s = s.or(known)
		c.twice = c.twice.or(s)
	}
	c.named[name] = s
}

// own makes the map of names one that may be changed.
func (c *columns) own() {
	if c.shared {
		c.named, c.shared = maps.Clone(c.named), false
	}
	if c.named == nil {
		c.named = map[string]size{}
	}
}

// addAll takes over the columns of a source, as a star does.
func (c *columns) addAll(from columns) {
	c.star = clamp(c.star + from.star)
	c.row = clamp(c.row + from.row)
	c.largest, c.unnamed, c.twice = c.largest.or(from.largest), c.unnamed.or(from.unnamed), c.twice.or(from.twice)
	if c.named == nil {
		c.named, c.shared = from.named, true
		return
	}
	for name, s := range from.named {
		c.know(name, s)
	}
}

// renamed gives columns other names, those of the list. Which column a
// name is given to is not looked at.
func renamed(c columns, list []string) columns {
	if len(list) == 0 {
		return c
	}
	c.shared = true
	for _, name := range list {
		c.know(fold.Narrow(name), c.largest)
	}
	return c
}

// union is what a set operation hands on: the values of the right side come
// under the names of the left side, unless they are matched by name.
func union(left, right columns, byName bool) columns {
	out := left
	out.shared = true
	out.own()
	out.twice = left.twice.or(right.twice)
	if out.twice != (size{}) {
		out.twice = out.twice.or(right.largest)
	}
	out.largest, out.row = left.largest.or(right.largest), clamp(left.row+right.row)
	if byName {
		for name, s := range right.named {
			out.named[name] = out.named[name].or(s)
		}
		out.star, out.unnamed = clamp(left.star+right.star), left.unnamed.or(right.unnamed)
		return out
	}
	for name := range out.named {
		out.named[name] = out.named[name].or(right.largest)
	}
	if left.unnamed != (size{}) {
		out.unnamed = left.unnamed.or(right.largest)
	}
	out.star = max(left.star, right.star)
	return out
}
