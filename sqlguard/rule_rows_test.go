package sqlguard_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// The row cap holds whatever the SQL says: the answer on a table of 5,000
// rows is counted.
func TestRowCap(t *testing.T) {
	t.Parallel()
	const rows, table = 50, 5_000
	g := newGuard(t, sqlguard.Policy{MaxRows: rows}, nil)
	s := openScratch(t)
	values := "VALUES (1)" + strings.Repeat(", (1)", 99)
	for _, c := range []struct {
		sql    string
		params []string
		want   int // rows
		capped bool
	}{
		{sql: "SELECT * FROM flights", want: rows, capped: true},
		{sql: "FROM flights", want: rows, capped: true},
		{sql: "TABLE flights", want: rows, capped: true},
		{sql: values, want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT 999999999", want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT 99999999999999999999999999", want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT 51", want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT 50", want: rows},
		{sql: "SELECT * FROM flights LIMIT 7", want: 7},
		{sql: "SELECT * FROM flights LIMIT 0", want: 0},
		{sql: "SELECT * FROM flights LIMIT ALL", want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT NULL", want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT 100%", want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT 0.1%", want: 5, capped: true},
		{sql: "SELECT * FROM flights LIMIT 100 PERCENT OFFSET 10", want: rows, capped: true},
		{sql: "SELECT * FROM flights OFFSET 10", want: rows, capped: true},
		{sql: "SELECT * FROM flights OFFSET 4990", want: 10, capped: true},
		{sql: "SELECT * FROM flights LIMIT 5 OFFSET 4998", want: 2},
		{sql: "SELECT * FROM flights FETCH FIRST 4000 ROWS ONLY", want: rows, capped: true},
		{sql: "SELECT * FROM (SELECT * FROM flights LIMIT 5)", want: 5, capped: true},
		{sql: "SELECT * FROM (SELECT * FROM flights LIMIT 500)", want: rows, capped: true},
		{sql: "SELECT * FROM flights WHERE delay > (SELECT min(delay) FROM flights LIMIT 1)", want: rows, capped: true},
		{sql: "SELECT 'limit 5' FROM flights", want: rows, capped: true},
		{sql: "SELECT origin AS \"limit\" FROM flights", want: rows, capped: true},
		{sql: "(SELECT * FROM flights LIMIT 5)", want: 5},
		{sql: "(SELECT * FROM flights LIMIT 500)", want: rows, capped: true},
		{sql: "SELECT delay FROM flights UNION ALL SELECT delay FROM flights", want: rows, capped: true},
		{sql: "(SELECT delay FROM flights LIMIT 5) UNION ALL (SELECT delay FROM flights LIMIT 500)", want: rows, capped: true},
		{sql: "SELECT delay FROM flights UNION ALL SELECT delay FROM flights LIMIT 3", want: 3},
		{sql: "WITH a AS (SELECT * FROM flights LIMIT 5) SELECT * FROM flights", want: rows, capped: true},
		{sql: "SELECT * FROM flights USING SAMPLE 100%", want: rows, capped: true},
		{sql: "SELECT * FROM flights USING SAMPLE 1000", want: rows, capped: true},
		{sql: "SELECT * FROM flights TABLESAMPLE reservoir(20)", want: 20, capped: true},
		{sql: "SELECT * FROM flights LIMIT $1", params: []string{"999999999"}, want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT $1", params: []string{"0999999999"}, want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT ?", params: []string{"7"}, want: 7, capped: true},
		{sql: "SELECT * FROM flights LIMIT $1%", params: []string{"100"}, want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT $1 OFFSET $2", params: []string{"4000", "10"}, want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT least(CAST($1 AS BIGINT), 9999)", params: []string{"9999"}, want: rows, capped: true},
		{sql: "SELECT * FROM flights LIMIT least(CAST($1 AS BIGINT), 9)", params: []string{"9999"}, want: 9, capped: true},
	} {
		q, err := g.Check(context.Background(), c.sql)
		if err != nil {
			t.Errorf("%q: %v", c.sql, err)
			continue
		}
		got, err := s.run(q.SQL(), c.params)
		if err != nil || len(got) != c.want {
			t.Errorf("%q: %d rows of %d (%v), want %d\n%q", c.sql, len(got), table, err, c.want, q.SQL())
		}
		if (q.CappedAt() == rows) != c.capped || !c.capped && q.CappedAt() != 0 {
			t.Errorf("%q: capped at %d", c.sql, q.CappedAt())
		}
		if again, err := g.Check(context.Background(), q.SQL()); err != nil || again.SQL() != q.SQL() {
			t.Errorf("%q: not a fixed point: %v", q.SQL(), err)
		}
	}
	// A parameter that is NULL asks for all.
	q, err := g.Check(context.Background(), "SELECT * FROM flights LIMIT $1")
	if want := fmt.Sprintf("SELECT * FROM flights LIMIT least(CAST($1 AS BIGINT), %d)", rows); err != nil || q.SQL() != want {
		t.Errorf("%q, %v, want %q", q.SQL(), err, want)
	}
	if got, err := s.run(strings.ReplaceAll(q.SQL(), "$1", "NULL"), nil); err != nil || len(got) != rows {
		t.Errorf("%d rows for a limit of NULL: %v", len(got), err)
	}
}

// A statement of the greatest depth may have a limit in percent, although the
// row cap then takes one SELECT more.
func TestPercentAtFullDepth(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), "", nil, accepted{
		"SELECT * FROM (SELECT * FROM (SELECT * FROM flights)) LIMIT 10%",
		"SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 LIMIT 50%",
	})
}

// The alias of the guard's own SELECT opens nothing to those who write it: only
// the very query that the guard makes counts as one SELECT less.
func TestForgedCap(t *testing.T) {
	t.Parallel()
	const deepest = "SELECT * FROM (SELECT * FROM (SELECT * FROM flights)) LIMIT 5%"
	g := newGuard(t, sqlguard.Policy{MaxRows: 50}, nil)
	judgeAll(t, g, sqlguard.RuleDepth, refused{
		"SELECT * FROM (" + deepest + ") AS limited", "SELECT * FROM (" + deepest + ") AS limited LIMIT 49", "SELECT * FROM (" + deepest + ") AS limited LIMIT 51", "SELECT * FROM (" + deepest + ") AS limited LIMIT 50%",
		"SELECT * FROM (" + deepest + ") AS limited LIMIT 50 OFFSET 1", "SELECT * FROM (" + deepest + ") AS limited ORDER BY 1 LIMIT 50", "SELECT * FROM (" + deepest + ") AS limited WHERE delay > (SELECT 1) LIMIT 50", "SELECT delay FROM (" + deepest + ") AS limited LIMIT 50",
		"SELECT DISTINCT * FROM (" + deepest + ") AS limited LIMIT 50", "SELECT * FROM (" + deepest + ") AS limited (a) LIMIT 50", "SELECT * FROM (" + deepest + ") AS limited GROUP BY ALL LIMIT 50", "SELECT * FROM (" + deepest + ") AS limited USING SAMPLE 5 LIMIT 50",
		"SELECT *, 1 FROM (" + deepest + ") AS limited LIMIT 50", "SELECT limited.* FROM (" + deepest + ") AS limited LIMIT 50", "SELECT * FROM (" + deepest + ") AS LIMITED LIMIT 50", "WITH x AS (SELECT 1) SELECT * FROM (" + deepest + ") AS limited LIMIT 50",
		"SELECT * FROM (SELECT * FROM (" + deepest + ") AS limited LIMIT 50) AS limited LIMIT 50", "DESCRIBE SELECT * FROM (" + deepest + ") AS limited LIMIT 50", "EXPLAIN SELECT * FROM (" + deepest + ") AS limited LIMIT 50",
	}, accepted{deepest, "SELECT * FROM (" + deepest + ") AS limited LIMIT 50"})
}

func TestRows(t *testing.T) {
	t.Parallel()
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), sqlguard.RuleRows,
		refused{"SELECT 1 LIMIT 1 + 1", "SELECT 1 LIMIT -1", "SELECT 1 LIMIT '1'", "SELECT 1 LIMIT 1.5", "SELECT 1 OFFSET -1", "SELECT 1 LIMIT (SELECT 1)", "SELECT * FROM (SELECT 1 LIMIT abs(1))", "SELECT 1 LIMIT least(1, 2)", "SELECT 1 LIMIT least($1, 1000)", "SELECT 1 LIMIT least(TRY_CAST($1 AS BIGINT), 5)", "SELECT 1 LIMIT least(CAST(a AS BIGINT), 5)", "SELECT 1 LIMIT least(CAST($1 AS BIGINT), 10)%"},
		accepted{"SELECT 1 LIMIT 1", "SELECT 1 LIMIT NULL", "SELECT 1 LIMIT 12.5%", "SELECT 1 LIMIT $1 OFFSET $2"})
}
