package encode_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

var (
	inf      = math.Inf(1)
	twoTexts = only(texts("a", "", `b"\`), 0, 2)
	intType  = kindOf(encode.Int32)
	textType = kindOf(encode.Text)
)

func entries(offset, length uint64) []encode.ListEntry {
	return []encode.ListEntry{{Offset: offset, Length: length}}
}

var nestedCases = []valueCase{
	{
		"list",
		listOf(textType),
		encode.Vector{Lists: entries(0, 3), Child: &twoTexts},
		shown{`["a",null,"b\"\\"]`, `"[""a"",null,""b\""\\""]"`, `["a",null,"b\\"\\\\"]`, []any{"a", nil, `b"\`}, `["a",null,"b\"\\"]`},
	},
	{
		"list from an offset",
		listOf(intType),
		encode.Vector{Lists: entries(1, 2), Child: &encode.Vector{Int32s: []int32{1, 2, 3, 4}}},
		shown{`[2,3]`, `"[2,3]"`, `[2,3]`, []any{json.Number("2"), json.Number("3")}, `[2,3]`},
	},
	{
		"list empty",
		listOf(intType),
		encode.Vector{Lists: entries(7, 0), Child: &encode.Vector{}},
		shown{`[]`, `"[]"`, `[]`, []any{}, `[]`},
	},
	{
		"list of lists",
		listOf(listOf(intType)),
		encode.Vector{Lists: entries(0, 2), Child: ptr(only(encode.Vector{Lists: []encode.ListEntry{{Offset: 0, Length: 2}, {}}, Child: &encode.Vector{Int32s: []int32{1, 2}}}, 0))},
		shown{`[[1,2],null]`, `"[[1,2],null]"`, `[[1,2],null]`, []any{[]any{json.Number("1"), json.Number("2")}, nil}, `[[1,2],null]`},
	},
	{
		"array",
		&encode.Type{Kind: encode.Array, Name: "INTEGER[2]", Elem: intType, Size: 2},
		encode.Vector{Child: ptr(only(encode.Vector{Int32s: []int32{1, 2}}, 1))},
		shown{`[null,2]`, `"[null,2]"`, `[null,2]`, []any{nil, json.Number("2")}, `[null,2]`},
	},
	{
		"struct",
		structOf(encode.Field{Name: `k"`, Type: intType}, encode.Field{Name: "t", Type: textType}, encode.Field{Name: "f", Type: kindOf(encode.Float64)}),
		encode.Vector{Fields: []*encode.Vector{{Int32s: []int32{1}}, ptr(only(texts(""))), ptr(floatOf(1.5))}},
		shown{
			`{"k\"":1,"t":null,"f":1.5}`, `"{""k\"""":1,""t"":null,""f"":1.5}"`, `{"k\\"":1,"t":null,"f":1.5}`,
			map[string]any{`k"`: json.Number("1"), "t": nil, "f": json.Number("1.5")},
			`{"k\"":1,"t":null,"f":1.5}`,
		},
	},
	{
		"struct with equal names",
		structOf(encode.Field{Name: "a", Type: intType}, encode.Field{Name: "a", Type: intType}),
		encode.Vector{Fields: []*encode.Vector{{Int32s: []int32{1}}, {Int32s: []int32{2}}}},
		shown{
			`{"a":1,"a_2":2}`, `"{""a"":1,""a_2"":2}"`, `{"a":1,"a_2":2}`,
			map[string]any{"a": json.Number("1"), "a_2": json.Number("2")},
			`{"a":1,"a_2":2}`,
		},
	},
	{
		"struct without names",
		structOf(encode.Field{Type: intType}, encode.Field{Type: textType}),
		encode.Vector{Fields: []*encode.Vector{{Int32s: []int32{1}}, ptr(texts("x"))}},
		shown{`[1,"x"]`, `"[1,""x""]"`, `[1,"x"]`, []any{json.Number("1"), "x"}, `[1,"x"]`},
	},
	{
		"map",
		mapOf(intType, textType),
		encode.Vector{Lists: entries(0, 2), Child: &encode.Vector{Fields: []*encode.Vector{{Int32s: []int32{1, 2}}, ptr(only(texts("x", ""), 0))}}},
		shown{
			`[{"key":1,"value":"x"},{"key":2,"value":null}]`,
			`"[{""key"":1,""value"":""x""},{""key"":2,""value"":null}]"`,
			`[{"key":1,"value":"x"},{"key":2,"value":null}]`,
			[]any{map[string]any{"key": json.Number("1"), "value": "x"}, map[string]any{"key": json.Number("2"), "value": nil}},
			`[{"key":1,"value":"x"},{"key":2,"value":null}]`,
		},
	},
	{
		"union, number",
		unionOf(encode.Field{Name: "n", Type: intType}, encode.Field{Name: "s", Type: textType}),
		encode.Vector{Tags: []uint8{0}, Fields: []*encode.Vector{{Int32s: []int32{-7}}, ptr(only(texts("")))}},
		num("-7"),
	},
	{
		"union, text", // as a column of text would be: no JSON in the cell
		unionOf(encode.Field{Name: "n", Type: intType}, encode.Field{Name: "s", Type: textType}),
		encode.Vector{Tags: []uint8{1}, Fields: []*encode.Vector{ptr(only(encode.Vector{})), ptr(texts("a,b"))}},
		shown{`"a,b"`, `"a,b"`, "a,b", "a,b", "a,b"},
	},
	{
		"union, NULL member",
		unionOf(encode.Field{Name: "n", Type: intType}, encode.Field{Name: "s", Type: textType}),
		encode.Vector{Tags: []uint8{1}, Fields: []*encode.Vector{{Int32s: []int32{1}}, ptr(only(texts("")))}},
		null,
	},
	{
		"everything that JSON quotes, nested",
		listOf(structOf(
			encode.Field{Name: "d", Type: kindOf(encode.Date)}, encode.Field{Name: "b", Type: kindOf(encode.Blob)},
			encode.Field{Name: "n", Type: kindOf(encode.Float64)}, encode.Field{Name: "i", Type: kindOf(encode.Int64)},
		)),
		encode.Vector{Lists: entries(0, 1), Child: &encode.Vector{Fields: []*encode.Vector{
			ptr(daysOf(0)), ptr(texts("\xff")), ptr(floatOf(inf)), ptr(int64Of(1 << 60)),
		}}},
		shown{
			`[{"d":"1970-01-01","b":"/w==","n":"Infinity","i":"1152921504606846976"}]`,
			`"[{""d"":""1970-01-01"",""b"":""/w=="",""n"":""Infinity"",""i"":""1152921504606846976""}]"`,
			`[{"d":"1970-01-01","b":"/w==","n":"Infinity","i":"1152921504606846976"}]`,
			[]any{map[string]any{"d": "1970-01-01", "b": "/w==", "n": "Infinity", "i": "1152921504606846976"}},
			`[{"d":"1970-01-01","b":"/w==","n":"Infinity","i":"1152921504606846976"}]`,
		},
	},
}

// TestArrayRows checks that each row of an array has its own elements.
func TestArrayRows(t *testing.T) {
	t.Parallel()
	typ := &encode.Type{Kind: encode.Array, Name: "INTEGER[3]", Elem: intType, Size: 3}
	enc := mustNew(t, encode.NDJSON, []encode.Column{{Name: "a", Type: typ}}, encode.Options{})
	c := &encode.Chunk{Rows: 2, Columns: []encode.Vector{{Child: &encode.Vector{Int32s: []int32{1, 2, 3, 4, 5, 6}}}}}
	if got, want := whole(t, enc, c, encode.Summary{}), "{\"a\":[1,2,3]}\n{\"a\":[4,5,6]}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
