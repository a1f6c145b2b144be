package duckdb

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// What is rendered parses to the tree that was rendered, and renders to the
// same text again.
func TestRenderRoundTrip(t *testing.T) {
	t.Parallel()
	more := []string{
		// names that need quotes
		`SELECT "select", "a b", "a""b", "1a", "ä", "A", "update" FROM "group"."my table" AS "from" ("where")`,
		`WITH "recursive" ("values") AS (SELECT 1) SELECT "values" AS "limit" FROM "recursive"`,
		`SELECT "my function"(1), {'a b': 1, 'select': 2}, a::STRUCT("x y" INTEGER, "select" VARCHAR), (a)."b c" FROM t`,
		// strings
		`SELECT 'it''s', '', '''', '\', 'a"b', '; -- /* */', e'\n\t\\', $$ $ ' $$, 'ä日☕'`,
		// numbers
		`SELECT -5, - -5, -(-(-5)), -1.5, -0.0, -1e-5, +5, 5 - -5`,
		`SELECT 1.0, 1.10, .5, 5., 0.05, 100, 99999999999999999999999999999999999999, 1e3, 1.5e0, 1e-300, 1e300, 0e0, 1_000`,
		`SELECT -9223372036854775808, 9223372036854775807, 9223372036854775808, -170141183460469231731687303715884105728`,
		// operators
		`SELECT a + b - c + (d - e) * f / g // h % i, a || b || (c || d), (a * b) * (c * d), a - (b - c), (a + b) || (c - d), a ** b ** c, a ^ b`,
		`SELECT NOT NOT a, NOT (a AND b) OR c, (a OR b) AND (c OR d), a = (b = c), (a = b) = c, a IS NULL IS NULL, NOT a IN (1), (a IN (1)) = b`,
		`SELECT a LIKE b, a NOT LIKE b, a ILIKE b, a SIMILAR TO b, a GLOB b, a ~ b, a !~ b, a ^@ b, a & b | c << 1 >> 2, ~a, @a, a !, a <@ b, a @> b, a && b, a <-> b`,
		`SELECT a LIKE b ESCAPE '$', a NOT ILIKE b ESCAPE '$', a AT TIME ZONE 'UTC', a COLLATE nocase.noaccent, (a || b) COLLATE de`,
		`SELECT a[1][2], a[b[1]], a[1:2][3], (a).b.c, (a.b).c, f(a).b, (f(a))[1], [1, 2][1], {'a': 1}.a, a[:], a[:-1], a[1:-:2]`,
		`SELECT CAST(CAST(a AS INTEGER) AS VARCHAR), a::INTEGER[][], a::INTEGER[2][], a::DECIMAL(5), a::TIMESTAMP WITH TIME ZONE, a::MAP(VARCHAR, INTEGER[])`,
		`SELECT INTERVAL 3 DAY, INTERVAL '2' MONTH, DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00', true, false, a IS NOT TRUE, a IS UNKNOWN`,
		`SELECT (SELECT 1) + (SELECT 2), a IN (SELECT 1), a NOT IN (SELECT 1), a = ANY (SELECT 1), a <> ALL (SELECT 1), (a, b) IN (SELECT 1, 2), EXISTS (FROM t), NOT EXISTS (FROM t)`,
		`SELECT count(*), count(), count(DISTINCT a), sum(a + b) FILTER (WHERE a > b), string_agg(a, ', ' ORDER BY b DESC NULLS LAST, c), mode() WITHIN GROUP (ORDER BY a)`,
		// queries
		`((SELECT 1))`, `(SELECT 1 UNION SELECT 2) UNION ALL SELECT 3`, `SELECT 1 UNION (SELECT 2 UNION ALL SELECT 3)`, `SELECT 1 EXCEPT (SELECT 2 EXCEPT SELECT 3)`, `(SELECT 1 LIMIT 1) UNION (SELECT 2 ORDER BY 1) LIMIT 3 OFFSET 1`,
		`(SELECT 1 ORDER BY 1) LIMIT 5`, `(WITH a AS (SELECT 1) FROM a) UNION SELECT 2`, `WITH a AS (SELECT 1) SELECT * FROM a UNION SELECT 2`, `SELECT * FROM (VALUES (1, 2) LIMIT 1) v`, `VALUES (1) UNION VALUES (2)`, `(VALUES (1), (2) ORDER BY 1) LIMIT 1`,
		`SELECT DISTINCT a FROM t UNION SELECT DISTINCT ON (b) c FROM t`, `SELECT a FROM t GROUP BY a, b`, `SELECT 1 FROM t GROUP BY ()`, `SELECT a FROM t GROUP BY a, ROLLUP (b, c)`, `SELECT a FROM t GROUP BY CUBE (a, b), ROLLUP (c, d), e`, `SELECT a FROM t GROUP BY ROLLUP (a, b), a`, `SELECT a FROM t GROUP BY GROUPING SETS ((), (b, a), (a)), c`, `SELECT a FROM t GROUP BY 1 HAVING true`,
		`SELECT * FROM (a JOIN b USING (x)) JOIN (c JOIN d ON true) ON a.x = c.x`, `SELECT * FROM a, LATERAL (SELECT a.x) q`, `SELECT * FROM t TABLESAMPLE bernoulli(1.5%)`, `SELECT * FROM t USING SAMPLE 5 ROWS`, `SELECT f.* EXCLUDE (a), t.* FROM f`,
		`EXPLAIN SELECT 1`, `EXPLAIN (SELECT 1)`, `DESCRIBE SELECT 1 UNION SELECT 2`, `SHOW t`,
	}
	for _, sql := range slices.Concat(statements, more) {
		first, err := adapter.Parse(t.Context(), sql)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		text, err := adapter.Render(first, true)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		second, err := adapter.Parse(t.Context(), text)
		if err != nil {
			t.Errorf("%q: rendered %q: %v", sql, text, err)
			continue
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%q: %q is another tree", sql, text)
		}
		if again, err := adapter.Render(second, true); err != nil || again != text {
			t.Errorf("%q: %q, then %q (%v)", sql, text, again, err)
		}
	}
}

// DOUBLE stays DOUBLE and DECIMAL stays DECIMAL, with its width.
func TestLiteralSpelling(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"SELECT 1e3":                        "SELECT 1000.0e0",
		"SELECT 1.50":                       "SELECT 1.50",
		"SELECT .5":                         "SELECT .5",
		"SELECT 0.5":                        "SELECT 0.5",
		"SELECT 5.":                         "SELECT 5.",
		"SELECT -5":                         "SELECT (-5)",
		"SELECT 12345678901234567890123.45": "SELECT 12345678901234567890123.45",
		"SELECT 'it''s'":                    "SELECT 'it''s'",
		"SELECT e'a\\nb'":                   "SELECT 'a\nb'",
		"SELECT true":                       "SELECT CAST('t' AS BOOLEAN)",
	} {
		s, err := adapter.Parse(t.Context(), sql)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		if got, err := adapter.Render(s, true); err != nil || got != want {
			t.Errorf("%q: %q (%v), want %q", sql, got, err, want)
		}
	}
}

// The words that are quoted are DuckDB's own list and two more.
func TestKeywordsAreDuckDBs(t *testing.T) {
	t.Parallel()
	db, err := duckdblib.Open("", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	statement, err := conn.Prepare("SELECT string_agg(keyword_name, ' ' ORDER BY keyword_name) FROM duckdb_keywords()")
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	result, err := statement.Run()
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	chunk, err := result.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer chunk.Close()
	want := strings.Fields(string(chunk.Vector(0).Texts(1)[0].Bytes()))
	if got := strings.Fields(duckdbKeywords); !slices.Equal(got, want) {
		t.Errorf("keywords differ from those of DuckDB %s:\n%q\n%q", duckdblib.Version(), got, want)
	}
}
