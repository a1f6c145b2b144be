package sqlguard

import "github.com/sallyport-dev/sallyport/sqlguard/internal/tree"

// checkCatalog refuses system catalogs, the functions that read them or the
// session, and the columns that are such functions in disguise (checklist
// 2.4, layer 7).
func checkCatalog(c *check) error {
	if err := c.calls[RuleCatalog]; err != nil {
		return err
	}
	for _, t := range c.tables {
		if c.adapter.SystemTable(t.Catalog, t.Schema, t.Name) && !c.policy.isKnown(c.fullName(t)) {
			return refusef(RuleCatalog, "relation %q", t.Name)
		}
	}
	if c.statement.Kind == tree.KindShowTables && !c.policy.allTables {
		return refusef(RuleCatalog, "SHOW TABLES while only some may be seen")
	}
	if c.statement.Kind == tree.KindExplain {
		if err := c.explainable(); err != nil {
			return err
		}
	}
	return c.firstExpr(func(e tree.Expr) error {
		if column, ok := e.(*tree.Column); ok && len(column.Path) == 1 && c.adapter.HiddenColumn(column.Path[0]) {
			return refusef(RuleCatalog, "%q", column.Path[0])
		}
		return nil
	})
}

// explainable refuses EXPLAIN where the engine's plan would show what the
// policy keeps back: it names the tables, columns and filters beneath a view
// and the columns that a query does not ask for, and estimates rows.
func (c *check) explainable() error {
	if !c.policy.allTables || len(c.policy.hidden) > 0 {
		return refusef(RuleCatalog, "EXPLAIN while only some tables or columns may be seen")
	}
	for _, t := range c.tables {
		if c.policy.views[c.fullName(t)] {
			return refusef(RuleCatalog, "EXPLAIN of the view %q", t.Name)
		}
	}
	return nil
}
