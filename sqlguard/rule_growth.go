package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// A short text can name an enormous value: "a||a AS b, b||b AS c, …" doubles
// with each name, because an alias may be used further on in the same SELECT
// list and in the queries around it. Both what the engine must build to
// understand such names and what they hold are bounded here.
const (
	// maxExpanded bounds the nodes of all expressions of a statement once the
	// names in them are written out, as the engine's binder does with aliases
	// and its optimizer with the columns of subqueries.
	maxExpanded = 20_000
	// maxCopies bounds how many times longer than what is stored a value can
	// be made by joining and replacing text.
	maxCopies = 1_000
	// tableColumns stands for the columns of a table, of which nothing is known.
	tableColumns = 64
	// unknownFactor stands for the growth by an argument that is not a
	// literal.
	unknownFactor = 64
)

// size is how large an expression is once its names are written out.
type size struct{ nodes, copies int }

func (s size) plus(t size) size {
	return size{nodes: clamp(s.nodes + t.nodes), copies: clamp(s.copies + t.copies)}
}

func (s size) or(t size) size {
	return size{nodes: max(s.nodes, t.nodes), copies: max(s.copies, t.copies)}
}

// clamp keeps sums of sums and products from overflowing.
func clamp(n int) int { return min(n, 1<<31-1) }

// stored is the size of a column of a table.
var stored = size{nodes: 1, copies: 1}

// byName is what naming something of this size costs. Names of names cost more
// than what they write out to: DuckDB 1.5 took 0.5 s to plan AND doubled 7
// times, 2 s for 8 and 46 s for 10.
func (s size) byName() size {
	if s.nodes > 1 {
		s.nodes = clamp(2 * s.nodes)
	}
	return s
}

// columns is what a query hands on: the size of each column by its folded
// name, the largest for those whose names are not known, and the nodes that a
// star over them all writes out to.
type columns struct {
	named   map[string]size
	largest size
	star    int
}

// ofTable are the columns of a table, however many it has.
var ofTable = columns{largest: stored, star: tableColumns}

func (c *columns) add(name string, s size) {
	c.star = clamp(c.star + s.byName().nodes)
	c.know(name, s)
}

func (c *columns) know(name string, s size) {
	c.largest = c.largest.or(s)
	if name == "" {
		return
	}
	if c.named == nil {
		c.named = map[string]size{}
	}
	c.named[name] = c.named[name].or(s)
}

// addAll takes over the columns of a source, as a star does.
func (c *columns) addAll(from columns) {
	c.star = clamp(c.star + from.star)
	c.largest = c.largest.or(from.largest)
	for name, s := range from.named {
		c.know(name, s)
	}
}

// checkGrowth measures every SELECT of the statement.
func checkGrowth(c *check) error {
	if c.statement.Query == nil {
		return nil
	}
	g := growth{check: c, ctes: map[*tree.CTE]columns{}}
	g.query(c.statement.Query, nil)
	if g.err == nil && !c.policy.view { // what a stored view replaces is its maker's choice
		return g.unfixed
	}
	return g.err
}

type growth struct {
	*check
	ctes  map[*tree.CTE]columns
	total int // nodes measured so far
	err   error
	// unfixed objects to a multiplying function.
	unfixed error
}

// query measures a query; outer is the SELECT whose columns it may name too.
func (g *growth) query(q *tree.Query, outer *names) columns {
	for i := range q.CTEs {
		g.ctes[&q.CTEs[i]] = renamed(g.query(q.CTEs[i].Query, outer), q.CTEs[i].Columns)
	}
	out := columns{largest: stored}
	n := &names{growth: g, outer: outer, source: columns{largest: stored}}
	switch b := q.Body.(type) {
	case *tree.SetOp:
		left, right := g.query(b.Left, outer), g.query(b.Right, outer)
		out.addAll(left)
		out.addAll(right)
		if !b.ByName {
			// The right side's values come under the names of the left side.
			for name := range out.named {
				out.named[name] = out.named[name].or(right.largest)
			}
			out.star = max(left.star, right.star)
		}
		n.source = out
	case *tree.Values:
		for _, row := range b.Rows {
			for _, e := range row {
				out.add("", n.measure(e))
			}
		}
	case *tree.Select:
		n.source = g.source(b.From, n)
		out = n.selectList(b)
	}
	for _, o := range q.OrderBy {
		n.measure(o.Expr)
	}
	if q.Distinct != nil {
		n.all(q.Distinct.On)
	}
	return out
}

// renamed forgets the names of columns that are given others.
func renamed(c columns, list []string) columns {
	if len(list) == 0 {
		return c
	}
	return columns{largest: c.largest, star: c.star}
}

// source measures what FROM hands on.
func (g *growth) source(s tree.Source, outer *names) columns {
	switch s := s.(type) {
	case *tree.Table:
		if cte := g.relations[s]; cte != nil {
			return renamed(g.ctes[cte], s.Columns)
		}
		return ofTable
	case *tree.Subquery:
		return renamed(g.query(s.Query, outer), s.Columns)
	case *tree.TableFunction:
		outer.measure(s.Call)
		return ofTable
	case *tree.Join:
		both := g.source(s.Left, outer)
		both.addAll(g.source(s.Right, outer))
		if s.On != nil {
			outer.measure(s.On)
		}
		return both
	}
	return columns{largest: stored}
}

// names measures the expressions of one SELECT.
type names struct {
	*growth
	outer   *names
	source  columns
	aliases map[string]size
}

func (n *names) selectList(s *tree.Select) columns {
	var out columns
	for _, item := range s.Items {
		name := ""
		switch e := item.(type) {
		case *tree.Aliased:
			item, name = e.Expr, fold.Narrow(e.Alias)
		case *tree.Column:
			name = fold.Narrow(e.Path[len(e.Path)-1])
		case *tree.Star:
			n.spend(n.source.star)
			out.addAll(n.source)
			for _, a := range e.Replace {
				out.add(fold.Narrow(a.Alias), n.measure(a.Expr))
			}
			continue
		}
		measured := n.measure(item)
		if _, aliased := item.(*tree.Column); name != "" && !aliased {
			if n.aliases == nil {
				n.aliases = map[string]size{}
			}
			n.aliases[name] = n.aliases[name].or(measured)
		}
		out.add(name, measured)
	}
	for _, e := range []tree.Expr{s.Where, s.Having, s.Qualify} {
		if e != nil {
			n.measure(e)
		}
	}
	n.all(s.Groups.Exprs)
	return out
}

func (n *names) all(list []tree.Expr) {
	for _, e := range list {
		n.measure(e)
	}
}

// measure measures one expression and objects when it is too large.
func (n *names) measure(e tree.Expr) size {
	s := n.size(e)
	n.spend(s.nodes)
	return s
}

// spend adds nodes to those of the statement.
func (g *growth) spend(nodes int) {
	g.total = clamp(g.total + nodes)
	if g.err == nil && g.total > maxExpanded {
		g.err = refusef(RuleDepth, "%d nodes once names are written out", g.total)
	}
}

// column looks a name up here and in the SELECTs around.
func (n *names) column(path []string) size {
	s, found := size{}, false
	for scope := n; scope != nil; scope = scope.outer {
		for _, part := range path {
			part = fold.Narrow(part)
			if known, ok := scope.aliases[part]; ok {
				s, found = s.or(known), true
			}
			if known, ok := scope.source.named[part]; ok {
				s, found = s.or(known), true
			}
		}
	}
	for scope := n; scope != nil && !found; scope = scope.outer {
		s = s.or(scope.source.largest)
	}
	return s.byName().or(stored)
}
