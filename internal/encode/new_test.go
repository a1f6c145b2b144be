package encode_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

func TestNewReportsEveryMistake(t *testing.T) {
	t.Parallel()
	cols := []encode.Column{
		{Name: "none"},
		{Name: "kind", Type: &encode.Type{Name: "NOTHING"}},
		{Name: "beyond", Type: kindOf(encode.Null + 1)},
		{Name: "width", Type: decimalOf(39, 0)},
		{Name: "scale", Type: decimalOf(3, 4)},
		{Name: "unit", Type: kindOf(encode.Timestamp)},
		{Name: "elem", Type: listOf(nil)},
		{Name: "size", Type: &encode.Type{Kind: encode.Array, Elem: intType}},
		{Name: "map", Type: &encode.Type{Kind: encode.Map, Fields: []encode.Field{{Type: intType}}}},
		{Name: "struct", Type: structOf()},
		{Name: "union", Type: unionOf()},
		{Name: "parts", Type: structOf(encode.Field{Type: decimalOf(0, 0)}, encode.Field{Type: intType}, encode.Field{})},
		{Name: "fine", Type: intType},
	}
	_, err := encode.New(0, cols, encode.Options{BigIntegers: 9, MaxRowBytes: -1})
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		"no such format (0)", "no such way to show big integers (9)", "cannot be limited to -1 bytes",
		"column 1: the type is missing", `column 2: "NOTHING" has no kind known here (0)`, `column 3: "T" has no kind`,
		"column 4: a decimal cannot have width 39 and scale 0", "column 5: a decimal cannot have width 3 and scale 4",
		`column 6: "T" needs a time unit`, "column 7: the type is missing", "column 8: an array cannot have size 0",
		"column 9: a map needs a key and a value, not 1 fields", "column 10: a struct needs a field", "column 11: a union cannot have 0 members",
		"column 12: a decimal cannot have width 0 and scale 0\nthe type is missing",
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not reported", w)
		}
	}
	if strings.Contains(err.Error(), "column 13") {
		t.Error("a good column is reported")
	}
}

func TestNewBoundsTypes(t *testing.T) {
	t.Parallel()
	endless := listOf(nil)
	endless.Elem = endless
	doubling := intType // 2^40 parts made of 40
	for range 40 {
		doubling = structOf(encode.Field{Name: "a", Type: doubling}, encode.Field{Name: "b", Type: doubling})
	}
	for name, c := range map[string]struct {
		typ  *encode.Type
		want string
	}{
		"endless":  {endless, "nested deeper"},
		"doubling": {doubling, "more than"},
	} {
		_, err := encode.New(encode.JSON, []encode.Column{{Type: c.typ}, {Type: c.typ}}, encode.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	deep := intType
	for range 128 {
		deep = listOf(deep)
	}
	if _, err := encode.New(encode.CSV, []encode.Column{{Type: deep}}, encode.Options{}); err != nil {
		t.Errorf("128 deep: %v", err)
	}
}

// TestNewKeepsNothing: changing the types afterwards changes no output.
func TestNewKeepsNothing(t *testing.T) {
	t.Parallel()
	cols := []encode.Column{{Name: "a", Type: decimalOf(5, 2)}}
	for _, f := range formats {
		enc := mustNew(t, f, cols, encode.Options{})
		c := &encode.Chunk{Rows: 1, Columns: []encode.Vector{{Int32s: []int32{123}}}}
		want := whole(t, enc, c, encode.Summary{})
		*cols[0].Type = encode.Type{Kind: encode.Text, Scale: 1}
		cols[0].Name = "b"
		if got := whole(t, enc, c, encode.Summary{}); got != want {
			t.Errorf("%v: got %q, want %q", f, got, want)
		}
		cols[0] = encode.Column{Name: "a", Type: decimalOf(5, 2)}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	want := map[string]string{ // RFC 8259 section 11; the NDJSON convention; RFC 4180 section 3; IANA
		"json":   "application/json",
		"ndjson": "application/x-ndjson",
		"csv":    "text/csv; charset=utf-8; header=present",
		"tsv":    "text/tab-separated-values; charset=utf-8",
		"arrow":  "application/vnd.apache.arrow.stream",
	}
	for name, contentType := range want {
		f, err := encode.ParseFormat(name)
		if err != nil || f.String() != name || f.ContentType() != contentType {
			t.Errorf("%s: %v, %v, %q", name, err, f, f.ContentType())
		}
	}
	for _, name := range []string{"", "JSON", "invalid", "json ", "xml"} {
		if f, err := encode.ParseFormat(name); err == nil || f != 0 {
			t.Errorf("%q is taken for %v", name, f)
		}
	}
	if f := encode.Format(0); f.String() != "invalid" || f.ContentType() != "" {
		t.Errorf("the zero format is %v, %q", f, f.ContentType())
	}
	for _, b := range []encode.BigIntegers{encode.BigIntegersSafe, encode.BigIntegersString} {
		if got, err := encode.ParseBigIntegers(b.String()); err != nil || got != b {
			t.Errorf("%v: %v, %v", b, got, err)
		}
	}
	if b, err := encode.ParseBigIntegers("number"); err == nil || encode.BigIntegers(9).String() != "invalid" {
		t.Errorf("an unknown way is taken for %v", b)
	}
}
