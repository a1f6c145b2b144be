package sqlguard

import (
	"maps"
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// groups are the sources that are tied to one another.
type groups struct {
	parent []int
	// used are the conditions that have been given the benefit of the doubt.
	used map[tree.Expr]bool
}

func newGroups(n int) *groups {
	g := &groups{parent: make([]int, n), used: map[tree.Expr]bool{}}
	for i := range g.parent {
		g.parent[i] = i
	}
	return g
}

// together makes one group of a span.
func (g *groups) together(s span) {
	for i := s.first + 1; i < s.end; i++ {
		g.join(s.first, i)
	}
}

func (g *groups) clone() *groups {
	return &groups{parent: slices.Clone(g.parent), used: maps.Clone(g.used)}
}

// of is the group of a source.
func (g *groups) of(source int) int {
	for g.parent[source] != source {
		source = g.parent[source]
	}
	return source
}

// one is the group to which all owners belong, if it is one and of this SELECT.
func (g *groups) one(o owners) (group int, sure bool) {
	if len(o) == 0 || slices.Contains(o, aroundIt) {
		return 0, false
	}
	group = g.of(o[0])
	for _, owner := range o[1:] {
		if g.of(owner) != group {
			return 0, false
		}
	}
	return group, true
}

// join makes one group of two, and reports whether they were two.
func (g *groups) join(a, b int) bool {
	a, b = g.of(a), g.of(b)
	g.parent[a] = b
	return a != b
}
