package duckdb

import (
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb/functions"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// Function judges by the reviewed list.
func (a *Adapter) Function(name string) (dialect.Function, bool) {
	v, judged := functions.Judge(name)
	if !judged {
		return dialect.Function{}, false
	}
	return dialect.Function{
		Allowed: v.Allowed, Rule: v.Rule, Aggregate: v.Aggregate,
		Growing: v.Growing, Factor: v.Factor, Multiplying: v.Multiplying, Copies: v.Copies, Pattern: v.Pattern,
	}, true
}
