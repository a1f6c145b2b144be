package sqlguard

import "github.com/sallyport-dev/sallyport/sqlguard/internal/tree"

// checkSources lets each SELECT read one source (checklist 2.4b): every join,
// comma, LATERAL and doubled CTE is a Join in the tree. The same table in two
// CTEs or in a correlated subquery is in scopes of its own and passes. Presets
// that allow joins leave them to checkJoins.
func checkSources(c *check) error {
	if c.lateral {
		return refusef(RuleMultipleSources, "LATERAL")
	}
	if c.policy.joins {
		return nil
	}
	for _, s := range c.nodes.sources {
		if _, join := s.(*tree.Join); join {
			return refusef(RuleMultipleSources, "more than one source in a SELECT")
		}
	}
	return nil
}
