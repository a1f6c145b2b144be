package guardtest

import (
	"context"
	"errors"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// NewGuard makes a guard for a policy; with no table named, all are allowed.
func NewGuard(t testing.TB, a dialect.Adapter, p sqlguard.Policy, c *sqlguard.Catalog) *sqlguard.Guard {
	t.Helper()
	if len(p.Tables) == 0 {
		p.Tables = []string{"*"}
	}
	g, err := sqlguard.New(sqlguard.Config{Adapter: a, Policy: p, Catalog: c})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// RuleOf is the rule that refuses the statement, empty if none does.
func RuleOf(t testing.TB, g *sqlguard.Guard, sql string) sqlguard.Rule {
	t.Helper()
	_, err := g.Check(context.Background(), sql)
	if err == nil {
		return ""
	}
	var refusal *sqlguard.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("Check(%.300q): %v, which is no refusal", sql, err)
	}
	return refusal.Rule
}

// presets are judged by every corpus.
var presets = map[string]sqlguard.Preset{"strict": sqlguard.Strict, "analyst": sqlguard.Analyst}
