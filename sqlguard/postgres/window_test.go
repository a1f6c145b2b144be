package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// windowQueries are window functions in all their forms. Each order is of all
// columns, so that a server gives the same rows twice.
var windowQueries = func() []string {
	const all = "date, delay, distance, origin, destination"
	queries := []string{
		"SELECT origin, rank() OVER (ORDER BY sum(delay)) FROM flights GROUP BY origin",
		"SELECT origin, sum(sum(delay)) OVER (PARTITION BY origin) FROM flights GROUP BY origin, destination",
		"SELECT origin, sum(delay), sum(sum(delay)) OVER (), 100.0 * sum(delay) / nullif(sum(sum(delay)) OVER (), 0) AS share FROM flights GROUP BY origin",
		"SELECT origin, avg(sum(delay)) OVER (PARTITION BY destination) AS mean FROM flights GROUP BY origin, destination ORDER BY 2, 1",
		"SELECT origin, count(*) AS n, rank() OVER (ORDER BY count(*) DESC, origin) FROM flights GROUP BY 1",
		"SELECT rank() OVER (PARTITION BY grouping(origin) ORDER BY count(*), origin) FROM flights GROUP BY ROLLUP (origin)",
		"SELECT origin FROM (SELECT origin, row_number() OVER (PARTITION BY origin ORDER BY " + all + ") AS n FROM flights) q WHERE n = 1",
		"SELECT delay, count(*) FILTER (WHERE distance > 1000) OVER (PARTITION BY origin), sum(delay) FILTER (WHERE delay > 0) OVER (ORDER BY " + all + ") FROM flights",
		"SELECT coalesce(lag(delay) OVER (ORDER BY " + all + "), 0) + delay, CASE WHEN row_number() OVER (ORDER BY " + all + ") = 1 THEN 'x' END FROM flights",
		"SELECT max(delay) OVER (PARTITION BY origin, EXTRACT(month FROM date)) - delay FROM flights",
		// by name
		"SELECT sum(delay) OVER w, avg(delay) OVER w FROM flights WINDOW w AS (PARTITION BY origin)",
		"SELECT sum(delay) OVER w, row_number() OVER (w ORDER BY " + all + ") FROM flights WINDOW w AS (PARTITION BY origin)",
		"SELECT sum(delay) OVER (w), sum(delay) OVER (w ROWS 2 PRECEDING) FROM flights WINDOW w AS (PARTITION BY origin ORDER BY " + all + ")",
		"SELECT sum(delay) OVER w2 FROM flights WINDOW w AS (PARTITION BY origin), w2 AS (w ORDER BY " + all + " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)",
		"SELECT sum(delay) OVER w FROM flights WINDOW w AS ()", "SELECT origin, rank() OVER w FROM flights GROUP BY origin WINDOW w AS (ORDER BY sum(delay), origin) ORDER BY rank() OVER w",
		"SELECT x, sum(x) OVER w FROM (SELECT sum(delay) OVER w AS x, distance AS y FROM flights WINDOW w AS (PARTITION BY origin)) q WINDOW w AS (PARTITION BY y)",
		"SELECT sum(delay) OVER w FROM flights WINDOW w AS (ORDER BY delay) UNION SELECT min(delay) OVER w FROM flights WINDOW w AS (PARTITION BY origin)",
		`SELECT sum(delay) OVER "W" FROM flights WINDOW "W" AS (PARTITION BY origin), w AS (PARTITION BY destination)`,
		"SELECT sum(delay) OVER unused, f.origin FROM flights f JOIN airports a ON a.iata = f.origin WINDOW w AS (), unused AS (PARTITION BY a.city)",
	}
	for _, call := range []string{
		"row_number()", "rank()", "dense_rank()", "percent_rank()", "cume_dist()", "ntile(4)", "lag(delay)", "lag(delay, 2, 0)", "lead(delay, 1)", "lead(origin)",
		"first_value(origin)", "last_value(delay)", "nth_value(delay, 2)", "sum(delay)", "avg(delay)", "count(*)", "count(delay)", "min(date)", "max(origin)", "stddev(delay)",
	} {
		queries = append(queries, "SELECT "+call+" OVER (PARTITION BY origin ORDER BY "+all+"), "+call+" OVER (ORDER BY "+all+") FROM flights")
	}
	for _, frame := range []string{
		"ROWS UNBOUNDED PRECEDING", "ROWS 3 PRECEDING", "ROWS CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING",
		"ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING", "RANGE UNBOUNDED PRECEDING", "RANGE CURRENT ROW",
		"RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "GROUPS 1 PRECEDING", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING", "GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
		"ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE GROUP", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES",
		"ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE NO OTHERS",
	} {
		queries = append(queries, "SELECT sum(delay) OVER (PARTITION BY origin ORDER BY "+all+" "+frame+") FROM flights")
	}
	for _, frame := range []string{"5 PRECEDING", "BETWEEN 5 PRECEDING AND 5 FOLLOWING", "BETWEEN UNBOUNDED PRECEDING AND 5 PRECEDING EXCLUDE TIES"} {
		queries = append(queries, "SELECT sum(delay) OVER (ORDER BY delay DESC NULLS LAST RANGE "+frame+") FROM flights")
	}
	return append(queries, "SELECT sum(delay) OVER (ORDER BY date RANGE BETWEEN INTERVAL '7 days' PRECEDING AND CURRENT ROW) FROM flights")
}()

func TestWindowQueries(t *testing.T) {
	t.Parallel()
	if len(windowQueries) < 40 {
		t.Fatalf("%d queries", len(windowQueries))
	}
	givesTheSame(t, windowQueries)
	strict := newGuard(t, sqlguard.Policy{}, nil)
	for _, sql := range windowQueries {
		if got := ruleOf(t, strict, sql); got == "" {
			t.Errorf("%s: strict lets it through", sql)
		}
	}
}

// What a named window holds is judged wherever it is used, and how much it comes
// to is bounded.
func TestNamedWindowsThatAreRefused(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, nil)
	hiding := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst, HiddenColumns: []string{"passenger"}}, nil)
	uses := func(n int) string { return strings.TrimSuffix(strings.Repeat("sum(a) OVER w, ", n), ", ") }
	wide := "a" + strings.Repeat(", a + 1", 60)
	nested := "SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY (SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a) LIMIT 1))"
	for sql, want := range map[string]sqlguard.Rule{
		"SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY pg_sleep(1))":                                                sqlguard.RuleFunction,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY (SELECT secret FROM pg_authid))":                         sqlguard.RuleCatalog,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY repeat('a', 1000000))":                                   sqlguard.RuleFunction,
		"SELECT sum(a) OVER w FROM t WINDOW v AS (PARTITION BY query_to_xml('x', true, true, '')), w AS (v ORDER BY a)": sqlguard.RuleFileSource,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a ROWS pg_sleep(1)::int PRECEDING)":                          sqlguard.RuleFunction,
		"SELECT sum(a) OVER w FROM t":                                                                                   sqlguard.RuleSyntax,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (w)":                                                                   sqlguard.RuleSyntax,
		"SELECT sum(a) OVER v FROM t WINDOW v AS (w), w AS (ORDER BY a)":                                                sqlguard.RuleSyntax,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (), w AS (ORDER BY a)":                                                 sqlguard.RuleSyntax,
		"SELECT sum(a) OVER (w ORDER BY b) FROM t WINDOW w AS (ORDER BY a)":                                             sqlguard.RuleSyntax,
		"SELECT sum(a) OVER (w PARTITION BY b) FROM t WINDOW w AS (ORDER BY a)":                                         sqlguard.RuleSyntax,
		"SELECT sum(a) OVER (w PARTITION BY b) FROM t WINDOW w AS (PARTITION BY a)":                                     sqlguard.RuleSyntax,
		"SELECT sum(a) OVER (w) FROM t WINDOW w AS (ORDER BY a ROWS 1 PRECEDING)":                                       sqlguard.RuleSyntax,
		"SELECT (SELECT sum(a) OVER w FROM t) FROM t WINDOW w AS (ORDER BY a)":                                          sqlguard.RuleSyntax,
		"SELECT string_agg(a, ',') OVER w FROM t WINDOW w AS (ORDER BY a)":                                              sqlguard.RuleFunction,
		"SELECT array_agg(a) OVER w FROM t WINDOW w AS (ORDER BY a)":                                                    sqlguard.RuleFunction,
		"SELECT json_agg(a) OVER (ORDER BY a) FROM t":                                                                   sqlguard.RuleFunction,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY t)":                                                      sqlguard.RuleColumn,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY (SELECT 1))":                                                 sqlguard.RuleOrderBy,
		"SELECT " + uses(100) + " FROM t WINDOW w AS (PARTITION BY " + wide + ")":                                       sqlguard.RuleDepth,
		"SELECT " + uses(300) + " FROM t WINDOW w AS (PARTITION BY a, b, c)":                                            sqlguard.RuleDepth,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY " + strings.Repeat("a, ", 1200) + "a, b, c, d, e, f, g)": sqlguard.RuleDepth,
		nested: sqlguard.RuleDepth,
	} {
		if got := ruleOf(t, g, sql); got != want {
			t.Errorf("%.200s: %q, want %q", sql, got, want)
		}
	}
	for _, sql := range []string{
		"SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY passenger)", "SELECT sum(a) OVER (w ORDER BY a) FROM t WINDOW w AS (PARTITION BY \"Passenger\")",
		"SELECT sum(a) OVER v FROM t WINDOW w AS (PARTITION BY t.passenger), v AS (w ORDER BY a)",
	} {
		if got := ruleOf(t, hiding, sql); got != sqlguard.RuleColumn {
			t.Errorf("%s: %q", sql, got)
		}
	}
	// A window that nobody uses does not run: it is not in what does.
	q, err := g.Check(t.Context(), "SELECT a FROM t WINDOW w AS (PARTITION BY pg_sleep(1))")
	if want := "SELECT a FROM public.t LIMIT 1000"; err == nil && q.SQL() != want {
		t.Errorf("%q, want %q", q.SQL(), want)
	}
	if _, err := g.Check(t.Context(), fmt.Sprintf("SELECT %s FROM t WINDOW w AS (PARTITION BY a, b)", uses(60))); err != nil {
		t.Errorf("60 uses of a short window: %v", err)
	}
}
