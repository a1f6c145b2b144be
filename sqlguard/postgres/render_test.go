package postgres

import (
	"reflect"
	"slices"
	"testing"
)

// What is rendered parses to the tree that was rendered, and renders to the
// same text again.
func TestRenderRoundTrip(t *testing.T) {
	t.Parallel()
	more := []string{
		// names that need quotes
		`SELECT "select", "a b", "a""b", "1a", "ä", "A", "update" FROM "group"."my table" AS "From" ("where")`,
		`WITH "recursive" ("values") AS (SELECT 1) SELECT "values" AS "limit" FROM "recursive"`,
		// strings
		`SELECT 'it''s', '', '''', '\', 'a"b', '; -- /* */', E'\n\t\\', $$ $ ' $$, 'ä日☕', '\''', E'\\'''`,
		// numbers
		`SELECT -5, - -5, -(-(-5)), -1.5, -0.0, -1e-5, +5, 5 - -5, - '1', -a, - - a, 2147483648, -2147483648, -9223372036854775808`,
		// operators
		`SELECT a + b - c + (d - e) * f / g % h, a || b || (c || d), (a * b) * (c * d), a - (b - c), (a + b) || (c - d), a ^ 2 ^ 3, a -> 'b' ->> 'c'`,
		`SELECT NOT NOT a, NOT (a AND b) OR c, (a OR b) AND (c OR d), (a AND b) AND c, a AND (b AND c), a = (b = c), (a = b) = c, a IS NULL IS NULL, NOT a IN (1), (a IN (1)) = b`,
		`SELECT a LIKE b, a NOT LIKE b, a ILIKE b, a & b | c << 1 >> 2, ~a, @a, a <@ '{1}', $1 @> b, a && ARRAY[1], a <-> b, a ? 'b', a IS TRUE IS TRUE`,
		`SELECT a BETWEEN b AND c AND d, a NOT BETWEEN b AND c, NOT a BETWEEN b AND c, (a BETWEEN b AND c) = d, a BETWEEN (b AND c) AND d`,
		`SELECT a[1][2], a[b[1]], a[1:2][3], a[:], a[:2], a[2:], (ARRAY[1, 2])[1], ARRAY[]::int[], (f(a))[1], (SELECT 1)[1]`,
		`SELECT CAST(CAST(a AS int) AS text), a::int[][], a::timestamp with time zone, a::time(3) with time zone, a::interval hour to minute, a::numeric(5), a::float(3), a::character varying[]`,
		`SELECT (SELECT 1) + (SELECT 2), a IN (SELECT 1), a NOT IN (SELECT 1), a < ANY (SELECT 1), a <> ALL (SELECT 1), (a, b) IN (SELECT 1, 2), NOT EXISTS (SELECT 1)`,
		`SELECT count(*), count(DISTINCT a), sum(a + b) FILTER (WHERE a > b), string_agg(a, ', ' ORDER BY b DESC NULLS LAST, c), percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY a)`,
		// queries
		`((SELECT 1))`, `(SELECT 1 UNION SELECT 2) UNION ALL SELECT 3`, `SELECT 1 UNION (SELECT 2 UNION ALL SELECT 3)`, `SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3)`, `(SELECT 1 LIMIT 1) UNION (SELECT 2 ORDER BY 1) LIMIT 3 OFFSET 1`,
		`(WITH a AS (SELECT 1) SELECT * FROM a) UNION SELECT 2`, `WITH a AS (SELECT 1) SELECT * FROM a UNION SELECT * FROM a`, `SELECT * FROM (VALUES (1, 2) LIMIT 1) v`, `VALUES (1) UNION VALUES (2)`,
		`SELECT DISTINCT a FROM t UNION SELECT DISTINCT ON (b) c FROM t`, `SELECT 1 FROM t GROUP BY ()`, `SELECT a FROM t GROUP BY a, ROLLUP (b, c)`, `SELECT a FROM t GROUP BY 1 HAVING true`,
		`SELECT 1 FROM t GROUP BY GROUPING SETS ((a), (b)), GROUPING SETS ((c), (d))`, `SELECT 1 FROM t GROUP BY (a, b), ROW(c, d), a, a`, `SELECT 1 FROM t GROUP BY GROUPING SETS ((a, a), (ROW(a, b)), ((b, a), c))`,
		`SELECT * FROM (a JOIN b USING (x)) JOIN (c JOIN d ON true) ON a.x = c.x`, `WITH t AS (SELECT 1 AS a) SELECT a FROM t WHERE a IN (WITH u AS (SELECT a FROM t) SELECT a FROM u)`,
		`SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) q, x`, `SELECT * FROM other.t`, `EXPLAIN (SELECT 1)`,
	}
	a := &Adapter{}
	for _, sql := range slices.Concat(statements, more) {
		if sql == "SHOW TABLES" {
			continue
		}
		first, err := a.Parse(t.Context(), sql)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		text, err := a.Render(first, true)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		second, err := a.Parse(t.Context(), text)
		if err != nil {
			t.Errorf("%q: rendered %q: %v", sql, text, err)
			continue
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%q: %q is another tree", sql, text)
		}
		if again, err := a.Render(second, true); err != nil || again != text {
			t.Errorf("%q: %q, then %q (%v)", sql, text, again, err)
		}
	}
}

// The rendering names schemas, and means the same whatever the session's
// standard_conforming_strings is.
func TestRendering(t *testing.T) {
	t.Parallel()
	a := &Adapter{}
	for sql, want := range map[string]string{
		"SELECT * FROM flights":                                    "SELECT * FROM public.flights",
		"SELECT * FROM public.flights f":                           "SELECT * FROM public.flights AS f",
		"SELECT * FROM s.flights":                                  "SELECT * FROM s.flights",
		"WITH c AS (SELECT 1) SELECT * FROM c":                     "WITH c AS (SELECT 1) SELECT * FROM c",
		"SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c), c":  "SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) AS unnamed_subquery CROSS JOIN public.c",
		"WITH c AS (SELECT * FROM c) SELECT * FROM c":              "WITH c AS (SELECT * FROM public.c) SELECT * FROM c",
		"SELECT abs(1), pg_catalog.abs(1), count(*), LEAST(1, 2)":  "SELECT pg_catalog.abs(1), pg_catalog.abs(1), pg_catalog.count(*), LEAST(1, 2)",
		"SELECT EXTRACT(year FROM a), a::text, DATE '2001-01-01'":  "SELECT pg_catalog.extract('year', a), CAST(a AS pg_catalog.text), CAST('2001-01-01' AS pg_catalog.date)",
		`SELECT 'a\b', E'a\\''b', 'it''s'`:                         `SELECT E'a\\b', E'a\\''b', 'it''s'`,
		"SELECT -5, a - -5, - a":                                   "SELECT (-5), (a - (-5)), (- a)",
		"SELECT a OPERATOR(pg_catalog.+) b, a LIKE 'x'":            "SELECT (a + b), (a ~~ 'x')",
		"SELECT CASE a WHEN 1 THEN 2 END, a > ALL (SELECT 1)":      "SELECT CASE a WHEN 1 THEN 2 END, (NOT (a <= ANY (SELECT 1)))",
		"SELECT a COLLATE \"C\", (a, b) = (1, 2), TRUE, a IS TRUE": "SELECT (a COLLATE pg_catalog.\"C\"), (ROW(a, b) = ROW(1, 2)), TRUE, (a IS TRUE)",
		"SELECT own_function(a)":                                   "SELECT own_function(a)",
	} {
		s, err := a.Parse(t.Context(), sql)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		if got, err := a.Render(s, true); err != nil || got != want {
			t.Errorf("%q:\n%q (%v), want\n%q", sql, got, err, want)
		}
	}
}
