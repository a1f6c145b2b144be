package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// refused and accepted are the rows of a rule's table.
type (
	refused  []string
	accepted []string
)

// judgeAll checks a rule's table: what it refuses and what is near to that
// but passes.
func judgeAll(t *testing.T, g *sqlguard.Guard, rule sqlguard.Rule, no refused, yes accepted) {
	t.Helper()
	for _, sql := range no {
		if got := ruleOf(t, g, sql); got != rule {
			t.Errorf("%.200q: rule %q, want %q", sql, got, rule)
		}
	}
	for _, sql := range yes {
		if got := ruleOf(t, g, sql); got != "" {
			t.Errorf("%.200q: refused by %q", sql, got)
		}
	}
}
