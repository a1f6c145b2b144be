package postgres_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

const typical = "SELECT origin, count(*) AS flights, avg(delay) AS mean_delay FROM flights WHERE delay > 15 AND date >= DATE '2001-01-01' GROUP BY origin ORDER BY flights DESC LIMIT 10"

// BenchmarkCheck is the guard without a statement cache: parse, judge, render,
// parse and judge again.
func BenchmarkCheck(b *testing.B) {
	g := newGuard(b, sqlguard.Policy{}, nil)
	for _, c := range []struct{ name, sql string }{
		{"short", "SELECT 42"},
		{"typical", typical},
		{"long", "WITH busy AS (SELECT origin, count(*) AS n FROM flights GROUP BY origin HAVING count(*) > 1000), late AS (SELECT origin, date_trunc('month', date) AS month, sum(CASE WHEN delay > 15 THEN 1 ELSE 0 END) AS late, avg(delay) FILTER (WHERE delay > 0) AS mean FROM flights WHERE destination NOT LIKE 'X%' AND distance BETWEEN 100 AND 2500 GROUP BY 1, 2) SELECT origin, month, late, round(mean, 1) AS mean, coalesce(late, 0) * 100.0 / 30 AS share FROM late WHERE mean IS NOT NULL AND origin IN (SELECT origin FROM busy) ORDER BY month, share DESC NULLS LAST"},
		{"refused-by-text", "DROP TABLE flights"},
		{"refused-by-tree", "SELECT repeat(origin, 1000000) FROM flights"},
		{"wide", "SELECT " + strings.TrimSuffix(strings.Repeat("delay + 1, ", 200), ", ") + " FROM flights"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q, err := g.Check(context.Background(), c.sql)
				if (err == nil) != q.Valid() || q.Valid() == strings.HasPrefix(c.name, "refused") {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkParse is the parser and the lowering alone.
func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := adapter.Parse(context.Background(), typical); err != nil {
			b.Fatal(err)
		}
	}
}
