package sqlguard

import (
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// A short text can name an enormous value: "a||a AS b, b||b AS c, …" doubles
// with each name, because the queries around it, and with some engines the same
// SELECT list further on, may use an alias. Both what the engine must build to
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
		out = union(left, right, b.ByName)
		n.source = out
	case *tree.Values:
		for _, row := range b.Rows {
			for _, e := range row {
				out.add("", n.measure(e))
			}
		}
	case *tree.Select:
		n.from(b.From)
		out = n.selectBody(b)
	}
	for _, o := range q.OrderBy {
		n.measure(o.Expr)
	}
	if q.Distinct != nil {
		n.all(q.Distinct.On)
	}
	return out
}

// names measures the expressions of one SELECT.
type names struct {
	*growth
	outer   *names
	source  columns
	joined  bool            // there are several sources
	rows    map[string]size // of each source
	aliases map[string]size // that may be named
}

// from measures a source and adds its columns to those that may be named: also
// by the sources that follow, since some engines need no LATERAL for that.
func (n *names) from(s tree.Source) {
	switch s := s.(type) {
	case *tree.Table:
		name := s.Name
		if s.Alias != "" {
			name = s.Alias
		}
		out := ofTable
		if cte := n.relations[s]; cte != nil {
			out = n.ctes[cte]
		} else if known := n.policy.columns[n.fullName(s)]; n.joined && len(known) > 0 {
			out = ofColumns(known)
		}
		n.take(name, renamed(out, s.Columns))
	case *tree.Subquery:
		n.take(s.Alias, renamed(n.query(s.Query, n), s.Columns))
	case *tree.TableFunction:
		n.measure(s.Call)
		n.take(s.Alias, ofTable)
	case *tree.Join:
		n.joined = true
		n.from(s.Left)
		n.from(s.Right)
		if s.On != nil {
			n.measure(s.On)
		}
	}
}

// take adds a source. Its name, where a value is wanted, is its whole row.
func (n *names) take(name string, c columns) {
	// Engines give one of two columns of a name another one, such as a_1.
	c.unnamed, c.twice = c.unnamed.or(c.twice), size{}
	n.source.addAll(c)
	if n.rows == nil {
		n.rows = map[string]size{}
	}
	name = fold.Narrow(name)
	n.rows[name] = n.rows[name].or(size{nodes: c.star, copies: c.row})
}

// selectBody measures a SELECT and is what it hands on.
func (n *names) selectBody(s *tree.Select) columns {
	var out columns
	aliases := map[string]size{}
	if n.adapter.LateralAliases() {
		n.aliases = aliases
	}
	for _, item := range s.Items {
		switch e := item.(type) {
		case *tree.Star:
			n.star(e, &out)
		case *tree.Aliased:
			name, measured := fold.Narrow(e.Alias), n.measure(e.Expr)
			aliases[name] = aliases[name].or(measured)
			out.add(name, measured)
		case *tree.Column:
			out.add(fold.Narrow(e.Path[len(e.Path)-1]), n.measure(e))
		default:
			out.add("", n.measure(e))
		}
	}
	for _, e := range []tree.Expr{s.Where, s.Having, s.Qualify} {
		if e != nil {
			n.measure(e)
		}
	}
	n.aliases = aliases
	n.all(s.Groups.Exprs)
	return out
}

// star hands on the columns of all sources.
func (n *names) star(s *tree.Star, out *columns) {
	n.spend(n.source.star)
	out.addAll(n.source)
	if _, source := n.rows[fold.Narrow(s.Relation)]; s.Relation != "" && !source {
		out.know("", n.source.largest) // the fields of a column
	}
	for _, a := range s.Replace {
		out.add(fold.Narrow(a.Alias), n.measure(a.Expr))
	}
	for _, r := range s.Rename {
		out.know(fold.Narrow(r.To), n.source.largest)
	}
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

// column looks a name up here and in the SELECTs around. Which source it is of
// is not looked at: it counts for the largest that may be meant, and a column to
// which no query gave a name may have any.
func (n *names) column(path []string) size {
	s, found := stored, false
	take := func(known map[string]size, part string) bool {
		size, ok := known[part]
		if ok {
			s, found = s.or(size), true
		}
		return ok
	}
	for scope := n; scope != nil; scope = scope.outer {
		s = s.or(scope.source.unnamed)
		here := false
		for _, part := range path {
			part = fold.Narrow(part)
			here = take(scope.aliases, part) || here
			here = take(scope.source.named, part) || here
		}
		if !here {
			take(scope.rows, fold.Narrow(path[len(path)-1]))
		}
	}
	for scope := n; scope != nil && !found; scope = scope.outer {
		s = s.or(scope.source.largest)
	}
	return s.byName()
}
