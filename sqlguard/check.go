package sqlguard

import (
	"fmt"
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// check is one statement being judged.
type check struct {
	statement *tree.Statement
	adapter   dialect.Adapter
	policy    *compiled
	lateral   bool // the text has the word
	nodes     nodes
	relations map[*tree.Table]*tree.CTE
	tables    []*tree.Table  // the relations that are no CTEs
	calls     map[Rule]error // the first call that each rule refuses
}

// treeRules are judged in this order; the first that objects ends it.
var treeRules = []func(*check) error{
	checkGenerators,
	checkFunctions,
	checkPatterns,
	checkCatalog,
	checkFileSources,
	checkTables,
	checkColumns,
	checkRows,
	checkOrderBy,
	checkSources,
	checkJoins,
	checkDepth,
	checkGrowth,
}

// newCheck makes a statement ready to be judged.
func newCheck(s *tree.Statement, a dialect.Adapter, p *compiled) *check {
	c := &check{statement: s, adapter: a, policy: p, relations: resolve(s, a.Fold), nodes: nodesOf(s)}
	c.tables, c.calls = c.baseTables(), c.judgeCalls()
	return c
}

func (g *Guard) judge(s *tree.Statement, lateral bool) (*check, error) {
	c := newCheck(s, g.adapter, g.policy)
	c.lateral = lateral
	for _, rule := range treeRules {
		if err := rule(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// walk visits the whole statement.
func (c *check) walk(v tree.Visitor) { v.Walk(c.statement) }

// nodes are those of a statement, each sort in the order of the text. They are
// found in one walk because most rules look at one sort by itself.
type nodes struct {
	queries []*tree.Query
	selects []*tree.Select
	sources []tree.Source
	exprs   []tree.Expr
}

func nodesOf(s *tree.Statement) nodes {
	var n nodes
	all := tree.Visitor{
		Query: func(q *tree.Query) bool {
			n.queries = append(n.queries, q)
			return true
		},
		Select: func(s *tree.Select) { n.selects = append(n.selects, s) },
		Source: func(s tree.Source) { n.sources = append(n.sources, s) },
		Expr:   func(e tree.Expr) { n.exprs = append(n.exprs, e) },
	}
	all.Walk(s)
	return n
}

// firstExpr finds the first expression that a rule objects to.
func (c *check) firstExpr(objects func(tree.Expr) error) error {
	for _, e := range c.nodes.exprs {
		if err := objects(e); err != nil {
			return err
		}
	}
	return nil
}

// baseTables lists the relations that are not CTEs, in the order of the text.
func (c *check) baseTables() []*tree.Table {
	var list []*tree.Table
	for _, s := range c.nodes.sources {
		if t, ok := s.(*tree.Table); ok && c.relations[t] == nil {
			list = append(list, t)
		}
	}
	return list
}

// fullName is the name under which policies and catalogs know a table: folded as
// the engine does, with its schema unless that is the default one.
func (c *check) fullName(t *tree.Table) string {
	name := c.adapter.Fold(t.Name)
	if schema := c.adapter.Fold(t.Schema); schema != "" && schema != c.adapter.DefaultSchema() {
		return schema + "." + name
	}
	return name
}

// tableNames are the names of the tables read, sorted, each once.
func (c *check) tableNames() []string {
	names := []string{}
	for _, t := range c.tables {
		names = append(names, c.fullName(t))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func refusef(rule Rule, format string, args ...any) error {
	return Refuse(rule, fmt.Errorf(format, args...))
}
