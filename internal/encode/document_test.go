package encode_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

var formats = []encode.Format{encode.JSON, encode.NDJSON, encode.CSV, encode.TSV}

// sample has names that repeat and that need escapes, and two rows, one of NULLs.
func sample() ([]encode.Column, *encode.Chunk) {
	cols := []encode.Column{
		{Name: "a", Type: &encode.Type{Kind: encode.Int32, Name: "INTEGER"}},
		{Name: "a", Type: &encode.Type{Kind: encode.Text, Name: "VARCHAR"}},
		{Name: "b\t\",", Type: &encode.Type{Kind: encode.Decimal, Name: "DECIMAL(5,1)", Width: 5, Scale: 1}},
	}
	return cols, &encode.Chunk{Rows: 2, Columns: []encode.Vector{
		only(encode.Vector{Int32s: []int32{1, 0}}, 0),
		only(texts("x", ""), 0),
		only(encode.Vector{Int32s: []int32{-25, 0}}, 0),
	}}
}

func TestWholeAnswers(t *testing.T) {
	t.Parallel()
	want := map[encode.Format]string{
		encode.JSON: `{"columns":[{"name":"a","type":"INTEGER"},{"name":"a","type":"VARCHAR"},{"name":"b\t\",","type":"DECIMAL(5,1)"}],` +
			`"rows":[[1,"x",-2.5],[null,null,null]],"row_count":2,"truncated":true,"elapsed_ms":1.234}`,
		encode.NDJSON: `{"a":1,"a_2":"x","b\t\",":-2.5}` + "\n" + `{"a":null,"a_2":null,"b\t\",":null}` + "\n",
		encode.CSV:    "a,a,\"b\t\"\",\"\r\n1,x,-2.5\r\n,,\r\n",
		encode.TSV:    "a\ta\tb\\t\",\n1\tx\t-2.5\n\\N\t\\N\t\\N\n",
	}
	for _, f := range formats {
		t.Run(f.String(), func(t *testing.T) {
			t.Parallel()
			cols, c := sample()
			enc := mustNew(t, f, cols, encode.Options{})
			s := encode.Summary{Rows: 2, Truncated: true, Elapsed: 1234 * time.Microsecond}
			for range 2 { // the second time shows that Begin forgets the first
				if got := whole(t, enc, c, s); got != want[f] {
					t.Errorf("got\n%s\nwant\n%s", got, want[f])
				}
			}
			// Row by row, and with empty ranges between, it is the same answer.
			out := enc.Begin(nil)
			for i := range c.Rows {
				out = enc.Rows(out, c, i, i)
				out = enc.Rows(out, c, i, i+1)
			}
			if out = enc.End(out, s); string(out) != want[f] {
				t.Errorf("row by row: got\n%s\nwant\n%s", out, want[f])
			}
		})
	}
}

func TestNoRows(t *testing.T) {
	t.Parallel()
	want := map[encode.Format]string{
		encode.JSON:   `{"columns":[{"name":"","type":"T"}],"rows":[],"row_count":0,"truncated":false,"elapsed_ms":0}`,
		encode.NDJSON: "",
		encode.CSV:    "\"\"\r\n",
		encode.TSV:    "\n",
	}
	for _, f := range formats {
		enc := mustNew(t, f, []encode.Column{{Type: kindOf(encode.Int8)}}, encode.Options{})
		if got := whole(t, enc, &encode.Chunk{Columns: make([]encode.Vector, 1)}, encode.Summary{}); got != want[f] {
			t.Errorf("%v: got %q, want %q", f, got, want[f])
		}
	}
}

func TestNoColumns(t *testing.T) {
	t.Parallel()
	want := map[encode.Format]string{
		encode.JSON:   `{"columns":[],"rows":[[],[]],"row_count":2,"truncated":false,"elapsed_ms":0}`,
		encode.NDJSON: "{}\n{}\n",
		encode.CSV:    "\r\n\r\n\r\n",
		encode.TSV:    "\n\n\n",
	}
	for _, f := range formats {
		if got := whole(t, mustNew(t, f, nil, encode.Options{}), &encode.Chunk{Rows: 2}, encode.Summary{Rows: 2}); got != want[f] {
			t.Errorf("%v: got %q, want %q", f, got, want[f])
		}
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	for elapsed, want := range map[time.Duration]string{
		-time.Second:                         "0",
		999 * time.Nanosecond:                "0",
		10 * time.Microsecond:                "0.01",
		1500 * time.Microsecond:              "1.5",
		15 * time.Second:                     "15000",
		time.Hour + 1234567*time.Microsecond: "3601234.567",
	} {
		var doc document
		decode(t, whole(t, mustNew(t, encode.JSON, nil, encode.Options{}), &encode.Chunk{}, encode.Summary{Rows: 1 << 40, Elapsed: elapsed}), &doc)
		if doc.ElapsedMS.String() != want || doc.RowCount != 1<<40 || doc.Truncated {
			t.Errorf("%v: got %+v, want %s ms", elapsed, doc, want)
		}
	}
}

// TestManyRows reads a document of many rows back, with NULLs on both sides of a word of the
// validity bitmap.
func TestManyRows(t *testing.T) {
	t.Parallel()
	const n = 300
	v := encode.Vector{Int64s: make([]int64, n), Valid: make([]uint64, (n+63)/64)}
	var want [][]any
	for i := range n {
		v.Int64s[i] = int64(i)
		if i%64 == 0 || i%64 == 63 {
			want = append(want, []any{nil})
			continue
		}
		v.Valid[i/64] |= 1 << (i % 64)
		want = append(want, []any{num(fmt.Sprint(i)).value})
	}
	var doc document
	decode(t, whole(t, mustNew(t, encode.JSON, []encode.Column{{Name: "a", Type: kindOf(encode.Int64)}}, encode.Options{}), &encode.Chunk{Rows: n, Columns: []encode.Vector{v}}, encode.Summary{}), &doc)
	if !reflect.DeepEqual(doc.Rows, want) {
		t.Errorf("got %v", doc.Rows)
	}
}

func TestBigIntegersAsStrings(t *testing.T) {
	t.Parallel()
	o := encode.Options{BigIntegers: encode.BigIntegersString}
	for _, c := range []struct {
		typ  *encode.Type
		vec  encode.Vector
		want string
	}{
		{kindOf(encode.Int64), int64Of(-1), `"-1"`},
		{kindOf(encode.Uint64), encode.Vector{Uint64s: []uint64{1}}, `"1"`},
		{kindOf(encode.Int128), int128(0, 1), `"1"`},
		{kindOf(encode.Uint128), int128(0, 1), `"1"`},
		{kindOf(encode.Int32), encode.Vector{Int32s: []int32{1}}, `1`},
		{listOf(kindOf(encode.Int64)), encode.Vector{Lists: entries(0, 1), Child: ptr(int64Of(1))}, `["1"]`},
	} {
		if got := cellText(t, encode.JSON, c.typ, c.vec, o); got != c.want {
			t.Errorf("JSON, kind %d: got %s, want %s", c.typ.Kind, got, c.want)
		}
	}
	if got := cellText(t, encode.CSV, kindOf(encode.Int64), int64Of(-1), o); got != "-1" {
		t.Errorf("CSV: got %s", got)
	}
}

// TestMisuse: a chunk that does not fit is a bug in an engine, and must not become an answer.
func TestMisuse(t *testing.T) {
	t.Parallel()
	cols, c := sample()
	for name, call := range map[string]func(encode.Encoder){
		"too few columns":  func(e encode.Encoder) { e.Rows(nil, &encode.Chunk{Rows: 2, Columns: c.Columns[:2]}, 0, 1) },
		"too many columns": func(e encode.Encoder) { e.Rows(nil, &encode.Chunk{Rows: 2, Columns: make([]encode.Vector, 4)}, 0, 1) },
		"too many rows":    func(e encode.Encoder) { e.Rows(nil, c, 0, 3) },
		"rows before 0":    func(e encode.Encoder) { e.Rows(nil, c, -1, 1) },
		"storage of too few": func(e encode.Encoder) {
			short := []encode.Vector{{Int32s: make([]int32, 2)}, texts("", ""), {Int32s: make([]int32, 2)}}
			e.Rows(nil, &encode.Chunk{Rows: 3, Columns: short}, 0, 3)
		},
		"storage of the kind": func(e encode.Encoder) { e.Rows(nil, &encode.Chunk{Rows: 1, Columns: make([]encode.Vector, 3)}, 0, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			enc := mustNew(t, encode.JSON, cols, encode.Options{})
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call(enc)
		})
	}
}

func TestRowTooLarge(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 50)
	numbers := &encode.Vector{Int32s: make([]int32, 1000)}
	for i := range numbers.Int32s {
		numbers.Int32s[i] = 1_000_000
	}
	repeated := []encode.ListEntry{{}, {Offset: 0, Length: 1000}}
	columns := map[string]struct {
		typ *encode.Type
		vec encode.Vector
	}{
		"text":          {textType, texts("small", strings.Repeat("y", 1000))},
		"escapes":       {textType, texts("small", strings.Repeat("\"", 90))},
		"blob":          {kindOf(encode.Blob), texts("small", strings.Repeat("y", 1000))},
		"list":          {listOf(intType), encode.Vector{Lists: repeated, Child: numbers}},
		"array":         {&encode.Type{Kind: encode.Array, Elem: intType, Size: 500}, encode.Vector{Valid: []uint64{2}, Child: numbers}},
		"map":           {mapOf(intType, intType), encode.Vector{Lists: repeated, Child: &encode.Vector{Fields: []*encode.Vector{numbers, numbers}}}},
		"long name":     {listOf(structOf(encode.Field{Name: long, Type: intType})), encode.Vector{Lists: repeated, Child: &encode.Vector{Fields: []*encode.Vector{numbers}}}},
		"text in lists": {listOf(textType), encode.Vector{Lists: repeated, Child: &encode.Vector{Text: func(int) []byte { return []byte(long) }}}},
	}
	for name, col := range columns {
		for _, f := range formats {
			t.Run(name+" "+f.String(), func(t *testing.T) {
				t.Parallel()
				enc := mustNew(t, f, []encode.Column{{Name: "a", Type: col.typ}, {Name: "b", Type: intType}}, encode.Options{MaxRowBytes: 100})
				c := &encode.Chunk{Rows: 2, Columns: []encode.Vector{col.vec, {Int32s: []int32{1, 2}}}}
				if name == "escapes" && f == encode.TSV { // where a quotation mark is an ordinary character
					c.Columns[0] = texts("small", strings.Repeat("\\", 90))
				}
				good := enc.Rows(enc.Begin(nil), c, 0, 1)
				if enc.Err() != nil {
					t.Fatal("the first row is small")
				}
				want := bytes.Clone(good)
				got := enc.Rows(good, c, 1, 2)
				if !errors.Is(enc.Err(), encode.ErrRowTooLarge) {
					t.Fatalf("no error, and output %s", got)
				}
				got = enc.Rows(got, c, 0, 1)
				got = enc.End(got, encode.Summary{})
				if !bytes.Equal(got, want) {
					t.Errorf("output after the error: %s", got[len(want):])
				}
				if cap(got) > 8<<10 {
					t.Errorf("the row was built before it was refused: %d bytes", cap(got))
				}
				enc.Begin(nil)
				if enc.Err() != nil {
					t.Error("Begin kept the error")
				}
			})
		}
	}
}

// TestRowLimitIsExact: a row as long as the limit passes, one byte more does not.
func TestRowLimitIsExact(t *testing.T) {
	t.Parallel()
	cols := []encode.Column{{Name: "a", Type: intType}, {Name: "b", Type: textType}}
	c := &encode.Chunk{Rows: 1, Columns: []encode.Vector{{Int32s: []int32{12345}}, texts("abc")}}
	for limit, want := range map[int]error{len(`[12345,"abc"]`): nil, len(`[12345,"abc"]`) - 1: encode.ErrRowTooLarge, int(^uint(0) >> 1): nil} {
		enc := mustNew(t, encode.JSON, cols, encode.Options{MaxRowBytes: limit})
		enc.Rows(enc.Begin(nil), c, 0, 1)
		if err := enc.Err(); !errors.Is(err, want) {
			t.Errorf("limit %d: got %v, want %v", limit, err, want)
		}
	}
}
