package sqlguard

// checkFileSources refuses functions that read files or addresses, and names
// of tables that the engine would take for one (checklist 2.4, layer 7).
func checkFileSources(c *check) error {
	if err := c.calls[RuleFileSource]; err != nil {
		return err
	}
	for _, t := range c.tables {
		if c.adapter.FileTable(t.Catalog, t.Schema, t.Name) && !c.policy.isKnown(c.fullName(t)) {
			return refusef(RuleFileSource, "relation %q", t.Name)
		}
	}
	return nil
}
