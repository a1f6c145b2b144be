package postgres

import (
	"context"
	"encoding/json"
	"io"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

const benchGround = `CREATE TABLE flights AS SELECT i AS id, 'AA' || i % 100 AS carrier, 'JFK' AS origin, now() - i * interval '1 hour' AS departed,
	i * 1.5 AS delay, (i % 1000)::numeric(8,2) AS price, i % 3 = 0 AS late, i % 7 AS stops FROM generate_series(1, 20000) i;
	ALTER TABLE flights ADD PRIMARY KEY (id); ANALYZE flights`

var benchQueries = []struct{ name, sql string }{
	{"constant", "SELECT 42 AS answer LIMIT 1001"},
	{"one row", "SELECT id, carrier, origin, departed, delay, price, late, stops FROM flights WHERE id = 4711 LIMIT 1001"},
	{"1000 rows", "SELECT id, carrier, origin, departed, delay, price, late, stops FROM flights ORDER BY id LIMIT 1000"},
}

// The obvious handler, without HTTP: what most people write.
func obvious(ctx context.Context, pool *pgxpool.Pool, sql string, w io.Writer) error {
	rows, err := pool.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	var answer struct {
		Columns []string `json:"columns"`
		Rows    [][]any  `json:"rows"`
	}
	for _, f := range rows.FieldDescriptions() {
		answer.Columns = append(answer.Columns, f.Name)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		answer.Rows = append(answer.Rows, values)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(answer)
}

func BenchmarkRun(b *testing.B) {
	s := start(b, benchGround, func(c *Config) { c.Queue = 1000 })
	config, err := pgxpool.ParseConfig(s.server.URL("reader", "postgres"))
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = 6
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	limits := generous
	for _, q := range benchQueries {
		ours := func() error {
			_, err := s.run(b.Context(), q.sql, limits, encode.JSON, io.Discard)
			return err
		}
		theirs := func() error { return obvious(b.Context(), pool, q.sql, io.Discard) }
		for _, who := range []struct {
			name string
			run  func() error
		}{{"sallyport", ours}, {"obvious", theirs}} {
			b.Run(q.name+"/one at a time/"+who.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := who.run(); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(q.name+"/six at a time/"+who.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetParallelism(3)
				var failed atomic.Pointer[error]
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := who.run(); err != nil {
							failed.Store(&err)
						}
					}
				})
				if err := failed.Load(); err != nil {
					b.Fatal(*err)
				}
			})
		}
	}
}

// What a ceiling on estimates adds to a query.
func BenchmarkEstimate(b *testing.B) {
	s := start(b, benchGround)
	for _, q := range benchQueries {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.engine.estimate(b.Context(), q.sql, nil, generous); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
