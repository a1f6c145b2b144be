package postgres

import (
	"context"
	"encoding/json"
	"io"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
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
				if _, err := s.engine.estimate(b.Context(), "", q.sql, nil, generous); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What decoding and encoding take, without a server, for the rows of
// benchQueries.
func BenchmarkRows(b *testing.B) {
	fields := []pgproto3.FieldDescription{
		{DataTypeOID: 23},
		{DataTypeOID: 25},
		{DataTypeOID: 25},
		{DataTypeOID: 1184},
		{DataTypeOID: oidNumeric, TypeModifier: -1},
		{DataTypeOID: oidNumeric, TypeModifier: 8<<16 | 2 + 4},
		{DataTypeOID: 16},
		{DataTypeOID: 23},
	}
	for i := range fields {
		fields[i].Name, fields[i].Format = []byte("column"), pgproto3.BinaryFormat
		if fields[i].DataTypeOID != oidNumeric {
			fields[i].TypeModifier = -1
		}
	}
	row := [][]byte{
		{0, 0, 0x12, 0x67},
		[]byte("AA11"), []byte("JFK"),
		{0, 2, 0xE5, 0x41, 0x9C, 0, 0x12, 0x34},
		{0, 2, 0, 0, 0, 0, 0, 1, 0x1B, 0x9A, 0x13, 0x88},
		{0, 1, 0, 0, 0, 0, 0, 2, 2, 0xC7},
		{1},
		{0, 0, 0, 3},
	}
	for _, format := range []encode.Format{encode.JSON, encode.CSV, encode.Arrow} {
		b.Run(format.String(), func(b *testing.B) {
			s := &statement{}
			if !s.describe(newTypes(), fields) {
				b.Fatal("a type is not known")
			}
			v := &conversation{conn: &conn{}, stmt: s, w: io.Discard, work: &work{format: format, limits: engine.Limits{Rows: 1 << 60, Bytes: 1 << 60}}}
			b.ReportAllocs()
			v.begin()
			for b.Loop() {
				v.row(row)
			}
			if v.encode(); v.cause != nil {
				b.Fatal(v.cause)
			}
		})
	}
}
