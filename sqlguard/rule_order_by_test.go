package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestOrderBy(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleOrderBy,
		refused{
			"SELECT a FROM t ORDER BY abs(a)", "SELECT a FROM t ORDER BY a + 1", "SELECT a FROM t ORDER BY (SELECT 1)", "SELECT a FROM t ORDER BY a IS NULL", "SELECT a FROM t ORDER BY CASE WHEN a THEN 1 END", "SELECT a FROM t ORDER BY -1", "SELECT a FROM t ORDER BY 1.5", "SELECT a FROM t ORDER BY 'a'", "SELECT a FROM t ORDER BY NULL", "SELECT a FROM t ORDER BY $1",
			"SELECT * FROM (SELECT a FROM t ORDER BY abs(a))", "SELECT list(a ORDER BY abs(a)) FROM t", "SELECT a FROM t GROUP BY a ORDER BY sum(abs(b))", "SELECT a FROM t GROUP BY a ORDER BY list(b)", "SELECT a FROM t GROUP BY a ORDER BY count(*) FILTER (WHERE b)", "SELECT a FROM t UNION SELECT 1 ORDER BY abs(a)", "SELECT a FROM t ORDER BY *", "SELECT a FROM t ORDER BY random()",
		},
		accepted{"SELECT a FROM t ORDER BY a DESC NULLS LAST, 2, t.b", "SELECT a FROM t ORDER BY ALL", "SELECT a FROM t GROUP BY a ORDER BY count(*) DESC, avg(b), max(b)", "SELECT a FROM t ORDER BY a COLLATE nocase", "SELECT list(a ORDER BY b DESC) FROM t", "SELECT abs(a) AS x FROM t ORDER BY x"})
	judgeAll(t, newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, nil), sqlguard.RuleOrderBy,
		refused{
			"SELECT a FROM t ORDER BY abs(a)", "SELECT a FROM t ORDER BY (SELECT 1)", "SELECT a FROM t ORDER BY a = (SELECT 1)", "SELECT a FROM t ORDER BY random()", "SELECT a FROM t GROUP BY a ORDER BY list(b)", "SELECT a FROM t ORDER BY CASE WHEN lower(a) = 'x' THEN 1 END", "SELECT lower(b) FROM (SELECT a FROM t ORDER BY lower(b))", "SELECT (SELECT 1) FROM t ORDER BY (SELECT 1)", "SELECT sum(a) OVER (ORDER BY abs(a)) FROM t",
		},
		accepted{"SELECT a FROM t ORDER BY a + 1", "SELECT a FROM t ORDER BY a IS NULL, -b", "SELECT a FROM t ORDER BY CASE WHEN a > 1 THEN 1 ELSE b END DESC", "SELECT a FROM t ORDER BY CAST(a AS DOUBLE) / b", "SELECT a FROM t GROUP BY a ORDER BY sum(b * c) FILTER (WHERE b > 1) * 1.0 / count(*)", "SELECT lower(a), count(*) FROM t GROUP BY 1 ORDER BY lower(a)", "SELECT sum(a) OVER (ORDER BY a - b) FROM t"})
}
