package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestFunctions(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	judgeAll(t, g, sqlguard.RuleFunction,
		refused{
			"SELECT repeat('a', 10)", "SELECT nosuch(1)", "SELECT \"+\"(1, 2)", "SELECT other.abs(1)", "SELECT a.b.abs(1)", "FROM abs(1)",
			"SELECT row_number() OVER () FROM t", "SELECT x -> x + 1 FROM t", "SELECT COLUMNS(*) FROM t", "SELECT (* + 1) FROM t", "SELECT * LIKE 'a%' FROM t",
		},
		accepted{"SELECT abs(-1)", "SELECT ABS(-1), \"abs\"(1)", "SELECT main.abs(1)", "SELECT 1 + 2", "SELECT count(*) FROM t", "SELECT repeat FROM t", "SELECT * FROM t ORDER BY ALL"})
	judgeAll(t, g, sqlguard.RuleGenerator,
		refused{"FROM range(10)", "SELECT unnest([1])", "SELECT generate_series(1, 2)", "SELECT 1 WHERE 1 = ANY ([1])"},
		accepted{"SELECT range FROM t", "SELECT [1, 2]", "SELECT 1 WHERE 1 IN (1, 2)", "SELECT 'range(10)'"})
}

func TestFunctionsOfThePolicy(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{DenyFunctions: []string{"ABS"}}, nil), sqlguard.RuleFunction,
		refused{"SELECT abs(1)", "SELECT \"Abs\"(1)", "SELECT main.abs(1)", "SELECT 1 WHERE abs(1) = 1"}, accepted{"SELECT round(1)"})
	judgeAll(t, newGuard(t, sqlguard.Policy{DangerouslyAllowFunctions: []string{"Repeat", "nosuch"}}, nil), sqlguard.RuleFunction,
		refused{"SELECT lpad('a', 1, 'b')", "SELECT other.repeat('a', 1)"}, accepted{"SELECT repeat('a', 3)", "SELECT nosuch()"})
	shadowed := &sqlguard.Catalog{Tables: []string{"t"}, Macros: []string{"Upper", "my_macro"}}
	judgeAll(t, newGuard(t, sqlguard.Policy{}, shadowed), sqlguard.RuleFunction,
		refused{"SELECT upper('a')", "SELECT main.upper('a')", "SELECT my_macro(1)"}, accepted{"SELECT lower('a')"})
	// The operators of a file cannot be shadowed unseen either.
	judgeAll(t, newGuard(t, sqlguard.Policy{}, &sqlguard.Catalog{Macros: []string{"+"}}), sqlguard.RuleFunction,
		refused{"SELECT 1 + 2"}, accepted{"SELECT 1 - 2"})
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleFunction,
		refused{
			"SELECT 1 FROM t WHERE a LIKE b", "SELECT 1 FROM t WHERE a LIKE 'x' || b", "SELECT 1 FROM t WHERE a LIKE '%a_%b_%c_%d'", "SELECT 1 FROM t WHERE a ILIKE '%a%b%c%d'",
			"SELECT 1 FROM t WHERE a GLOB '*a*b*c*d'", "SELECT 1 FROM t WHERE regexp_matches(a, '(x{30}){30}')", "SELECT 1 FROM t WHERE regexp_matches(a, b)", "SELECT j -> '$.*' FROM t", "SELECT j -> '$..a' FROM t",
		},
		accepted{
			"SELECT 1 FROM t WHERE a LIKE '%a%b%c%d%'", "SELECT 1 FROM t WHERE a LIKE '%a_b%'", "SELECT 1 FROM t WHERE a ILIKE '%a%b%'", "SELECT 1 FROM t WHERE a LIKE $1", "SELECT 1 FROM t WHERE a GLOB '*a*'",
			"SELECT 1 FROM t WHERE regexp_matches(a, '^[A-Z]{2,3}-\\d+$')", "SELECT j -> 'a' -> 'b' ->> 0, j ->> '$.a.b' FROM t",
		})
}
