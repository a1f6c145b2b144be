package postgres_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// A document of few characters can hold numbers of very many digits.
func TestNumbersWithinDocuments(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Tables: []string{"*"}}, nil)
	for _, sql := range []string{
		"SELECT length('[1e131000]'::jsonb::text)", `SELECT '{"a": 1.5E+65000 }'::jsonb`, "SELECT j || '[1,2e9999,3]' FROM docs", "SELECT ('[1e' || '65000]')::jsonb", "SELECT x::jsonb FROM (SELECT '[1e65000]' AS x) t",
	} {
		if got := ruleOf(t, g, sql); got != sqlguard.RuleFunction {
			t.Errorf("%s: %q", sql, got)
		}
	}
	for _, sql := range []string{`SELECT '{"a": 1e300, "b": [1, 2.5e10]}'::jsonb`, "SELECT j::jsonb FROM docs", "SELECT * FROM docs WHERE id = '3e1234ab'", "SELECT * FROM docs WHERE id = 'x [1e5000y]'"} {
		if got := ruleOf(t, g, sql); got != "" {
			t.Errorf("%s: %q", sql, got)
		}
	}
}
