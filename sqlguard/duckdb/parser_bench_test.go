package duckdb

import "testing"

const typicalSQL = "SELECT origin, count(*) AS flights, avg(delay) AS mean_delay FROM flights WHERE delay > 15 AND date >= DATE '2001-01-01' GROUP BY origin ORDER BY flights DESC LIMIT 10"

func BenchmarkSerialize(b *testing.B) {
	in, err := openInstance()
	if err != nil {
		b.Fatal(err)
	}
	defer in.close()
	for _, c := range []struct{ name, sql string }{{"empty", ""}, {"short", "SELECT 42"}, {"typical", typicalSQL}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := in.serialize(c.sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	in, err := openInstance()
	if err != nil {
		b.Fatal(err)
	}
	defer in.close()
	text, err := in.serialize(typicalSQL)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := in.read(text); err != nil {
			b.Fatal(err)
		}
	}
}
