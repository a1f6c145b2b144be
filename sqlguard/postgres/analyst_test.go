package postgres_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// analystCatalog is what the scratch database holds, as far as these tests read it.
var analystCatalog = &sqlguard.Catalog{
	Tables: []string{"flights", "airports", "docs", "a", "b", "t"},
	Columns: map[string][]string{
		"flights": {"date", "delay", "distance", "origin", "destination"}, "airports": {"iata", "city", "state"},
		"docs": {"j"}, "a": {"a"}, "b": {"b"}, "t": {"a", "b"},
	},
}

// givesTheSame sees that each query passes, that its rendering passes unchanged,
// and that a server makes the same rows of both.
func givesTheSame(t *testing.T, queries []string) {
	t.Helper()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, analystCatalog)
	s := openScratch(t)
	for _, sql := range queries {
		q, err := g.Check(t.Context(), sql)
		if err != nil {
			t.Errorf("%s: %v: %v", sql, err, errors.Unwrap(err))
			continue
		}
		if again, err := g.Check(t.Context(), q.SQL()); err != nil || again.SQL() != q.SQL() {
			t.Errorf("%s: not a fixed point (%v):\n%s\n%s", sql, err, q.SQL(), again.SQL())
		}
		columns, rows, err := runOn(s.plain, sql, nil)
		if err != nil {
			t.Errorf("%s: the server refuses the test's own query: %v", sql, err)
			continue
		}
		gotColumns, got, err := runOn(s.conn, q.SQL(), nil)
		slices.Sort(rows)
		slices.Sort(got)
		if err != nil || !slices.Equal(rows, got) || !slices.Equal(columns, gotColumns) {
			t.Errorf("%s\n%s\n%v: %d rows of %v, want %d of %v", sql, q.SQL(), err, len(got), gotColumns, len(rows), columns)
		}
	}
}

// What analysts write beside joins, in PostgreSQL's own syntax.
func TestAnalystsSyntax(t *testing.T) {
	t.Parallel()
	givesTheSame(t, []string{
		"SELECT count(*) FROM flights WHERE origin IN (SELECT iata FROM airports)",
		"SELECT count(*) FROM flights WHERE origin = ANY (ARRAY['JFK', 'LAX'])",
		"SELECT count(*) FROM flights WHERE delay > ALL (ARRAY[1, 2])",
		"SELECT count(*) FROM flights WHERE (origin, destination) IN (SELECT origin, destination FROM flights WHERE delay > 100)",
		"SELECT count(*) FROM flights WHERE (origin, destination) = ('JFK', 'SFO') OR (delay, distance) < (1, 2)",
		"SELECT (date, date + 1) OVERLAPS (DATE '2001-01-01', DATE '2001-02-01') FROM flights WHERE delay = 1",
		"SELECT date::timestamp AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin' FROM flights WHERE delay < 5",
		"SELECT EXTRACT(year FROM date), EXTRACT(dow FROM date), date_part('month', date) FROM flights WHERE delay < 5",
		"SELECT date + INTERVAL '1' DAY, date - INTERVAL '2 months 3 days', INTERVAL '1-2' YEAR TO MONTH FROM flights WHERE delay < 5",
		"SELECT POSITION('F' IN origin), TRIM(BOTH 'J' FROM origin), TRIM(LEADING FROM origin), SUBSTRING(origin FROM 2), SUBSTRING(origin FROM 1 FOR 2), OVERLAY(origin PLACING 'x' FROM 1) FROM flights WHERE delay < 5",
		"SELECT delay::numeric(10, 2), CAST(delay AS double precision) / 3, delay::decimal, delay::varchar(3), delay::char(5), (delay > 1)::int FROM flights WHERE delay < 5",
		"SELECT origin, count(*) FILTER (WHERE delay > 10), avg(delay) FILTER (WHERE distance > 5) FROM flights GROUP BY origin",
		"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY delay), percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY delay DESC), mode() WITHIN GROUP (ORDER BY origin) FROM flights",
		"SELECT string_agg(DISTINCT origin, ',' ORDER BY origin), array_agg(delay ORDER BY delay, distance), json_agg(delay ORDER BY delay) FROM flights WHERE delay < 20",
		"SELECT to_char(date, 'YYYY-MM'), to_char(delay, '999D99'), date_trunc('month', date), to_date('2001', 'YYYY') FROM flights WHERE delay < 5",
		"SELECT d::date FROM generate_series('2024-01-01'::date, '2024-02-01'::date, '1 day') AS d",
		"SELECT d FROM generate_series(1, 10) AS d WHERE d > 3", "SELECT g.d FROM generate_series(1, 10, 2) AS g (d)", "SELECT generate_series FROM generate_series(1, 3)",
		"SELECT d::date, count(f.date) FROM generate_series('2001-01-01'::date, '2001-01-31'::date, '1 day') AS d LEFT JOIN flights f ON f.date = d::date GROUP BY d ORDER BY d",
		"SELECT origin, destination, count(*), grouping(origin, destination) FROM flights GROUP BY GROUPING SETS ((origin), (destination), ())",
		"SELECT origin, destination, sum(delay) FROM flights GROUP BY ROLLUP (origin, destination) ORDER BY 1 NULLS LAST, 2 NULLS FIRST",
		"SELECT origin, destination, sum(delay) FROM flights GROUP BY CUBE (origin, destination) HAVING grouping(origin) = 0",
		"SELECT origin, EXTRACT(month FROM date) AS m, sum(delay) FROM flights GROUP BY origin, ROLLUP (EXTRACT(month FROM date)) ORDER BY CASE WHEN grouping(origin) = 1 THEN 1 ELSE 0 END, sum(delay) DESC, 1, 2",
		"SELECT j -> 'a' -> 'b', j ->> 'k', j #> '{a,b}', j #>> '{a,b}', j @> '{\"k\": \"v\"}', j ? 'k', (j ->> 'n')::int + 1, j - 'k' FROM docs",
		"SELECT DISTINCT ON (origin) origin, date, delay FROM flights ORDER BY origin, delay DESC, date, distance",
		"SELECT CASE WHEN delay > 10 THEN 'late' WHEN delay > 0 THEN 'ok' ELSE 'early' END AS kind, count(*) FROM flights GROUP BY kind ORDER BY CASE WHEN count(*) > 5 THEN 1 ELSE 2 END, kind",
		"SELECT coalesce(nullif(origin, 'JFK'), 'x'), greatest(delay, distance, 0), least(delay, 1), delay IS DISTINCT FROM 1, origin IS NOT NULL FROM flights WHERE delay BETWEEN SYMMETRIC 5 AND 1",
		"SELECT round(avg(delay)::numeric, 2), round(100.0 * sum(CASE WHEN delay > 0 THEN 1 ELSE 0 END) / nullif(count(*), 0), 2), stddev(delay), corr(delay, distance) FROM flights",
		"SELECT origin FROM flights WHERE origin LIKE '%F_' OR origin ILIKE 'l__' OR origin NOT LIKE '_%_%_%a%_' GROUP BY origin",
		"SELECT origin FROM flights WHERE origin ~ '^[JL][A-Z]{2}$' OR origin ~* 'ord|50% (off)?%.*%' OR origin !~ 'x{1,3}' GROUP BY origin",
		"SELECT city || ', ' || state AS place, upper(left(city, 3)), split_part(city, ' ', 1), length(city), initcap(lower(city)) FROM airports",
		"SELECT origin, (SELECT count(*) FROM airports WHERE iata = origin) FROM flights WHERE delay < 5",
		"SELECT x, count(*) FROM (VALUES (1), (2), (3)) AS v (x) GROUP BY x", "(SELECT origin FROM flights UNION SELECT iata FROM airports) EXCEPT SELECT 'LAX' ORDER BY 1",
		"WITH m AS (SELECT date_trunc('month', date) AS month, sum(delay) AS total FROM flights GROUP BY 1), r AS (SELECT month, total, rank() OVER (ORDER BY total DESC) AS place FROM m) SELECT * FROM r WHERE place <= 2 ORDER BY place",
		"SELECT date - lag(date) OVER (PARTITION BY origin ORDER BY date, delay, distance) FROM flights WHERE delay < 0",
		"SELECT avg(x) AS x, sum(y) FROM (SELECT delay AS x, distance AS y FROM flights) q WHERE x > 1 AND y > 2",
		"SELECT total FROM (SELECT sum(delay) AS total FROM flights) total",
	})
}

// Joins of every shape, and names that several sources have.
func TestAnalystsJoins(t *testing.T) {
	t.Parallel()
	givesTheSame(t, []string{
		"SELECT f.origin, a.city, count(*) FROM flights f JOIN airports a ON a.iata = f.origin GROUP BY f.origin, a.city",
		"SELECT f.origin, a.city FROM flights AS f LEFT JOIN airports AS a ON a.iata = f.origin AND a.state = 'NY' WHERE f.delay < 5",
		"SELECT a.city, f.delay FROM flights f RIGHT OUTER JOIN airports a ON a.iata = f.origin AND f.delay = 1",
		"SELECT f.origin, a.iata FROM flights f FULL JOIN airports a ON a.iata = f.origin WHERE f.delay < 0 OR f.delay IS NULL",
		"SELECT count(*) FROM flights f1 JOIN flights f2 USING (date, origin)", "SELECT a, b FROM t NATURAL JOIN a x", "SELECT a FROM t NATURAL LEFT JOIN a x", "SELECT t.a, a.a FROM t NATURAL FULL JOIN a",
		"SELECT count(*) FROM flights, airports WHERE origin = iata", "SELECT f.delay AS d, city AS c FROM flights f, airports WHERE iata = f.origin AND f.delay < 5 ORDER BY d, c, f.distance",
		"SELECT x.iata, y.iata FROM airports x, airports y JOIN flights f ON f.destination = y.iata WHERE x.iata = f.origin AND f.delay < 5",
		"SELECT count(*) FROM flights f JOIN airports o ON f.origin = o.iata JOIN airports d ON f.destination = d.iata",
		"SELECT count(*) FROM flights f LEFT JOIN (airports o JOIN airports d ON o.state = d.state) ON f.origin = o.iata AND f.destination = d.iata",
		"SELECT count(*) FROM (flights f JOIN airports o ON f.origin = o.iata) LEFT JOIN (airports d JOIN t ON t.b::text = d.state) ON f.destination = d.iata",
		"SELECT count(*) FROM flights f JOIN airports o JOIN airports d ON o.state = d.state ON f.origin = o.iata",
		"WITH o AS (SELECT origin, avg(delay) AS delay FROM flights GROUP BY origin) SELECT f.origin, f.delay, o.delay FROM flights f JOIN o ON o.origin = f.origin AND f.delay > o.delay WHERE f.delay > 170",
		"SELECT f.origin, q.m FROM flights f JOIN (SELECT origin, max(delay) AS m FROM flights GROUP BY origin) q ON q.origin = f.origin AND q.m = f.delay",
		"SELECT f.delay - total.delay FROM flights f, (SELECT avg(delay) AS delay FROM flights) AS total WHERE f.delay > total.delay + 80",
		"SELECT delay AS distance, distance AS delay FROM flights WHERE delay > 170 AND distance < 500", // aliases that swap the names of columns
		"SELECT f.*, a.city FROM flights f JOIN airports a ON a.iata = f.origin WHERE f.delay > 170",
		"SELECT city AS iata, iata AS city FROM airports, t WHERE state = 'NY' AND iata = 'JFK' AND t.a::text = iata",
		"SELECT count(*) FROM flights f WHERE EXISTS (SELECT 1 FROM airports a JOIN flights g ON g.origin = a.iata AND a.iata = f.origin)",
		"SELECT total FROM t JOIN (SELECT 1 AS a, 5 AS total) AS total USING (a)", // a column beside a source of its name
		"SELECT total FROM (SELECT 1 AS a, 2 AS n) AS total JOIN (SELECT 1 AS a, 5 AS total) AS q USING (a)",
	})
	chain := "SELECT count(*) FROM a t0"
	for range 30 {
		chain += " JOIN a t" + strings.Repeat("x", strings.Count(chain, "JOIN")+1) + " USING (a)"
	}
	givesTheSame(t, []string{chain})
}

// What looks like a join of an analyst's, and is none that may pass.
func TestJoinsThatAreRefused(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, analystCatalog)
	for sql, want := range map[string]sqlguard.Rule{
		"SELECT * FROM flights f, LATERAL (SELECT * FROM airports WHERE iata = f.origin) q":                                              sqlguard.RuleMultipleSources,
		"SELECT * FROM flights f JOIN LATERAL (SELECT 1) q ON true":                                                                      sqlguard.RuleMultipleSources,
		"SELECT * FROM flights f CROSS JOIN airports":                                                                                    sqlguard.RuleUnkeyedJoin,
		"SELECT * FROM (flights f JOIN airports a ON a.iata = f.origin) AS j":                                                            sqlguard.RuleMultipleSources,
		"SELECT * FROM flights JOIN t USING (a) AS j":                                                                                    sqlguard.RuleMultipleSources,
		"SELECT * FROM ROWS FROM (abs(1), abs(2)) AS r":                                                                                  sqlguard.RuleFunction,
		"SELECT a FROM a JOIN t ON a.a = t.a JOIN (SELECT 1 AS x) q ON q.x = t.a AND a IS NOT NULL":                                      sqlguard.RuleColumn, // the row or the column, which is not known here
		"SELECT f FROM flights f JOIN airports a ON a.iata = f.origin":                                                                   sqlguard.RuleColumn,
		"SELECT q FROM (SELECT 1 AS b, 2 AS c) q JOIN b ON b.b = q.b":                                                                    sqlguard.RuleColumn,
		"SELECT 1 FROM (SELECT 1 AS b, 2 AS x) q, b JOIN t ON b IS NULL AND b.b = t.b WHERE q.x = t.a":                                   sqlguard.RuleColumn, // ON does not see q
		"SELECT max(f) FROM flights f JOIN airports a ON a.iata = f.origin":                                                              sqlguard.RuleColumn,
		"SELECT f.row_to_json FROM flights f JOIN airports a ON a.iata = f.origin":                                                       sqlguard.RuleFunction,
		"SELECT q.to_json FROM flights f JOIN (SELECT iata FROM airports) q ON q.iata = f.origin":                                        sqlguard.RuleFunction,
		"SELECT d.row_to_json FROM generate_series(1, 2) AS d":                                                                           sqlguard.RuleFunction,
		"SELECT d FROM generate_series(1, 2) AS d (x)":                                                                                   sqlguard.RuleColumn,
		"SELECT * FROM flights JOIN ONLY airports ON iata = origin":                                                                      sqlguard.RuleSyntax,
		"SELECT * FROM flights JOIN pg_class ON relname = origin":                                                                        sqlguard.RuleCatalog,
		"SELECT * FROM flights JOIN airports ON iata = origin AND pg_sleep(1) IS NULL":                                                   sqlguard.RuleFunction,
		"SELECT * FROM flights JOIN airports ON iata = origin FOR UPDATE OF airports":                                                    sqlguard.RuleStatement,
		"SELECT * FROM flights JOIN (SELECT repeat('a', 9) AS iata) q ON iata = origin":                                                  sqlguard.RuleFunction,
		"SELECT (x + 1) FROM flights WHERE origin ~ '(a{30}){30}'":                                                                       sqlguard.RuleFunction,
		"SELECT 1 FROM flights WHERE origin ~ '(a)\\1'":                                                                                  sqlguard.RuleFunction,
		"SELECT 1 FROM flights WHERE origin ~* destination":                                                                              sqlguard.RuleFunction,
		"SELECT 1 FROM flights WHERE origin LIKE destination":                                                                            sqlguard.RuleFunction,
		"SELECT 1 FROM flights WHERE origin LIKE '" + strings.Repeat("a", 300) + "'":                                                     sqlguard.RuleFunction,
		"SELECT 1 FROM flights WHERE origin !~ '" + strings.Repeat("a", 300) + "'":                                                       sqlguard.RuleFunction,
		"SELECT 1 FROM flights WHERE position('%a%b%c%' IN origin) > 1":                                                                  sqlguard.RuleFunction,
		"SELECT ARRAY(SELECT delay FROM flights)":                                                                                        sqlguard.RuleFunction,
		"SELECT f.delay FROM flights AS f JOIN (SELECT string_agg(origin, ',') OVER () AS x, 'JFK' AS o FROM flights) q ON q.o = origin": sqlguard.RuleFunction,
	} {
		if got := ruleOf(t, g, sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}

// The largest queries that people write pass, as does what they become.
func TestLargeQueries(t *testing.T) {
	t.Parallel()
	list := func(item string, n int, separator string) string {
		return strings.TrimSuffix(strings.Repeat(item+separator, n), separator)
	}
	g := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, analystCatalog)
	for name, sql := range map[string]string{
		"IN of 400 numbers":  "SELECT count(*) FROM flights WHERE delay IN (" + list("-12345", 400, ", ") + ")",
		"IN of 400 texts":    "SELECT count(*) FROM flights WHERE origin NOT IN (" + list("'abcdefgh'", 400, ", ") + ")",
		"IN of 300 rows":     "SELECT count(*) FROM flights WHERE (origin, delay) IN (" + list("('JFK', 1)", 300, ", ") + ")",
		"ANY of 400":         "SELECT count(*) FROM flights WHERE origin = ANY (ARRAY[" + list("'x'", 400, ", ") + "])",
		"150 ANDs":           "SELECT count(*) FROM flights WHERE " + list("delay <> 1", 150, " AND "),
		"150 ORs":            "SELECT count(*) FROM flights WHERE " + list("origin = 'JFK'", 150, " OR "),
		"150 ORs of ANDs":    "SELECT count(*) FROM flights WHERE " + list("(origin = 'JFK' AND delay > 1)", 150, " OR "),
		"100 NOT LIKEs":      "SELECT count(*) FROM flights WHERE " + list("origin NOT LIKE '%abc%'", 100, " AND "),
		"60 calls in a sum":  "SELECT " + list("abs(delay)", 60, " + ") + " FROM flights",
		"50 casts in a text": "SELECT " + list("delay::text", 30, " || ' ' || ") + " FROM flights",
		"100 whens":          "SELECT CASE origin" + strings.Repeat(" WHEN 'JFK' THEN 'New York'", 100) + " END FROM flights",
		"150 columns":        "SELECT " + list("sum(CASE WHEN f.delay > 1 THEN 1 ELSE 0 END)", 110, ", ") + " FROM flights f",
		"VALUES of 200":      "SELECT * FROM (VALUES " + list("(1, 'a', 2.5)", 200, ", ") + ") AS v (a, b, c)",
		"24 SELECTs":         "WITH x AS (SELECT origin, count(*) AS n FROM flights GROUP BY origin) " + list("SELECT origin, sum(n) AS n FROM x WHERE origin = 'JFK' GROUP BY origin", 23, " UNION ALL "),
		"windows":            "SELECT " + list("sum(delay) OVER w", 30, ", ") + ", " + list("avg(delay) OVER (w ORDER BY date ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)", 20, ", ") + " FROM flights WINDOW w AS (PARTITION BY origin, destination)",
	} {
		q, err := g.Check(context.Background(), sql)
		if err != nil {
			t.Errorf("%s: %v: %v", name, err, errors.Unwrap(err))
			continue
		}
		if again, err := g.Check(context.Background(), q.SQL()); err != nil || again.SQL() != q.SQL() {
			var refusal *sqlguard.Refusal
			// The guard's own text may be longer than a client's may be.
			if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleTooLong {
				t.Errorf("%s: its rendering: %v: %v", name, err, errors.Unwrap(err))
			}
		}
	}
}
