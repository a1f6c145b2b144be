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

// Of two stored texts, one written for each match in the other has the product
// of their lengths: the query itself says what is written.
func TestReplacementsAreFixed(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleFunction,
		refused{
			"SELECT replace(a, 'x', b) FROM t", "SELECT replace(a, 'x', $1) FROM t", "SELECT array_to_string(a, b) FROM t", "SELECT string_agg(a, $1) FROM t", "SELECT group_concat(a, b || ',') FROM t",
			"SELECT length(replace(x, 'A', x)) FROM (SELECT string_agg(a, '') AS x FROM t)", "SELECT replace(a, 'x', concat('y', 'z')) FROM t", "SELECT replace(a, 'x', (SELECT max(b) FROM t)) FROM t", "SELECT 1 FROM t WHERE replace(a, 'x', b) = 'y'",
		},
		accepted{
			"SELECT replace(a, b, 'c'), replace(a, 'b', ''), replace(a, 'b', chr(10)), replace(a::VARCHAR, '.', ',') FROM t", "SELECT string_agg(a), string_agg(a, ', '), string_agg(DISTINCT a, chr(10) ORDER BY a), array_to_string(list(a), ';') FROM t",
			"SELECT replace($1, $2, 'x'), replace(a, 'x', NULL) FROM t",
		})
	// What a stored view does is its maker's choice.
	if err := sqlguard.CheckView(t.Context(), adapter, "CREATE VIEW v AS SELECT replace(a, 'x', b) FROM t;"); err != nil {
		t.Error(err)
	}
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
