package postgres_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// A policy's own rules work on PostgreSQL's names.
func TestPolicy(t *testing.T) {
	t.Parallel()
	catalog := &sqlguard.Catalog{Tables: []string{"flights", "airports", "other.t", "pg_stat_statements"}, Macros: []string{"upper"}}
	g := newGuard(t, sqlguard.Policy{
		Tables: []string{"flights", "other.t"}, HiddenColumns: []string{"passenger"},
		DenyFunctions: []string{"random"}, DangerouslyAllowFunctions: []string{"own_function", "pg_typeof"},
	}, catalog)
	for sql, want := range map[string]sqlguard.Rule{
		"SELECT delay FROM flights": "", "SELECT delay FROM public.flights": "", "SELECT a FROM other.t": "",
		"SELECT own_function(delay), pg_typeof(delay) FROM flights": "", "SELECT public.own_function(delay) FROM flights": sqlguard.RuleFunction,
		"SELECT iata FROM airports": sqlguard.RuleTable, "SELECT a FROM public.t": sqlguard.RuleTable, "SELECT a FROM t": sqlguard.RuleTable, "SELECT delay FROM other.flights": sqlguard.RuleTable,
		"SELECT query FROM pg_stat_statements": sqlguard.RuleCatalog,
		"SELECT random()":                      sqlguard.RuleFunction, "SELECT upper('a')": sqlguard.RuleFunction,
		"SELECT passenger FROM flights": sqlguard.RuleColumn, "SELECT f.\"passenger\" FROM flights f": sqlguard.RuleColumn, "SELECT public.flights.passenger FROM flights": sqlguard.RuleColumn,
		"SELECT * FROM flights": sqlguard.RuleColumn, "TABLE flights": sqlguard.RuleColumn, "SELECT f.* FROM flights f": sqlguard.RuleColumn,
		"SELECT to_json(f) FROM flights f": sqlguard.RuleColumn, "SELECT f.row_to_json FROM flights f": sqlguard.RuleFunction, "SELECT x FROM flights f (x)": sqlguard.RuleColumn,
		"SELECT U&\"passenge\\0072\" FROM flights": sqlguard.RuleColumn, "SELECT * FROM (SELECT delay FROM flights) q": "",
		"SELECT 1 FROM flights GROUP BY passenger": sqlguard.RuleColumn, "SELECT count(*) FROM flights WHERE \"Passenger\" = 1": sqlguard.RuleColumn,
	} {
		if got := ruleOf(t, g, sql); got != want {
			t.Errorf("%q: %q, want %q", sql, got, want)
		}
	}
}

// What a policy allows although it is no function of PostgreSQL is left to the
// session's search_path; what is one is not.
func TestAllowedFunctionsOfUsers(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{DangerouslyAllowFunctions: []string{"own_function", "pg_typeof"}}, nil)
	q, err := g.Check(t.Context(), "SELECT own_function(1), pg_typeof(1)")
	if want := "SELECT own_function(1), pg_catalog.pg_typeof(1) LIMIT 1000"; err != nil || q.SQL() != want {
		t.Errorf("%q, %v, want %q", q.SQL(), err, want)
	}
}

// A limit given by a parameter is bounded as a number.
func TestRowLimit(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{MaxRows: 50}, nil)
	for sql, want := range map[string]string{
		"SELECT a FROM t":                                          "SELECT a FROM public.t LIMIT 50",
		"SELECT a FROM t LIMIT 5":                                  "SELECT a FROM public.t LIMIT 5",
		"SELECT a FROM t LIMIT 500":                                "SELECT a FROM public.t LIMIT 50",
		"SELECT a FROM t LIMIT ALL":                                "SELECT a FROM public.t LIMIT 50",
		"SELECT a FROM t LIMIT 99999999999999999999":               "SELECT a FROM public.t LIMIT 50",
		"SELECT a FROM t LIMIT $1":                                 "SELECT a FROM public.t LIMIT LEAST(CAST($1 AS pg_catalog.int8), 50)",
		"(SELECT 1 LIMIT 99) UNION (SELECT 2) FETCH NEXT ROW ONLY": "(SELECT 1 LIMIT 99) UNION (SELECT 2) LIMIT 1",
	} {
		q, err := g.Check(t.Context(), sql)
		if err != nil || q.SQL() != want {
			t.Errorf("%q: %q, %v, want %q", sql, q.SQL(), err, want)
		}
	}
}

// SHOW TABLES, which PostgreSQL does not have, is answered by the guard.
func TestShowTables(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, &sqlguard.Catalog{Tables: []string{"flights"}})
	q, err := g.Check(t.Context(), "SHOW TABLES")
	if want := `SELECT * FROM (VALUES ('flights')) AS listed ("name") ORDER BY 1 LIMIT 1000`; err != nil || q.SQL() != want {
		t.Errorf("%q, %v, want %q", q.SQL(), err, want)
	}
	if got := ruleOf(t, newGuard(t, sqlguard.Policy{}, nil), "SHOW TABLES"); got != sqlguard.RuleSyntax {
		t.Errorf("with no catalog: %q", got)
	}
}
