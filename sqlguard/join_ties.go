package sqlguard

import (
	"maps"
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// ties find out whether the sources of one SELECT hold together.
type ties struct {
	*joins
	sources *sources
	within  span // the sources that count at the moment
	// doubt is how much an equality is given the benefit of: none, that one of
	// its sides belongs to any of its owners, or that both do.
	doubt int
	given bool // in this round
}

// tie is an equality between columns: one of each side's owners is meant.
type tie struct{ left, right owners }

// holding are conditions that all hold, and what USING and NATURAL compare.
type holding struct {
	conditions []tree.Expr
	common     []tie
}

func (h holding) and(more holding) holding {
	return holding{conditions: slices.Concat(h.conditions, more.conditions), common: slices.Concat(h.common, more.common)}
}

// solve ties what the conditions tie.
func (t *ties) solve(g *groups, within span, h holding) {
	most := 0
	if t.policy.asGiven {
		most = 2
	}
	t.within, t.sources.within = within, within
	defer func() { t.sources.within = span{} }()
	for t.doubt = 0; t.doubt <= most; {
		if t.round(g, h) {
			t.doubt = 0 // what is sure goes first
		} else {
			t.doubt++
		}
	}
}

// round ties what all conditions tie, and reports whether that was new.
func (t *ties) round(g *groups, h holding) bool {
	changed := false
	t.given = false
	for _, c := range h.common {
		changed = t.tie(g, c, nil) || changed
	}
	for _, e := range h.conditions {
		changed = t.hold(g, e) || changed
	}
	return changed
}

// hold ties what a condition ties, and reports whether that was new.
func (t *ties) hold(g *groups, e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Logic:
		if e.Op == "OR" {
			return t.eitherHolds(g, e.Args)
		}
		changed := false
		for _, arg := range e.Args {
			changed = t.hold(g, arg) || changed
		}
		return changed
	case *tree.Compare:
		return e.Op == "=" && t.equal(g, e, e.Left, e.Right)
	case *tree.Op: // a IN (b, c) is a = b OR a = c
		if e.Kind != tree.OpIn || slices.ContainsFunc(e.Args, isConstant) {
			return false
		}
		branches := make([]tree.Expr, 0, len(e.Args))
		for _, value := range e.Args[1:] {
			branches = append(branches, &tree.Compare{Op: "=", Left: e.Args[0], Right: value})
		}
		return len(branches) > 0 && t.eitherHolds(g, branches)
	default:
		return false
	}
}

// eitherHolds ties what each branch of an OR ties.
func (t *ties) eitherHolds(g *groups, branches []tree.Expr) bool {
	var all []*groups
	before, given := t.given, false
	for _, branch := range branches {
		with := g.clone()
		t.given = before
		t.hold(with, branch)
		given = given || t.given
		all = append(all, with)
	}
	t.given = given
	changed := false
	for i := range g.parent {
		for k := range i {
			together := !slices.ContainsFunc(all, func(with *groups) bool { return with.of(i) != with.of(k) })
			changed = together && g.join(i, k) || changed
		}
	}
	if changed {
		for _, with := range all {
			maps.Copy(g.used, with.used)
		}
	}
	return changed
}

// equal ties the owners of two equal values.
func (t *ties) equal(g *groups, condition, left, right tree.Expr) bool {
	if a, b, ok := rows(left, right); ok {
		changed := false
		for i := range a.Args {
			changed = t.equal(g, a.Args[i].Expr, a.Args[i].Expr, b.Args[i].Expr) || changed
		}
		return changed
	}
	if t.series(left) != nil {
		left, right = right, left
	}
	if series := t.series(right); series != nil {
		// At most one row of a series matches, whatever the other side is.
		a, ok := t.whole(g, left)
		return ok && t.tie(g, tie{a, series}, condition)
	}
	a, ok := t.key(g, left)
	if !ok {
		return false
	}
	b, ok := t.key(g, right)
	return ok && t.tie(g, tie{a, b}, condition)
}

// series is the owner of an expression that is a unique column, nil for any other.
func (t *ties) series(e tree.Expr) owners {
	c, ok := e.(*tree.Column)
	if !ok {
		return nil
	}
	owner := t.sources.owner(t.joins, c)
	if len(owner) != 1 || owner[0] == aroundIt {
		return nil
	}
	if l := t.sources.leaves[owner[0]]; len(c.Path) > 2 || len(c.Path) == 2 && t.adapter.Fold(c.Path[0]) != l.name {
		return nil // a field of a column
	}
	last := t.adapter.Fold(c.Path[len(c.Path)-1])
	for _, known := range t.sources.leaves[owner[0]].columns {
		if known.name == last {
			if !known.unique {
				return nil
			}
			return owner
		}
	}
	return nil
}

// whole is whose columns an expression consists of, if they are tied already.
func (t *ties) whole(g *groups, e tree.Expr) (owners, bool) {
	var found owners
	one := true
	v := &tree.Visitor{
		Query: func(*tree.Query) bool {
			one = false
			return false
		},
		Expr: func(e tree.Expr) {
			c, ok := e.(*tree.Column)
			if !ok {
				return
			}
			own := t.sources.owner(t.joins, c)
			a, sure := g.one(own)
			b, also := g.one(found)
			one = one && sure && (found == nil || also && a == b)
			found = own
		},
	}
	v.WalkExpr(e)
	return found, one && found != nil
}

// rows are the two sides of a comparison of rows, (a, b) = (c, d).
func rows(left, right tree.Expr) (a, b *tree.Call, ok bool) {
	a, isRow := left.(*tree.Call)
	b, isAlso := right.(*tree.Call)
	ok = isRow && isAlso && a.Name == "row" && b.Name == "row" && len(a.Args) == len(b.Args)
	return a, b, ok
}

// tie joins the groups of two owners where it is sure who they are. Where names
// are taken as given, an equality ties two groups that it may tie, once.
func (t *ties) tie(g *groups, c tie, condition tree.Expr) bool {
	c = tie{t.here(c.left), t.here(c.right)}
	a, sure := g.one(c.left)
	b, also := g.one(c.right)
	switch {
	case sure && also:
		return g.join(a, b)
	case t.doubt == 0, t.doubt == 1 && !sure && !also, t.given, condition != nil && g.used[condition]:
		return false
	}
	for _, a := range c.left {
		for _, b := range c.right {
			if g.join(a, b) {
				if condition != nil {
					g.used[condition] = true
				}
				t.given = true
				return true
			}
		}
	}
	return false
}

// here leaves the owners that count. Where they are not sure, an owner that does
// not count may be the one. A column of a single row, or of a query around, is a
// constant here: it ties nothing.
func (t *ties) here(o owners) owners {
	counts := func(owner int) bool { return t.within.has(owner) && !t.sources.leaves[owner].single }
	if !slices.ContainsFunc(o, func(owner int) bool { return !counts(owner) }) {
		return o
	}
	if !t.policy.asGiven {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o), func(owner int) bool { return !counts(owner) })
}
