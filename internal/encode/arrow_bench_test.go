package encode_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

const arrowBenchRows = 2048

// flights returns a chunk as a scan yields it: an instant, two numbers, two short texts.
func flights(together bool) ([]encode.Column, *encode.Chunk) {
	cols := []encode.Column{
		{Name: "at", Type: &encode.Type{Kind: encode.Timestamp, Name: "TIMESTAMP", Unit: encode.Microsecond}},
		{Name: "delay", Type: &encode.Type{Kind: encode.Int32, Name: "INTEGER"}},
		{Name: "distance", Type: &encode.Type{Kind: encode.Int32, Name: "INTEGER"}},
		{Name: "origin", Type: &encode.Type{Kind: encode.Text, Name: "VARCHAR"}},
		{Name: "city", Type: &encode.Type{Kind: encode.Text, Name: "VARCHAR"}},
	}
	ats, delays, distances := make([]int64, arrowBenchRows), make([]int32, arrowBenchRows), make([]int32, arrowBenchRows)
	origins, cities := make([][]byte, arrowBenchRows), make([][]byte, arrowBenchRows)
	valid := make([]uint64, arrowBenchRows/64)
	for i := range arrowBenchRows {
		ats[i] = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro() + int64(i)*61_000_000
		delays[i], distances[i] = int32(i%211-50), int32(100+i%2900)
		origins[i], cities[i] = fmt.Appendf(nil, "S%02d", i%90), fmt.Appendf(nil, "San Francisco %d", i)
		if i%50 != 0 {
			valid[i/64] |= 1 << (i % 64)
		}
	}
	text := func(values [][]byte) encode.Vector {
		v := encode.Vector{Text: func(row int) []byte { return values[row] }}
		if together {
			v.Texts = func(dst []byte, ends []uint32, from, to, limit int) ([]byte, bool) {
				start := len(dst)
				for i, s := range values[from:to] {
					if len(s) > limit-len(dst) {
						return dst, false
					}
					dst = append(dst, s...)
					ends[i] = uint32(len(dst) - start)
				}
				return dst, true
			}
		}
		return v
	}
	return cols, &encode.Chunk{Rows: arrowBenchRows, Columns: []encode.Vector{
		{Int64s: ats}, {Int32s: delays, Valid: valid}, {Int32s: distances}, text(origins), text(cities),
	}}
}

func BenchmarkArrowBatch(b *testing.B) {
	for _, c := range []struct {
		name     string
		format   encode.Format
		together bool
	}{{"arrow", encode.Arrow, false}, {"arrow-texts", encode.Arrow, true}, {"json", encode.JSON, false}, {"csv", encode.CSV, false}} {
		b.Run(c.name, func(b *testing.B) {
			cols, chunk := flights(c.together)
			enc := mustNew(b, c.format, cols, encode.Options{})
			buf := enc.Begin(nil)
			b.ReportAllocs()
			for b.Loop() {
				buf = enc.Rows(buf[:0], chunk, 0, chunk.Rows)
			}
			report(b, len(buf))
		})
	}
	b.Run("arrow-single-rows", func(b *testing.B) {
		cols, chunk := flights(false)
		enc := mustNew(b, encode.Arrow, cols, encode.Options{})
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = buf[:0]
			for row := range chunk.Rows {
				buf = enc.Rows(buf, chunk, row, row+1)
			}
		}
		report(b, len(buf))
	})
	// What the messages of our own are measured against: the same batch through arrow-go's writer,
	// over arrays that borrow their buffers. Text is gathered before, which costs nothing here.
	b.Run("arrow-go", func(b *testing.B) {
		cols, chunk := flights(false)
		enc := mustNew(b, encode.Arrow, cols, encode.Options{})
		r, err := ipc.NewReader(bytes.NewReader(stream(b, enc, chunk)))
		if err != nil || !r.Next() {
			b.Fatal(err)
		}
		rec := r.RecordBatch()
		var out bytes.Buffer
		w := ipc.NewWriter(&out, ipc.WithSchema(r.Schema()), ipc.WithAllocator(memory.NewGoAllocator()))
		b.ReportAllocs()
		for b.Loop() {
			out.Reset()
			borrowed := make([]arrow.Array, rec.NumCols())
			for i, col := range rec.Columns() {
				d := col.Data()
				var buffers []*memory.Buffer
				for _, buf := range d.Buffers() {
					if buf != nil {
						buf = memory.NewBufferBytes(buf.Bytes())
					}
					buffers = append(buffers, buf)
				}
				borrowed[i] = array.MakeFromData(array.NewData(d.DataType(), d.Len(), buffers, nil, d.NullN(), 0))
			}
			if err := w.Write(array.NewRecordBatch(r.Schema(), borrowed, rec.NumRows())); err != nil {
				b.Fatal(err)
			}
		}
		report(b, out.Len())
	})
}

func report(b *testing.B, bytes int) {
	b.Helper()
	b.SetBytes(int64(bytes))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/arrowBenchRows, "ns/row")
}

// BenchmarkArrowWhole is a small answer from New to End.
func BenchmarkArrowWhole(b *testing.B) {
	cols, chunk := flights(true)
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		enc := mustNew(b, encode.Arrow, cols, encode.Options{})
		buf = enc.Begin(buf[:0])
		buf = enc.Rows(buf, chunk, 0, 10)
		buf = enc.End(buf, encode.Summary{Rows: 10})
	}
}
