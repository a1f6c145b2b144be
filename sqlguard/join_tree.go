package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// span is the sources from first to before end.
type span struct{ first, end int }

func (s span) has(source int) bool { return source >= s.first && source < s.end }

func (s span) all() owners {
	var list owners
	for i := s.first; i < s.end; i++ {
		list = append(list, i)
	}
	return list
}

// joinTree is FROM: a source, or two sides joined.
type joinTree struct {
	span
	join        *tree.Join // nil: one source
	left, right *joinTree
	on          holding
}

// joined notes a join and what its condition compares.
func (t *ties) joined(j *tree.Join, left, right *joinTree) *joinTree {
	n := &joinTree{span: span{left.first, right.end}, join: j, left: left, right: right}
	if j.On != nil {
		n.on.conditions = []tree.Expr{j.On}
	}
	for _, name := range j.Using {
		name = t.adapter.Fold(name)
		n.on.common = append(n.on.common, tie{t.having(left.span, name), t.having(right.span, name)})
	}
	t.sources.merged = t.sources.merged || j.Natural || len(j.Using) > 0
	if j.Natural {
		n.on.common = append(n.on.common, t.natural(left.span, right.span)...)
	}
	return n
}

// having are those of some sources that have a column which the engine knows
// that they have, or those that may.
func (t *ties) having(s span, column string) owners {
	var surely, maybe owners
	for i := s.first; i < s.end; i++ {
		l := &t.sources.leaves[i]
		if t.sources.hides(i) {
			continue
		}
		has, _ := l.has(column)
		switch {
		case (has || l.unnamed) && l.isFlat(column):
			return nil // the column of both may be the flat one
		case has:
			surely = append(surely, i)
		case l.unnamed:
			maybe = append(maybe, i)
		}
	}
	if len(surely) > 0 {
		return surely
	}
	return maybe
}

// natural are columns that both sides have, one for each source on the right.
// Without any, a natural join is a cross join.
func (t *ties) natural(left, right span) []tie {
	var common []tie
	known := true
	names := map[string]bool{} // on the left
	for i := left.first; i < right.end; i++ {
		l := t.sources.leaves[i]
		if t.sources.hides(i) {
			continue
		}
		known = known && !l.unnamed
		for _, c := range l.columns {
			if i < left.end && c.name != "" {
				names[c.name] = true
			}
		}
	}
	if !known && t.policy.asGiven {
		common = append(common, tie{left.all(), right.all()})
	}
	for i := right.first; i < right.end; i++ {
		if t.sources.hides(i) {
			continue
		}
		for _, c := range t.sources.leaves[i].columns {
			if !names[c.name] {
				continue
			}
			if a, b := t.having(left, c.name), t.having(right, c.name); len(a) > 0 && len(b) > 0 {
				common = append(common, tie{a, b})
				break
			}
		}
	}
	return common
}

// isInner reports whether a join is the product of its sides less what its
// condition drops, so that the engine may join them in any order.
func (n *joinTree) isInner() bool {
	switch n.join.Kind {
	case tree.JoinInner, tree.JoinCross:
		return true
	default:
		return false
	}
}

// region checks the sources that inner joins hold together, each outer join among
// them counting as one. Filters hold for all of their rows.
func (t *ties) region(n *joinTree, filters holding) {
	units, on := innerUnits(n, nil, holding{})
	filters = filters.and(on)
	g := newGroups(len(t.sources.leaves))
	for _, u := range units {
		if u.join != nil {
			t.outer(u, filters)
		}
		g.together(u.span)
	}
	t.solve(g, n.span, filters)
	var first *joinTree
	for _, u := range units {
		switch {
		case t.single(u):
		case first == nil:
			first = u
		case g.of(u.first) != g.of(first.first):
			t.untied(first, u)
		}
	}
}

// innerUnits are the sources and outer joins that inner joins put together, and
// the conditions of these.
func innerUnits(n *joinTree, units []*joinTree, on holding) ([]*joinTree, holding) {
	if n.join == nil || !n.isInner() {
		return append(units, n), on
	}
	units, on = innerUnits(n.left, units, on)
	units, on = innerUnits(n.right, units, on)
	return units, on.and(n.on)
}

// outer checks a join that keeps the rows of a side whatever its condition says.
// Each side must hold together by itself: in (a CROSS JOIN b) LEFT JOIN c ON a.x =
// c.x AND b.y = c.y every pair of a and b comes out. What the condition says of
// the side that is not kept, and what else filters the one that is, hold for it.
func (t *ties) outer(n *joinTree, filters holding) {
	kept, other := n.left, n.right
	switch n.join.Kind {
	case tree.JoinRight:
		kept, other = n.right, n.left
		fallthrough
	case tree.JoinLeft, tree.JoinSemi, tree.JoinAnti:
		t.region(kept, filters)
		t.region(other, n.on)
	default: // FULL keeps both, POSITIONAL takes both as they come
		t.region(kept, holding{})
		t.region(other, holding{})
	}
	g := newGroups(len(t.sources.leaves))
	g.together(n.left.span)
	g.together(n.right.span)
	t.solve(g, n.span, n.on)
	if g.of(n.left.first) != g.of(n.right.first) && !t.single(n.left) && !t.single(n.right) {
		t.untied(n.left, n.right)
	}
}

// single reports whether what joins of single rows hand on is one: two that a FULL
// join does not match are two.
func (t *ties) single(n *joinTree) bool {
	if n.join == nil {
		return t.sources.leaves[n.first].single
	}
	return n.join.Kind != tree.JoinFull && t.single(n.left) && t.single(n.right)
}

func (t *ties) untied(a, b *joinTree) {
	t.refuse("sources %q and %q are not tied by an equality", t.sources.leaves[a.first].name, t.sources.leaves[b.first].name)
}
