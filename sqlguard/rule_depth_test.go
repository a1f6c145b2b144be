package sqlguard_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestDepth(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleDepth,
		refused{
			"SELECT (SELECT (SELECT (SELECT 1)))", "FROM (FROM (FROM (FROM t)))", "WITH a AS (SELECT 1 x), b AS (SELECT x FROM a), c AS (SELECT x FROM b) SELECT x FROM c", "SELECT (SELECT 1), (SELECT 2), (SELECT 3)", "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4",
			"WITH a AS (SELECT 1), b AS (SELECT 1), c AS (SELECT 1), d AS (SELECT 1) SELECT 1", "WITH a AS (SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) FROM a", "SELECT 1 FROM t GROUP BY CUBE (a, b, c, d, e)",
			"SELECT 1 WHERE EXISTS (SELECT 1 WHERE EXISTS (SELECT 1 WHERE EXISTS (SELECT 1)))",
		},
		accepted{
			"SELECT (SELECT (SELECT 1))", "FROM (FROM (FROM t))", "WITH a AS (SELECT 1 x), b AS (SELECT x FROM a) SELECT x FROM b", "SELECT (SELECT 1), (SELECT 2)", "SELECT 1 UNION SELECT 2 UNION SELECT 3",
			"WITH a AS (SELECT 1), b AS (SELECT 1), c AS (SELECT 1) SELECT 1", "SELECT 1 FROM t GROUP BY CUBE (a, b, c, d)",
		})
}

// doubled names each term after the one before it, twice.
func doubled(start, op string, times int) string {
	terms := []string{start + op + start + " AS c0"}
	for i := range times {
		terms = append(terms, fmt.Sprintf("c%d%sc%d AS c%d", i, op, i, i+1))
	}
	return "SELECT " + strings.Join(terms, ", ") + " FROM t"
}

// Whatever the bounds let through is planned quickly, however it doubles.
func TestGrowthBoundsPlanning(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	s := openScratch(t)
	for _, c := range []struct{ start, op string }{
		{"(delay = 1)", " AND "}, {"(delay = 1)", " OR "}, {"(delay = 1)", " AND NOT "}, {"delay", " + "}, {"delay", " = "}, {"origin", " || "}, {"delay", " IS DISTINCT FROM "}, {"(delay = 1)", " AND delay > 2 OR "},
	} {
		largest := 0
		for n := range 20 {
			q, err := g.Check(context.Background(), strings.Replace(doubled(c.start, c.op, n), "FROM t", "FROM flights", 1))
			if err != nil {
				continue
			}
			largest = n
			start := time.Now()
			if _, err := s.run("EXPLAIN "+q.SQL(), nil); err != nil {
				t.Errorf("%q doubled %d times: %v", c.op, n, err)
			}
			if took := time.Since(start); took > time.Second {
				t.Errorf("%q doubled %d times: planned in %v", c.op, n, took)
			}
		}
		if largest < 2 {
			t.Errorf("%q may not even be doubled 3 times", c.op)
		}
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	stars := func(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	joined := func(name string, n int) string { return strings.TrimSuffix(strings.Repeat(name+"||", n), "||") }
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleDepth,
		refused{
			doubled("a", "||", 10), doubled("a", "+", 30), doubled("(a = 1)", " AND ", 20),
			// through subqueries, CTEs, renamed columns, stars and outer names
			"SELECT " + joined("x", 40) + " FROM (SELECT " + joined("a", 40) + " AS x FROM t)",
			"SELECT " + joined("y", 40) + " FROM (SELECT " + joined("a", 40) + " AS x FROM t) q(y)",
			"SELECT " + joined("x", 40) + " FROM (SELECT * FROM (SELECT " + joined("a", 40) + " AS x FROM t))",
			"WITH c(z) AS (SELECT " + joined("a", 40) + " FROM t) SELECT " + joined("z", 40) + " FROM c",
			"SELECT (SELECT " + joined("q.x", 40) + ") FROM (SELECT " + joined("a", 40) + " AS x FROM t) q",
			"SELECT " + joined("x", 40) + " FROM (SELECT 1 AS x UNION ALL SELECT " + joined("a", 40) + " FROM t)",
			"SELECT " + joined(`"max(a)"`, 40) + " FROM (SELECT max(a), max(" + joined("a", 40) + ") FROM t)",
			"SELECT replace(replace(a, 'x', '" + strings.Repeat("y", 50) + "'), 'y', '" + strings.Repeat("z", 50) + "') FROM t",
			"SELECT " + strings.Repeat("hex(", 11) + "a" + strings.Repeat(")", 11) + " FROM t",
			"SELECT " + strings.Repeat("nullif(", 14) + "a" + strings.Repeat(", 1)", 14) + " FROM t",
			// casts write bytes as bits and quotes with backslashes
			"SELECT a::BLOB::BIT::VARCHAR::BLOB::BIT::VARCHAR FROM t", "SELECT a::BIT::VARCHAR::BIT::VARCHAR FROM t", "SELECT [[[[a]::VARCHAR]::VARCHAR]::VARCHAR]::VARCHAR FROM t", "SELECT [[[[a]::JSON]::JSON]::JSON]::JSON FROM t", "SELECT {'a': {'a': {'a': {'a': a}::VARCHAR}::VARCHAR}::VARCHAR}::VARCHAR FROM t",
			"SELECT CAST(TRY_CAST(CAST([a] AS VARCHAR) AS VARCHAR[]) AS VARCHAR), CAST([[a]::VARCHAR[]]::VARCHAR[][] AS VARCHAR) || hex(x::VARCHAR[]::VARCHAR)::VARCHAR FROM t",
			"SELECT " + strings.Repeat("concat([", 10) + "a" + strings.Repeat("])", 10) + " FROM t", "SELECT a::VARCHAR AS b, [b]::VARCHAR AS c, [c]::VARCHAR AS d, [d]::VARCHAR AS e FROM t",
			// stars multiply too
			"SELECT " + stars("*", 30) + " FROM (SELECT " + stars("*", 30) + " FROM t)", "SELECT " + stars("*", 400) + " FROM t", "WITH q AS (SELECT " + stars("*", 30) + " FROM t) SELECT " + stars("q.*", 30) + " FROM q", "SELECT " + stars("*", 150) + " FROM (SELECT " + stars("a", 150) + " FROM t)", "SELECT " + stars("*", 30) + " FROM (SELECT " + stars("*", 30) + " FROM t UNION ALL SELECT 1)",
			"SELECT NULL::INTEGER[4096], NULL::INTEGER[4096], NULL::INTEGER[4096], NULL::INTEGER[4096], NULL::INTEGER[4096]",
			// a number of something too long is made of it all the same
			"SELECT length(" + joined("x", 40) + ") = 1 FROM (SELECT " + joined("a", 40) + " AS x FROM t)", "SELECT CAST(" + joined("x", 40) + " AS INTEGER) FROM (SELECT " + joined("a", 40) + " AS x FROM t)",
			// conditions reset the length of a value, not the work of planning it
			"SELECT 1 FROM (SELECT " + strings.TrimSuffix(strings.Repeat("a = 1 AND ", 100), " AND ") + " AS x FROM t) WHERE " + strings.TrimSuffix(strings.Repeat("x OR ", 110), " OR "),
		},
		accepted{
			// true or false is no longer for what it looks at, and numbers are short
			"SELECT a IN (" + stars("1", 1_001) + ") FROM t", "SELECT a NOT IN (" + stars("'x'", 1_001) + ") AS b, b AND b, NOT b, (a IN (" + stars("1", 200) + "))::VARCHAR || 'x' FROM t", "SELECT a::INTEGER::VARCHAR || b::DATE::VARCHAR || c::VARCHAR || d::VARCHAR FROM t",
			"SELECT a::BLOB::BIT::VARCHAR FROM t", "SELECT a::VARCHAR::JSON::VARCHAR::JSON::VARCHAR FROM t", "SELECT '{\"a\": 1}'::JSON ->> 'a', (a::JSON -> 'b')::VARCHAR FROM t", "SELECT concat(a, ' ', b, ' ', c), concat_ws(', ', a, b, c) FROM t", "SELECT concat(" + stars("a", 40) + ") FROM t", "SELECT " + strings.TrimSuffix(strings.Repeat("a::VARCHAR || ", 40), " || ") + " FROM t",
			"SELECT *, a + 1 AS b FROM (SELECT *, a AS c FROM (SELECT * FROM t))", "SELECT *, * FROM t", "SELECT * FROM (SELECT " + stars("a + b", 500) + " FROM t)", "SELECT NULL::FLOAT[1536], a::FLOAT[384] FROM t",
			doubled("a", "||", 4), doubled("a", "+", 4), "SELECT a AS b, b AS c, c AS d FROM t",
			"SELECT x || 'a' || x FROM (SELECT a || b AS x FROM t)", "SELECT replace(a, 'x', 'yy') FROM t", "SELECT string_agg(a, ', ') FROM t",
			"SELECT " + strings.TrimSuffix(strings.Repeat("CASE WHEN a > 1 THEN 'x' ELSE 'y' END, ", 60), ", ") + " FROM t",
		})
}

// A long but flat query passes, although its rendering has more brackets.
func TestLongFlatQuery(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), "", nil, accepted{
		"SELECT 1 FROM t WHERE " + strings.Repeat("a = 1 AND ", 500) + "b = 2",
		"SELECT " + strings.Repeat("a = 1 AND b = 2, ", 250) + "c FROM t",
	})
}
