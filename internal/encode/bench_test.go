package encode_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

const benchRows = 1000

// mixed returns 1,000 rows of five columns as a result commonly has them: a key, a measure, a
// name, an instant and a price.
func mixed() ([]encode.Column, *encode.Chunk) {
	cols := []encode.Column{
		{Name: "id", Type: &encode.Type{Kind: encode.Int64, Name: "BIGINT"}},
		{Name: "delay", Type: &encode.Type{Kind: encode.Float64, Name: "DOUBLE"}},
		{Name: "city", Type: &encode.Type{Kind: encode.Text, Name: "VARCHAR"}},
		{Name: "at", Type: &encode.Type{Kind: encode.TimestampTZ, Name: "TIMESTAMP WITH TIME ZONE", Unit: encode.Microsecond}},
		{Name: "price", Type: &encode.Type{Kind: encode.Decimal, Name: "DECIMAL(12,2)", Width: 12, Scale: 2}},
	}
	ids, delays, ats, prices := make([]int64, benchRows), make([]float64, benchRows), make([]int64, benchRows), make([]int64, benchRows)
	cities := make([][]byte, benchRows)
	valid := make([]uint64, benchRows/64+1)
	for i := range benchRows {
		ids[i] = int64(i) * 7_919_317
		delays[i] = float64(i)*1.37 - 100.5
		ats[i] = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro() + int64(i)*61_234_567
		prices[i] = int64(i)*12345 - 1000
		cities[i] = fmt.Appendf(nil, "San Francisco %d", i)
		if i%10 != 0 {
			valid[i/64] |= 1 << (i % 64)
		}
	}
	c := &encode.Chunk{Rows: benchRows, Columns: []encode.Vector{
		{Int64s: ids},
		{Float64s: delays, Valid: valid},
		{Text: func(row int) []byte { return cities[row] }},
		{Int64s: ats},
		{Int64s: prices},
	}}
	return cols, c
}

// boxed returns the same rows as database/sql scans them.
func boxed(c *encode.Chunk) [][]any {
	rows := make([][]any, c.Rows)
	for i := range rows {
		var delay any = c.Columns[1].Float64s[i]
		if i%10 == 0 {
			delay = nil
		}
		rows[i] = []any{
			c.Columns[0].Int64s[i],
			delay,
			string(c.Columns[2].Text(i)),
			time.UnixMicro(c.Columns[3].Int64s[i]).UTC(),
			float64(c.Columns[4].Int64s[i]) / 100,
		}
	}
	return rows
}

func BenchmarkRows(b *testing.B) {
	for _, f := range []encode.Format{encode.JSON, encode.NDJSON, encode.CSV, encode.TSV} {
		b.Run(f.String(), func(b *testing.B) {
			cols, c := mixed()
			enc, err := encode.New(f, cols, encode.Options{})
			if err != nil {
				b.Fatal(err)
			}
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = enc.Begin(buf[:0])
				buf = enc.Rows(buf, c, 0, c.Rows)
				buf = enc.End(buf, encode.Summary{Rows: int64(c.Rows)})
			}
			b.SetBytes(int64(len(buf)))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
	// What the encoder is measured against: the same rows, already scanned, through encoding/json.
	b.Run("encoding-json", func(b *testing.B) {
		_, c := mixed()
		rows := boxed(c)
		var buf bytes.Buffer
		b.ReportAllocs()
		for b.Loop() {
			buf.Reset()
			if err := json.NewEncoder(&buf).Encode(rows); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(buf.Len()))
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
	})
}

// BenchmarkColumn shows the cost of each kind of column alone, in JSON.
func BenchmarkColumn(b *testing.B) {
	cols, c := mixed()
	for i := range cols {
		b.Run(cols[i].Name, func(b *testing.B) {
			enc, err := encode.New(encode.JSON, cols[i:i+1], encode.Options{})
			if err != nil {
				b.Fatal(err)
			}
			one := &encode.Chunk{Rows: c.Rows, Columns: c.Columns[i : i+1]}
			var buf []byte
			for b.Loop() {
				buf = enc.Begin(buf[:0])
				buf = enc.Rows(buf, one, 0, one.Rows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}
