package postgres

import (
	"reflect"
	"slices"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// maxSets bounds the grouping sets that are written out; the rules allow fewer.
const maxSets = 64

// grouping writes GROUP BY out as one list of sets, as PostgreSQL does: the
// members of GROUP BY multiply.
type grouping struct {
	*lowering
	names []string // of the output
	exprs []tree.Expr
}

func (l *lowering) groups(v *fastjson.Value, names []string) tree.Groups {
	g := &grouping{lowering: l, names: names}
	sets := [][]int{{}}
	for _, item := range l.array(v) {
		sets = g.product(sets, g.member(item))
	}
	return g.canonical(sets)
}

// member is the sets of one member of GROUP BY.
func (g *grouping) member(v *fastjson.Value) [][]int {
	if kind, body := g.node(v); kind == "GroupingSet" {
		return g.groupingSet(body)
	}
	return [][]int{g.elements(v)}
}

func (g *grouping) groupingSet(v *fastjson.Value) [][]int {
	var kind string
	var content []*fastjson.Value
	g.fields(v, "grouping set", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "kind":
			kind = g.text(v)
		case "content":
			content = g.array(v)
		default:
			return false
		}
		return true
	})
	if g.err != nil {
		return nil
	}
	switch kind {
	case "GROUPING_SET_EMPTY":
		return [][]int{{}}
	case "GROUPING_SET_SETS":
		var sets [][]int
		for _, item := range content {
			sets = append(sets, g.member(item)...)
			g.bounded(len(sets))
		}
		return sets
	case "GROUPING_SET_ROLLUP", "GROUPING_SET_CUBE":
		var parts [][]int
		for _, item := range content {
			parts = append(parts, g.elements(item))
		}
		if kind == "GROUPING_SET_ROLLUP" {
			return rollup(parts)
		}
		return g.cube(parts)
	default:
		g.unsupported(ruleSyntax, "grouping set %q", kind)
		return nil
	}
}

// rollup is every beginning of the list, the longest first.
func rollup(parts [][]int) [][]int {
	sets := make([][]int, 0, len(parts)+1)
	for n := len(parts); n >= 0; n-- {
		sets = append(sets, slices.Concat(parts[:n]...))
	}
	return sets
}

// cube is every subset of the list, the whole first.
func (g *grouping) cube(parts [][]int) [][]int {
	if len(parts) > 6 { // 64 sets
		g.unsupported(ruleDepth, "CUBE of %d", len(parts))
		return nil
	}
	var sets [][]int
	for mask := 1<<len(parts) - 1; mask >= 0; mask-- {
		var set []int
		for i, part := range parts {
			if mask&(1<<(len(parts)-1-i)) != 0 {
				set = append(set, part...)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// product joins each set with each other.
func (g *grouping) product(left, right [][]int) [][]int {
	if g.err != nil || !g.bounded(len(left)*len(right)) {
		return nil
	}
	sets := make([][]int, 0, len(left)*len(right))
	for _, a := range left {
		for _, b := range right {
			sets = append(sets, slices.Concat(a, b))
		}
	}
	return sets
}

func (g *grouping) bounded(sets int) bool {
	if sets > maxSets {
		g.unsupported(ruleDepth, "%d grouping sets", sets)
	}
	return sets <= maxSets
}

// elements are the expressions of one element: (a, b) is two, ROW(a, b) is one.
func (g *grouping) elements(v *fastjson.Value) []int {
	kind, body := g.node(v)
	if g.err == nil && kind == "RowExpr" && string(body.GetStringBytes("row_format")) == "COERCE_IMPLICIT_CAST" {
		row, ok := g.row(body).(*tree.Call)
		if !ok {
			return nil
		}
		list := make([]int, len(row.Args))
		for i, arg := range row.Args {
			list[i] = g.index(arg.Expr)
		}
		return list
	}
	return []int{g.index(g.target(v, g.names))}
}

// index finds an expression, or adds it.
func (g *grouping) index(e tree.Expr) int {
	i := slices.IndexFunc(g.exprs, func(known tree.Expr) bool { return reflect.DeepEqual(known, e) })
	if i < 0 {
		i = len(g.exprs)
		g.exprs = append(g.exprs, e)
	}
	return i
}

// canonical counts the expressions in the order in which the sets name them,
// each once in a set: so the written-out sets lower to themselves.
func (g *grouping) canonical(sets [][]int) tree.Groups {
	var out tree.Groups
	place := make(map[int]int, len(g.exprs))
	for _, set := range sets {
		renamed := []int{}
		for _, i := range set {
			if i >= len(g.exprs) {
				continue // never: err is set
			}
			if _, known := place[i]; !known {
				place[i] = len(out.Exprs)
				out.Exprs = append(out.Exprs, g.exprs[i])
			}
			if !slices.Contains(renamed, place[i]) {
				renamed = append(renamed, place[i])
			}
		}
		out.Sets = append(out.Sets, renamed)
	}
	return out
}
