package sqlguard

// checkTables lets through only tables that the source has and the policy
// allows. A database before the schema is always refused: there is only one.
func checkTables(c *check) error {
	for _, t := range c.tables {
		name := c.fullName(t)
		switch {
		case t.Catalog != "":
			return refusef(RuleTable, "relation in database %q", t.Catalog)
		case !c.policy.allTables && !c.policy.allowed[name]:
			return refusef(RuleTable, "relation %q is not allowed", name)
		case c.policy.known != nil && !c.policy.known[name]:
			return refusef(RuleTable, "relation %q does not exist", name)
		}
	}
	return nil
}

// isKnown reports whether the source is known to have the table.
func (p *compiled) isKnown(name string) bool { return p.known[name] }
