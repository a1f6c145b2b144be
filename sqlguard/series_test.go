package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestSeries(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, shop), sqlguard.RuleGenerator,
		refused{
			"FROM generate_series(1, 1000000)", "FROM range(10001)", "FROM generate_series(1, 10001)", "FROM generate_series(1, 20002, 2)", "FROM generate_series(1, $1)", "FROM generate_series(1, 5 + 5)", "FROM generate_series(1, 10, 0)", "FROM generate_series(-9000, 9000)", "FROM range(0, 99999999999999999999)", "FROM generate_series(1, (SELECT max(a) FROM pairs))",
			"FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-12-31', INTERVAL 1 MICROSECOND)", "FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-12-31', INTERVAL '1 second')", "FROM generate_series(DATE '2024-01-01', DATE 'infinity', INTERVAL 1 DAY)", "FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL '0 days')", "FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL '-1 day')", "FROM generate_series(DATE '0001-01-01', DATE '9999-12-31', INTERVAL 1 DAY)", "FROM generate_series(DATE '2024-01-01', now(), INTERVAL 1 DAY)", "FROM generate_series(CAST(CAST('2001-01-01 23:59:59' AS DATE) AS TIMESTAMP), TIMESTAMP '2001-01-02', INTERVAL '1 second')", "FROM generate_series(DATE '2001-01-01 23:59:59', DATE '2001-01-02', INTERVAL '1 second')", "FROM generate_series(TIMESTAMPTZ '2001-01-01', TIMESTAMP '2001-01-01', INTERVAL '1 second')", "FROM generate_series(NULL, NULL)",
			"SELECT generate_series(1, 5)", "SELECT unnest(generate_series(1, 5))", "FROM unnest([1, 2])", "FROM repeat_row(1, num_rows = 5)", "SELECT 1 WHERE 3 IN (SELECT unnest(range(5)))",
			"SELECT 1 FROM range(2) a(n) JOIN range(2) b(n) ON a.n = b.n JOIN range(2) c(n) ON b.n = c.n JOIN range(2) d(n) ON c.n = d.n JOIN range(2) e(n) ON d.n = e.n",
		},
		accepted{
			"FROM generate_series(1, 10000)", "FROM range(10000)", "FROM range(12)", "FROM generate_series(1, 100, 5)", "FROM generate_series(10, 1, -1)", "FROM generate_series(-5, 5)", "FROM range(10, 0)", "SELECT g.n FROM generate_series(1, 12) AS g(n) LEFT JOIN orders ON month(o_date) = g.n", "FROM generate_series(TIMESTAMP '2024-01-01', TIMESTAMP '2024-12-31 23:59:59', INTERVAL 1 HOUR)",
			"FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL 1 DAY)", "FROM generate_series(CAST(DATE '2024-01-01' AS TIMESTAMP), TIMESTAMP '2024-12-31', INTERVAL 1 DAY)", "FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL '1 month')", "FROM range(DATE '2024-01-01', DATE '2024-12-31', INTERVAL '2' WEEKS)", "SELECT 1 WHERE 3 IN (FROM generate_series(1, 5))",
		})
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleGenerator, refused{"FROM generate_series(1, 5)", "FROM range(3)"}, nil)
	judgeAll(t, newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst, DenyFunctions: []string{"generate_series"}}, nil), sqlguard.RuleFunction, refused{"FROM generate_series(1, 5)"}, accepted{"FROM range(3)"})
	judgeAll(t, newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, shop), sqlguard.RuleUnkeyedJoin, refused{"FROM orders, range(3)", "FROM range(3), range(4)"}, nil)
}
