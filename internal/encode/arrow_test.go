package encode_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// arrowColumns makes rows of the given types.
func arrowColumns(g generator, types []*encode.Type, rows int) ([]encode.Column, *encode.Chunk, [][]string) {
	var cols []encode.Column
	var want [][]string
	c := &encode.Chunk{Rows: rows}
	for i, t := range types {
		s := g.column(t, rows, func(int) bool { return false })
		cols = append(cols, encode.Column{Name: fmt.Sprint("c", i), Type: t})
		c.Columns = append(c.Columns, s.vec)
		want = append(want, s.want)
	}
	return cols, c, want
}

// stream encodes the rows of the chunk piece by piece.
func stream(tb testing.TB, enc encode.Encoder, c *encode.Chunk, pieces ...int) []byte {
	tb.Helper()
	out := enc.Begin(nil)
	from := 0
	for _, n := range append(pieces, c.Rows) {
		to := min(from+n, c.Rows)
		out = enc.Rows(out, c, from, to)
		from = to
	}
	out = enc.End(out, encode.Summary{Rows: int64(c.Rows)})
	if err := enc.Err(); err != nil {
		tb.Fatal(err)
	}
	return out
}

func checkColumns(tb testing.TB, types []*encode.Type, got arrowResult, want [][]string) {
	tb.Helper()
	for i := range want {
		if slices.Equal(got.columns[i], want[i]) {
			continue
		}
		if len(got.columns[i]) != len(want[i]) {
			tb.Fatalf("column %d (%+v): %d rows, want %d", i, types[i], len(got.columns[i]), len(want[i]))
		}
		for row := range want[i] {
			if got.columns[i][row] != want[i][row] {
				tb.Fatalf("column %d (%+v), row %d: got %s, want %s", i, types[i], row, got.columns[i][row], want[i][row])
			}
		}
	}
}

// TestArrowKinds reads every kind back, in one piece and in pieces that fit no word of validity.
func TestArrowKinds(t *testing.T) {
	t.Parallel()
	for i, typ := range append(scalarTypes[:len(scalarTypes):len(scalarTypes)],
		listOf(textType), listOf(listOf(intType)), mapOf(kindOf(encode.UUID), intType), mapOf(textType, listOf(intType)),
		&encode.Type{Kind: encode.Array, Size: 3, Elem: textType}, structOf(encode.Field{Name: "a", Type: textType}, encode.Field{Name: "a", Type: intType}),
		unionOf(encode.Field{Name: "a", Type: textType}, encode.Field{Type: intType}), unionOf(encode.Field{Type: unionOf(encode.Field{Type: intType})}),
	) {
		for seed := range uint64(3) { // with and without NULLs and Texts
			types := []*encode.Type{typ}
			cols, c, want := arrowColumns(generator{rand.New(rand.NewPCG(seed, uint64(i)))}, types, 700)
			for _, pieces := range [][]int{nil, {1, 2, 61, 7, 600}, {513, 5}, {100, 512}} {
				enc := mustNew(t, encode.Arrow, cols, encode.Options{})
				checkColumns(t, types, readArrow(t, stream(t, enc, c, pieces...)), want)
			}
		}
	}
}

func TestArrowEnd(t *testing.T) {
	t.Parallel()
	cols := []encode.Column{{Name: "", Type: intType}, {Name: "a\xff", Type: textType}, {Name: "", Type: decimalOf(18, 3)}}
	enc := mustNew(t, encode.Arrow, cols, encode.Options{})
	for _, s := range []encode.Summary{{}, {Rows: 12345678901, Truncated: true}} {
		got := readArrow(t, enc.End(enc.Begin(nil), s))
		want := map[string]string{"sallyport.status": "complete", "sallyport.rows": fmt.Sprint(s.Rows), "sallyport.truncated": fmt.Sprint(s.Truncated)}
		if fmt.Sprint(got.end) != fmt.Sprint(want) || !slices.Equal(got.batches, []int{0}) {
			t.Errorf("ends with %v after batches of %v", got.end, got.batches)
		}
		if s := got.schema.String(); !strings.Contains(s, `"DECIMAL"`) {
			t.Errorf("no name of the engine's type in %s", s)
		}
		if got.schema.Field(0).Name != "" || got.schema.Field(1).Name != "a\uFFFD" || got.schema.Field(2).Name != "" {
			t.Errorf("names changed: %v", got.schema)
		}
	}
}

// TestArrowWithoutColumns: SELECT FROM t has rows all the same.
func TestArrowWithoutColumns(t *testing.T) {
	t.Parallel()
	enc := mustNew(t, encode.Arrow, nil, encode.Options{})
	got := readArrow(t, stream(t, enc, &encode.Chunk{Rows: 700}, 3))
	if !slices.Equal(got.batches, []int{3, 697, 0}) {
		t.Errorf("batches of %v rows", got.batches)
	}
}

// TestArrowBatches: few rows are collected, many are a batch at once.
func TestArrowBatches(t *testing.T) {
	t.Parallel()
	cols, c, want := arrowColumns(generator{rand.New(rand.NewPCG(1, 1))}, []*encode.Type{intType, textType}, 5000)
	enc := mustNew(t, encode.Arrow, cols, encode.Options{})
	got := readArrow(t, stream(t, enc, c, 2000, 1, 1, 1, 600))
	if !slices.Equal(got.batches, []int{2000, 3, 600, 2397, 0}) {
		t.Errorf("batches of %v rows", got.batches)
	}
	checkColumns(t, []*encode.Type{intType, textType}, got, want)
	got = readArrow(t, stream(t, enc, c, slices.Repeat([]int{1}, 5000)...))
	if !slices.Equal(got.batches, []int{2048, 2048, 904, 0}) {
		t.Errorf("single rows make batches of %v rows", got.batches)
	}
	checkColumns(t, []*encode.Type{intType, textType}, got, want)
}

// TestArrowStepIsBounded: large values make batches of few rows, however many rows a call is given,
// and a value that many rows share is not copied beyond all bounds.
func TestArrowStepIsBounded(t *testing.T) {
	t.Parallel()
	large := []byte(strings.Repeat("x", 300<<10))
	text := func(int) []byte { return large }
	all := func(int) bool { return true }
	lists := make([]encode.ListEntry, 2048)
	for i := range lists {
		lists[i] = encode.ListEntry{Length: 1 << 18}
	}
	for name, col := range map[string]struct {
		typ *encode.Type
		vec encode.Vector
	}{
		"text":  {textType, encode.Vector{Text: text}},
		"texts": {textType, encode.Vector{Text: text, Texts: together(text, all)}},
		"list":  {listOf(kindOf(encode.Int8)), encode.Vector{Lists: lists, Child: &encode.Vector{Int8s: make([]int8, 1<<18)}}},
		"nulls": {listOf(kindOf(encode.Null)), encode.Vector{Lists: lists, Child: &encode.Vector{Valid: make([]uint64, 1<<12)}}},
	} {
		for _, rows := range []int{100, 700} {
			enc := mustNew(t, encode.Arrow, []encode.Column{{Type: col.typ}}, encode.Options{})
			c := &encode.Chunk{Rows: rows, Columns: []encode.Vector{col.vec}}
			enc.Begin(nil)
			steps := 0
			var buf []byte
			for from := 0; from < rows; steps++ {
				buf, from = enc.Step(buf[:0], c, from, rows)
				if len(buf) > 2<<20 {
					t.Fatalf("%s: one step appends %d bytes", name, len(buf))
				}
			}
			if steps < rows/4 {
				t.Errorf("%s: %d rows in %d steps", name, rows, steps)
			}
			if err := enc.Err(); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestArrowRowTooLarge(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{1, 10, 1000} {
		for _, length := range []int{996, 997} { // four more bytes are the offset
			texts := make([]string, rows)
			texts[rows-1] = strings.Repeat("x", length)
			text := func(i int) []byte { return []byte(texts[i]) }
			c := &encode.Chunk{Rows: rows, Columns: []encode.Vector{{Text: text}}}
			enc := mustNew(t, encode.Arrow, []encode.Column{{Type: textType}}, encode.Options{MaxRowBytes: 1000})
			out := enc.Rows(enc.Begin(nil), c, 0, rows)
			before := len(out)
			out = enc.End(out, encode.Summary{})
			if tooLarge := length > 996; errors.Is(enc.Err(), encode.ErrRowTooLarge) != tooLarge {
				t.Errorf("%d rows, %d bytes: %v", rows, length, enc.Err())
			} else if tooLarge && len(out) != before {
				t.Error("an answer that broke off has an end")
			}
			if enc.Begin(nil); enc.Err() != nil {
				t.Error("Begin does not forget")
			}
		}
	}
}

// TestArrowOutOfRange: what does not fit its type ends the answer and is never shown as something else.
func TestArrowOutOfRange(t *testing.T) {
	t.Parallel()
	const hi, lo = 0x4b3b4ca85a86c47a, 0x098a224000000000 // 10^38
	interval := func(micros int64) encode.Vector {
		return encode.Vector{Intervals: []encode.IntervalValue{{Micros: micros}}}
	}
	for _, c := range []struct {
		typ  *encode.Type
		vec  encode.Vector
		want string // "": an error
	}{
		{kindOf(encode.Int128), int128(hi, lo-1), strings.Repeat("9", 38)},
		{kindOf(encode.Int128), int128(hi, lo), ""},
		{kindOf(encode.Int128), int128(math.MinInt64, 0), ""},
		{kindOf(encode.Interval), interval(math.MaxInt64 / 1000), "0 0 9223372036854775000"},
		{kindOf(encode.Interval), interval(math.MaxInt64/1000 + 1), ""},
		{kindOf(encode.Interval), interval(math.MinInt64), ""},
		{unitOf(encode.Time, encode.Millisecond), int64Of(math.MaxInt32 + 1), ""},
		{kindOf(encode.Date), encode.Vector{Int32s: []int32{encode.Infinity32}}, "2147483647"},
		{unitOf(encode.Timestamp, encode.Microsecond), int64Of(-encode.Infinity64), "-9223372036854775807"},
	} {
		for _, typ := range []*encode.Type{c.typ, structOf(encode.Field{Type: c.typ})} {
			vec, want := c.vec, c.want
			if typ != c.typ {
				vec, want = encode.Vector{Fields: []*encode.Vector{ptr(c.vec)}}, "{"+want+";}"
			}
			enc := mustNew(t, encode.Arrow, []encode.Column{{Type: typ}}, encode.Options{})
			out := enc.Rows(enc.Begin(nil), &encode.Chunk{Rows: 1, Columns: []encode.Vector{vec}}, 0, 1)
			out = enc.End(out, encode.Summary{})
			if c.want == "" {
				if !errors.Is(enc.Err(), encode.ErrOutOfRange) || bytes.HasSuffix(out, []byte("\xff\xff\xff\xff\x00\x00\x00\x00")) {
					t.Errorf("%+v: %v", c.vec, enc.Err())
				}
			} else if got := readArrow(t, out); got.columns[0][0] != want {
				t.Errorf("%+v: got %s, want %s", c.vec, got.columns[0], want)
			}
		}
	}
}

func TestArrowRefusesTypes(t *testing.T) {
	t.Parallel()
	deep := intType
	for range 65 {
		deep = listOf(deep)
	}
	for _, typ := range []*encode.Type{deep, unionOf(make129()...), structOf(encode.Field{Type: unionOf(make129()...)})} {
		if _, err := encode.New(encode.Arrow, []encode.Column{{Type: typ}}, encode.Options{}); err == nil || !strings.Contains(err.Error(), "column 1") {
			t.Errorf("%v: %v", typ.Kind, err)
		}
		mustNew(t, encode.JSON, []encode.Column{{Type: typ}}, encode.Options{})
	}
	mustNew(t, encode.Arrow, []encode.Column{{Type: deep.Elem}, {Type: unionOf(make129()[:128]...)}}, encode.Options{})
}

func make129() []encode.Field {
	return slices.Repeat([]encode.Field{{Type: intType}}, 129)
}

// FuzzArrow makes a result of random types and values, encodes it in random pieces, and reads it back.
func FuzzArrow(f *testing.F) {
	for seed := range uint64(24) {
		f.Add(seed, uint16(seed*97), int32(0))
	}
	f.Add(uint64(7), uint16(900), int32(4000))
	f.Fuzz(func(t *testing.T, seed uint64, rows uint16, maxRow int32) {
		g := generator{rand.New(rand.NewPCG(seed, 0))}
		types := make([]*encode.Type, g.IntN(5))
		for i := range types {
			types[i] = g.typ(0)
		}
		n := int(rows % 2500)
		cols, c, want := arrowColumns(g, types, n)
		enc := mustNew(t, encode.Arrow, cols, encode.Options{MaxRowBytes: int(max(0, maxRow))})
		out := enc.Begin(nil)
		for from := 0; from < n; {
			to := min(n, from+1+g.IntN(1+g.IntN(1000)))
			if g.IntN(2) == 0 {
				out = enc.Rows(out, c, from, to)
				from = to
			} else {
				out, from = enc.Step(out, c, from, to)
			}
		}
		out = enc.End(out, encode.Summary{Rows: int64(n)})
		if err := enc.Err(); errors.Is(err, encode.ErrRowTooLarge) && maxRow > 0 {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		got := readArrow(t, out)
		checkColumns(t, types, got, want)
		if got.end["sallyport.rows"] != fmt.Sprint(n) {
			t.Errorf("ends with %v", got.end)
		}
	})
}
