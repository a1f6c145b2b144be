package sqlguard_test

import (
	"fmt"
	"strings"
	"testing"

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

func TestGrowth(t *testing.T) {
	t.Parallel()
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
			// conditions reset the length of a value, not the work of planning it
			"SELECT 1 FROM (SELECT " + strings.TrimSuffix(strings.Repeat("a = 1 AND ", 100), " AND ") + " AS x FROM t) WHERE " + strings.TrimSuffix(strings.Repeat("x OR ", 110), " OR "),
		},
		accepted{
			doubled("a", "||", 5), doubled("a", "+", 7), "SELECT a AS b, b AS c, c AS d FROM t",
			"SELECT x || 'a' || x FROM (SELECT a || b AS x FROM t)", "SELECT replace(a, 'x', 'yy') FROM t", "SELECT string_agg(a, ', ') FROM t",
			"SELECT " + strings.TrimSuffix(strings.Repeat("CASE WHEN a > 1 THEN 'x' ELSE 'y' END, ", 60), ", ") + " FROM t",
		})
}
