package encode_test

import (
	"bytes"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// kindOf is a type that needs nothing but its kind.
func kindOf(k encode.Kind) *encode.Type { return &encode.Type{Kind: k, Name: "T"} }

func decimalOf(width, scale uint8) *encode.Type {
	return &encode.Type{Kind: encode.Decimal, Name: "DECIMAL", Width: width, Scale: scale}
}

func unitOf(k encode.Kind, u encode.TimeUnit) *encode.Type {
	return &encode.Type{Kind: k, Name: "T", Unit: u}
}

func listOf(elem *encode.Type) *encode.Type {
	return &encode.Type{Kind: encode.List, Name: "T[]", Elem: elem}
}

func structOf(fields ...encode.Field) *encode.Type {
	return &encode.Type{Kind: encode.Struct, Name: "STRUCT", Fields: fields}
}

func unionOf(fields ...encode.Field) *encode.Type {
	return &encode.Type{Kind: encode.Union, Name: "UNION", Fields: fields}
}

func mapOf(key, value *encode.Type) *encode.Type {
	return &encode.Type{Kind: encode.Map, Name: "MAP", Fields: []encode.Field{{Name: "key", Type: key}, {Name: "value", Type: value}}}
}

// texts is a vector of the given texts.
func texts(values ...string) encode.Vector {
	return encode.Vector{Text: func(row int) []byte { return []byte(values[row]) }}
}

func ptr(v encode.Vector) *encode.Vector { return &v }

// only returns v with all rows NULL but the given ones, of the first 64.
func only(v encode.Vector, rows ...int) encode.Vector {
	v.Valid = []uint64{0}
	for _, r := range rows {
		v.Valid[0] |= 1 << r
	}
	return v
}

func mustNew(tb testing.TB, f encode.Format, cols []encode.Column, o encode.Options) encode.Encoder {
	tb.Helper()
	enc, err := encode.New(f, cols, o)
	if err != nil {
		tb.Fatal(err)
	}
	return enc
}

// whole returns the whole answer of one chunk.
func whole(tb testing.TB, enc encode.Encoder, c *encode.Chunk, s encode.Summary) string {
	tb.Helper()
	out := enc.Begin([]byte("before "))
	out = enc.Rows(out, c, 0, c.Rows)
	out = enc.End(out, s)
	if err := enc.Err(); err != nil {
		tb.Fatal(err)
	}
	out, ok := bytes.CutPrefix(out, []byte("before "))
	if !ok {
		tb.Fatal("the encoder changed what was in the buffer")
	}
	return string(out)
}

// cellText returns how row 0 of a single column looks, as it stands in the output.
func cellText(tb testing.TB, f encode.Format, t *encode.Type, v encode.Vector, o encode.Options) string {
	tb.Helper()
	enc := mustNew(tb, f, []encode.Column{{Name: "a", Type: t}}, o)
	out := enc.Rows(nil, &encode.Chunk{Rows: 1, Columns: []encode.Vector{v}}, 0, 1)
	if err := enc.Err(); err != nil {
		tb.Fatal(err)
	}
	open, end := "", ""
	switch f {
	case encode.JSON:
		open, end = "[", "]"
	case encode.NDJSON:
		open, end = `{"a":`, "}\n"
	case encode.CSV:
		end = "\r\n"
	case encode.TSV:
		end = "\n"
	}
	out, opened := bytes.CutPrefix(out, []byte(open))
	out, ended := bytes.CutSuffix(out, []byte(end))
	if !opened || !ended {
		tb.Fatalf("%v row %q", f, out)
	}
	return string(out)
}
