package duckdb

import (
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb/functions"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Function judges by the reviewed list.
func (a *Adapter) Function(name string) (dialect.Function, bool) {
	v, judged := functions.Judge(name)
	if !judged {
		return dialect.Function{}, false
	}
	return dialect.Function{
		Allowed: v.Allowed, Rule: v.Rule, Aggregate: v.Aggregate, Gathering: v.Gathering,
		Growing: v.Growing, Factor: v.Factor, Multiplying: v.Multiplying, Copies: v.Copies, Pattern: v.Pattern,
	}, true
}

// LateralAliases is true: SELECT a + 1 AS b, b * 2 means the b beside it.
func (a *Adapter) LateralAliases() bool { return true }

// Type knows the types whose values are longer than what is cast to them: a
// byte is written as eight bits or as \xAB, a list with a backslash before each
// quote and backslash in it, so that nested ones double. What a column holds is
// not known, so text made of one counts for the worst.
func (a *Adapter) Type(t *tree.Type) dialect.Type {
	switch t.Name {
	case "VARCHAR", jsonType:
		return dialect.Type{Growth: 8, Text: true}
	case "BIT":
		return dialect.Type{Growth: 8}
	case "BLOB":
		return dialect.Type{Growth: 4}
	default:
		return dialect.Type{Growth: 1}
	}
}
