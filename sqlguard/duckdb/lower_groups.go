package duckdb

import (
	"slices"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (l *lowering) groupSets(v *fastjson.Value) [][]int {
	var sets [][]int
	for _, set := range l.array(v) {
		indexes := []int{}
		for _, i := range l.array(set) {
			indexes = append(indexes, int(l.integer(i)))
		}
		sets = append(sets, indexes)
	}
	return sets
}

// numberGroups numbers the expressions of grouping sets in the order in which
// the sets name them, as the parser will when it reads the rendering: CUBE(a), b
// has b in its first set, and a after it.
func (l *lowering) numberGroups(g *tree.Groups) {
	if len(g.Sets) < 2 {
		return
	}
	numbers := map[int]int{}
	var exprs []tree.Expr
	for _, set := range g.Sets {
		for i, old := range set {
			if _, known := numbers[old]; !known {
				if old < 0 || old >= len(g.Exprs) {
					l.unsupported(ruleSyntax, "grouping set of an expression %d", old)
					return
				}
				numbers[old] = len(exprs)
				exprs = append(exprs, g.Exprs[old])
			}
			set[i] = numbers[old]
		}
		slices.Sort(set)
	}
	g.Exprs = exprs
}
