package postgres_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// long joins a name with itself, so that twice over it is too long.
func long(name string) string { return strings.TrimSuffix(strings.Repeat(name+"||", 40), "||") }

// To PostgreSQL an alias is no name in its own SELECT list, nor in WHERE and
// HAVING: it neither makes a column longer nor hides how long one is.
func TestAliasesOfTheSelectList(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, analystCatalog)
	inner := "(SELECT " + long("origin") + " AS x, delay AS k FROM flights)"
	for _, sql := range []string{
		"SELECT " + long("origin") + " AS destination, " + long("destination") + " AS origin FROM flights",
		"SELECT " + long("origin") + " AS destination FROM flights WHERE " + long("destination") + " = ''",
		"SELECT " + long("max(origin)") + " AS destination FROM flights GROUP BY date HAVING " + long("max(destination)") + " = ''",
		"SELECT delay AS distance, distance AS delay, date AS origin FROM flights f WHERE f.delay > 1",
		"SELECT x AS a, a AS x FROM " + inner + " AS q (x, a)", "SELECT 1 AS x, length(x) AS n FROM " + inner + " AS q ORDER BY n",
		"SELECT upper(origin) AS origin, count(*) FROM flights GROUP BY origin ORDER BY origin",
	} {
		if got := ruleOf(t, g, sql); got != "" {
			t.Errorf("%.200s: %q", sql, got)
		}
	}
	for _, sql := range []string{
		"SELECT 1 AS x, " + long("x") + " AS y FROM " + inner + " AS q", "SELECT 1 AS x FROM " + inner + " AS q WHERE " + long("x") + " = ''", "SELECT 1 AS x FROM " + inner + " AS q GROUP BY k HAVING " + long("max(x)") + " = ''",
		"SELECT 1 AS a, " + long("a") + " AS y FROM " + inner + " AS q (a)", "SELECT 1 AS \"A\", " + long("a") + " AS y FROM " + inner + " AS q (a)",
		"SELECT 1 AS \"?column?\", " + long("\"?column?\"") + " FROM (SELECT " + long("origin") + " FROM flights) q",
		"SELECT 1 AS max, " + long("max") + " FROM (SELECT max(" + long("origin") + ") FROM flights) q",
		"SELECT 1 AS lower, " + long("q.lower") + " FROM (SELECT lower(" + long("origin") + "), 1 AS k FROM flights) q JOIN (SELECT 1 AS lower, 1 AS k) p ON q.k = p.k",
		"SELECT " + long("q.column1") + " FROM (VALUES (" + long("'a'||$1") + ", 1)) q JOIN (SELECT 1 AS column1, 1 AS k) p ON q.column2 = p.k",
		"SELECT " + long("q.y") + " FROM " + inner + " q (y) JOIN (SELECT 1 AS y, 1 AS k) p ON p.k = q.k",
		"SELECT x FROM (SELECT " + long("q.x") + " AS x FROM " + inner + " q JOIN t ON t.a = q.k) r",
		// beyond the SELECT an alias is a name
		"SELECT " + long("y") + " FROM (SELECT " + long("origin") + " AS y FROM flights) q",
	} {
		if got := ruleOf(t, g, sql); got != sqlguard.RuleDepth {
			t.Errorf("%.200s: %q", sql, got)
		}
	}
}

// Casts count by PostgreSQL's own types.
func TestGrowthOfCasts(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, nil)
	chain := func(types ...string) string { return "SELECT a::" + strings.Join(types, "::") + " FROM t" }
	for sql, want := range map[string]sqlguard.Rule{
		chain("text", "varchar", "json", "text", "varchar(9)", "text"): "", chain("int", "text", "int", "text", "int", "text", "int", "text"): "",
		chain("numeric(10,2)", "text", "numeric(10,2)", "text", "numeric(9)", "text", "date", "text"): "", chain("bytea", "text"): "",
		chain("jsonb", "text", "jsonb", "text", "jsonb", "text"): sqlguard.RuleDepth, chain("text[]", "text", "text[]", "text"): sqlguard.RuleDepth,
		chain("bytea", "text", "bytea", "text", "bytea", "text", "bytea"): sqlguard.RuleDepth, chain("numeric", "text", "jsonb", "text"): sqlguard.RuleDepth,
		chain("varchar[]", "varchar[]", "varchar[]", "json"): sqlguard.RuleDepth,
	} {
		if got := ruleOf(t, g, sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}
