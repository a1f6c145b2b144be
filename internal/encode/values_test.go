package encode_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// shown is one value and how it looks: raw in JSON and NDJSON, CSV and TSV, and as encoding/json
// and encoding/csv read it back.
type shown struct {
	json, csv, tsv string
	value          any
	cell           string
}

// num is a bare number everywhere.
func num(s string) shown {
	return shown{json: s, csv: s, tsv: s, value: json.Number(s), cell: s}
}

// str is a string in JSON that needs no escapes, and the bare text elsewhere.
func str(s string) shown {
	return shown{json: `"` + s + `"`, csv: s, tsv: s, value: s, cell: s}
}

var null = shown{json: "null", csv: "", tsv: `\N`, value: nil, cell: ""}

type valueCase struct {
	name string
	typ  *encode.Type
	vec  encode.Vector
	want shown
}

func int128(hi int64, lo uint64) encode.Vector {
	return encode.Vector{Int128s: []encode.Int128Value{{Lo: lo, Hi: hi}}}
}

func interval(months, days int32, micros int64) encode.Vector {
	return encode.Vector{Intervals: []encode.IntervalValue{{Months: months, Days: days, Micros: micros}}}
}

func int64Of(n int64) encode.Vector    { return encode.Vector{Int64s: []int64{n}} }
func daysOf(n int32) encode.Vector     { return encode.Vector{Int32s: []int32{n}} }
func floatOf(f float64) encode.Vector  { return encode.Vector{Float64s: []float64{f}} }
func float32s(f float32) encode.Vector { return encode.Vector{Float32s: []float32{f}} }

func timeTZ(micros int64, offset int32) encode.Vector {
	return encode.Vector{Uint64s: []uint64{encode.PackTimeTZ(micros, offset)}}
}

var scalarCases = []valueCase{
	{"false", kindOf(encode.Bool), encode.Vector{Bools: []bool{false}}, shown{"false", "false", "false", false, "false"}},
	{"true", kindOf(encode.Bool), encode.Vector{Bools: []bool{true}}, shown{"true", "true", "true", true, "true"}},

	{"int8 min", kindOf(encode.Int8), encode.Vector{Int8s: []int8{math.MinInt8}}, num("-128")},
	{"int8 max", kindOf(encode.Int8), encode.Vector{Int8s: []int8{math.MaxInt8}}, num("127")},
	{"int16 min", kindOf(encode.Int16), encode.Vector{Int16s: []int16{math.MinInt16}}, num("-32768")},
	{"int16 max", kindOf(encode.Int16), encode.Vector{Int16s: []int16{math.MaxInt16}}, num("32767")},
	{"int32 min", kindOf(encode.Int32), encode.Vector{Int32s: []int32{math.MinInt32}}, num("-2147483648")},
	{"int32 max", kindOf(encode.Int32), encode.Vector{Int32s: []int32{math.MaxInt32}}, num("2147483647")},
	{"int64 0", kindOf(encode.Int64), int64Of(0), num("0")},
	{"int64 safe max", kindOf(encode.Int64), int64Of(1<<53 - 1), num("9007199254740991")},
	{"int64 unsafe", kindOf(encode.Int64), int64Of(1 << 53), str("9007199254740992")},
	{"int64 safe min", kindOf(encode.Int64), int64Of(-(1<<53 - 1)), num("-9007199254740991")},
	{"int64 unsafe negative", kindOf(encode.Int64), int64Of(-(1 << 53)), str("-9007199254740992")},
	{"int64 min", kindOf(encode.Int64), int64Of(math.MinInt64), str("-9223372036854775808")},
	{"int64 max", kindOf(encode.Int64), int64Of(math.MaxInt64), str("9223372036854775807")},
	{"uint8 max", kindOf(encode.Uint8), encode.Vector{Uint8s: []uint8{math.MaxUint8}}, num("255")},
	{"uint16 max", kindOf(encode.Uint16), encode.Vector{Uint16s: []uint16{math.MaxUint16}}, num("65535")},
	{"uint32 max", kindOf(encode.Uint32), encode.Vector{Uint32s: []uint32{math.MaxUint32}}, num("4294967295")},
	{"uint64 0", kindOf(encode.Uint64), encode.Vector{Uint64s: []uint64{0}}, num("0")},
	{"uint64 safe", kindOf(encode.Uint64), encode.Vector{Uint64s: []uint64{1<<53 - 1}}, num("9007199254740991")},
	{"uint64 unsafe", kindOf(encode.Uint64), encode.Vector{Uint64s: []uint64{1 << 53}}, str("9007199254740992")},
	{"uint64 max", kindOf(encode.Uint64), encode.Vector{Uint64s: []uint64{math.MaxUint64}}, str("18446744073709551615")},
	{"int128 0", kindOf(encode.Int128), int128(0, 0), num("0")},
	{"int128 -1", kindOf(encode.Int128), int128(-1, math.MaxUint64), num("-1")},
	{"int128 safe max", kindOf(encode.Int128), int128(0, 1<<53-1), num("9007199254740991")},
	{"int128 unsafe", kindOf(encode.Int128), int128(0, 1<<53), str("9007199254740992")},
	{"int128 safe min", kindOf(encode.Int128), int128(-1, 1<<64-(1<<53-1)), num("-9007199254740991")},
	{"int128 unsafe negative", kindOf(encode.Int128), int128(-1, 1<<64-1<<53), str("-9007199254740992")},
	{"int128 -2^64", kindOf(encode.Int128), int128(-1, 0), str("-18446744073709551616")},
	{"int128 min", kindOf(encode.Int128), int128(math.MinInt64, 0), str("-170141183460469231731687303715884105728")},
	{"int128 max", kindOf(encode.Int128), int128(math.MaxInt64, math.MaxUint64), str("170141183460469231731687303715884105727")},
	{"uint128 safe", kindOf(encode.Uint128), int128(0, 42), num("42")},
	{"uint128 max", kindOf(encode.Uint128), int128(-1, math.MaxUint64), str("340282366920938463463374607431768211455")},

	{"float32", kindOf(encode.Float32), float32s(0.1), num("0.1")},
	{"float32 max", kindOf(encode.Float32), float32s(math.MaxFloat32), num("3.4028235e+38")},
	{"float32 smallest", kindOf(encode.Float32), float32s(math.SmallestNonzeroFloat32), num("1e-45")},
	{"float32 inf", kindOf(encode.Float32), float32s(float32(math.Inf(1))), str("Infinity")},
	{"float32 nan", kindOf(encode.Float32), float32s(float32(math.NaN())), str("NaN")},
	{"float64 whole", kindOf(encode.Float64), floatOf(100), num("100")},
	{"float64 0", kindOf(encode.Float64), floatOf(0), num("0")},
	{"float64 -0", kindOf(encode.Float64), floatOf(math.Copysign(0, -1)), num("-0")},
	{"float64 decimals", kindOf(encode.Float64), floatOf(-12.25), num("-12.25")},
	{"float64 third", kindOf(encode.Float64), floatOf(1.0 / 3), num("0.3333333333333333")},
	{"float64 sum", kindOf(encode.Float64), floatOf(0.1 + math.Nextafter(0.2, 1)), num("0.30000000000000004")},
	{"float64 max", kindOf(encode.Float64), floatOf(math.MaxFloat64), num("1.7976931348623157e+308")},
	{"float64 smallest", kindOf(encode.Float64), floatOf(math.SmallestNonzeroFloat64), num("5e-324")},
	{"float64 1e21", kindOf(encode.Float64), floatOf(1e21), num("1e+21")},
	{"float64 1e20", kindOf(encode.Float64), floatOf(1e20), num("100000000000000000000")},
	{"float64 1e-6", kindOf(encode.Float64), floatOf(1e-6), num("0.000001")},
	{"float64 1e-7", kindOf(encode.Float64), floatOf(1e-7), num("1e-7")},
	{"float64 inf", kindOf(encode.Float64), floatOf(math.Inf(1)), str("Infinity")},
	{"float64 -inf", kindOf(encode.Float64), floatOf(math.Inf(-1)), str("-Infinity")},
	{"float64 nan", kindOf(encode.Float64), floatOf(math.NaN()), str("NaN")},

	{"decimal(4,1) in 16 bits", decimalOf(4, 1), encode.Vector{Int16s: []int16{-9999}}, num("-999.9")},
	{"decimal(9,9) in 32 bits", decimalOf(9, 9), encode.Vector{Int32s: []int32{-1}}, num("-0.000000001")},
	{"decimal(15,3) in 64 bits", decimalOf(15, 3), int64Of(1000), num("1.000")},
	{"decimal(16,3) is a string", decimalOf(16, 3), int64Of(1000), str("1.000")},
	{"decimal(18,0)", decimalOf(18, 0), int64Of(-999999999999999999), str("-999999999999999999")},
	{"decimal(18,18)", decimalOf(18, 18), int64Of(999999999999999999), str("0.999999999999999999")},
	{"decimal(38,10) in 128 bits", decimalOf(38, 10), int128(0, 5), str("0.0000000005")},
	{"decimal(38,0) max", decimalOf(38, 0), int128(0x4b3b4ca85a86c47a, 0x098a223fffffffff), str("99999999999999999999999999999999999999")},
	{"decimal(38,38) max", decimalOf(38, 38), int128(0x4b3b4ca85a86c47a, 0x098a223fffffffff), str("0.99999999999999999999999999999999999999")},
	{"decimal(38,30) in 64 bits", decimalOf(38, 30), int64Of(math.MinInt64), str("-0.000000000009223372036854775808")},
	{"decimal 0", decimalOf(5, 2), encode.Vector{Int32s: []int32{0}}, num("0.00")},
	{"bignum", kindOf(encode.BigNum), texts("-123456789012345678901234567890123456789012345"), str("-123456789012345678901234567890123456789012345")},

	{"text", kindOf(encode.Text), texts("plain"), str("plain")},
	{"text long", kindOf(encode.Text), texts("a text of more than eight bytes!"), str("a text of more than eight bytes!")},
	{"text empty", kindOf(encode.Text), texts(""), shown{`""`, `""`, "", "", ""}},
	{"text NULL", kindOf(encode.Text), texts("NULL"), str("NULL")},
	{"text html", kindOf(encode.Text), texts("<b>&</b>"), str("<b>&</b>")},
	{"text unicode", kindOf(encode.Text), texts("Größe 漢字 😀"), str("Größe 漢字 😀")},
	{"text quote", kindOf(encode.Text), texts(`say "hi"`), shown{`"say \"hi\""`, `"say ""hi"""`, `say "hi"`, `say "hi"`, `say "hi"`}},
	{"text comma", kindOf(encode.Text), texts("a,b"), shown{`"a,b"`, `"a,b"`, "a,b", "a,b", "a,b"}},
	{"text backslash", kindOf(encode.Text), texts(`a\b`), shown{`"a\\b"`, `a\b`, `a\\b`, `a\b`, `a\b`}},
	{`text \N`, kindOf(encode.Text), texts(`\N`), shown{`"\\N"`, `\N`, `\\N`, `\N`, `\N`}},
	{`text \.`, kindOf(encode.Text), texts(`\.`), shown{`"\\."`, `"\."`, `\\.`, `\.`, `\.`}},
	{"text lines", kindOf(encode.Text), texts("a\nb\tc"), shown{`"a\nb\tc"`, "\"a\nb\tc\"", `a\nb\tc`, "a\nb\tc", "a\nb\tc"}},
	{"text CR", kindOf(encode.Text), texts("a\rb"), shown{`"a\rb"`, "\"a\rb\"", `a\rb`, "a\rb", "a\rb"}},
	{"text tab", kindOf(encode.Text), texts("a\tb"), shown{`"a\tb"`, "a\tb", `a\tb`, "a\tb", "a\tb"}},
	{"text spaces", kindOf(encode.Text), texts(" a "), shown{`" a "`, `" a "`, " a ", " a ", " a "}},
	{"text control", kindOf(encode.Text), texts("\x00\x1f\b\f\x7f"), shown{`"\u0000\u001f\b\f` + "\x7f\"", "\x00\x1f\b\f\x7f", "\x00\x1f\b\f\x7f", "\x00\x1f\b\f\x7f", "\x00\x1f\b\f\x7f"}},
	{"text line separators", kindOf(encode.Text), texts("\u2028\u2029\u2027"), shown{`"\u2028\u2029` + "\u2027\"", "\u2028\u2029\u2027", "\u2028\u2029\u2027", "\u2028\u2029\u2027", "\u2028\u2029\u2027"}},
	{"text not UTF-8", kindOf(encode.Text), texts("a\xffb\xe2\x80"), str("a\uFFFDb\uFFFD\uFFFD")},
	{"text surrogate", kindOf(encode.Text), texts("\xed\xa0\x80"), str("\uFFFD\uFFFD\uFFFD")},
	{"blob", kindOf(encode.Blob), texts("\x00\xff\xfe\x01"), str("AP/+AQ==")},
	{"blob empty", kindOf(encode.Blob), texts(""), shown{`""`, `""`, "", "", ""}},
	{"bit", kindOf(encode.Bit), texts("00101"), str("00101")},

	{"uuid", kindOf(encode.UUID), int128(-0x0123456789abcdef, 0x8123456789abcdef), str("fedcba98-7654-3211-8123-456789abcdef")},
	{"uuid nil", kindOf(encode.UUID), int128(0, 0), str("00000000-0000-0000-0000-000000000000")},
	{"uuid max", kindOf(encode.UUID), int128(-1, math.MaxUint64), str("ffffffff-ffff-ffff-ffff-ffffffffffff")},
}

var timeCases = []valueCase{
	{"date", kindOf(encode.Date), daysOf(20455), str("2026-01-02")},
	{"date before 1970", kindOf(encode.Date), daysOf(-1), str("1969-12-31")},
	{"date leap day", kindOf(encode.Date), daysOf(11016), str("2000-02-29")},
	{"date first of year 0", kindOf(encode.Date), daysOf(-719528), str("0000-01-01")},
	{"date 2 BC", kindOf(encode.Date), daysOf(-719529), str("-000001-12-31")},
	{"date last with four digits", kindOf(encode.Date), daysOf(2932896), str("9999-12-31")},
	{"date expanded", kindOf(encode.Date), daysOf(2932897), str("+010000-01-01")},
	{"date last", kindOf(encode.Date), daysOf(math.MaxInt32 - 1), str("+5881580-07-10")},
	{"date first", kindOf(encode.Date), daysOf(math.MinInt32 + 2), str("-5877641-06-25")},
	{"date infinity", kindOf(encode.Date), daysOf(math.MaxInt32), str("infinity")},
	{"date -infinity", kindOf(encode.Date), daysOf(-math.MaxInt32), str("-infinity")},
	{"date below -infinity", kindOf(encode.Date), daysOf(math.MinInt32), str("-infinity")},

	{"time 0", unitOf(encode.Time, encode.Microsecond), int64Of(0), str("00:00:00")},
	{"time", unitOf(encode.Time, encode.Microsecond), int64Of(86399_999999), str("23:59:59.999999")},
	{"time 24", unitOf(encode.Time, encode.Microsecond), int64Of(86400_000000), str("24:00:00")},
	{"time trimmed", unitOf(encode.Time, encode.Microsecond), int64Of(1_000100), str("00:00:01.0001")},
	{"time s", unitOf(encode.Time, encode.Second), int64Of(3661), str("01:01:01")},
	{"time ms", unitOf(encode.Time, encode.Millisecond), int64Of(3661_001), str("01:01:01.001")},
	{"time ns", unitOf(encode.Time, encode.Nanosecond), int64Of(1), str("00:00:00.000000001")},
	{"time ns trimmed", unitOf(encode.Time, encode.Nanosecond), int64Of(100), str("00:00:00.0000001")},
	{"time that is none", unitOf(encode.Time, encode.Second), int64Of(-360000), str("-100:00:00")},
	{"time min", unitOf(encode.Time, encode.Nanosecond), int64Of(math.MinInt64), str("-2562047:47:16.854775807")},
	{"timetz UTC", kindOf(encode.TimeTZ), timeTZ(45296_500000, 0), str("12:34:56.5Z")},
	{"timetz east", kindOf(encode.TimeTZ), timeTZ(45296_000000, 19800), str("12:34:56+05:30")},
	{"timetz west, seconds", kindOf(encode.TimeTZ), timeTZ(86400_000000, -57599), str("24:00:00-15:59:59")},
	{"timetz packed", kindOf(encode.TimeTZ), encode.Vector{Uint64s: []uint64{43200_000000<<24 | (57599 - 3600)}}, str("12:00:00+01:00")},

	{"timestamp", unitOf(encode.Timestamp, encode.Microsecond), int64Of(1767323045_123456), str("2026-01-02T03:04:05.123456")},
	{"timestamp trimmed", unitOf(encode.Timestamp, encode.Microsecond), int64Of(1767323045_120000), str("2026-01-02T03:04:05.12")},
	{"timestamp whole", unitOf(encode.Timestamp, encode.Microsecond), int64Of(1767323045_000000), str("2026-01-02T03:04:05")},
	{"timestamp -1", unitOf(encode.Timestamp, encode.Microsecond), int64Of(-1), str("1969-12-31T23:59:59.999999")},
	{"timestamp s", unitOf(encode.Timestamp, encode.Second), int64Of(1767323045), str("2026-01-02T03:04:05")},
	{"timestamp s -1", unitOf(encode.Timestamp, encode.Second), int64Of(-1), str("1969-12-31T23:59:59")},
	{"timestamp s last", unitOf(encode.Timestamp, encode.Second), int64Of(math.MaxInt64 - 1), str("+292277026596-12-04T15:30:06")},
	{"timestamp s first", unitOf(encode.Timestamp, encode.Second), int64Of(math.MinInt64 + 2), str("-292277022657-01-27T08:29:54")},
	{"timestamp ms", unitOf(encode.Timestamp, encode.Millisecond), int64Of(-1), str("1969-12-31T23:59:59.999")},
	{"timestamp ns", unitOf(encode.Timestamp, encode.Nanosecond), int64Of(1767323045_123456789), str("2026-01-02T03:04:05.123456789")},
	{"timestamp ns -1", unitOf(encode.Timestamp, encode.Nanosecond), int64Of(-1), str("1969-12-31T23:59:59.999999999")},
	{"timestamp BC", unitOf(encode.Timestamp, encode.Microsecond), int64Of(-62198755200_000000), str("-000001-01-01T00:00:00")},
	{"timestamp last", unitOf(encode.Timestamp, encode.Microsecond), int64Of(math.MaxInt64 - 1), str("+294247-01-10T04:00:54.775806")},
	{"timestamp infinity", unitOf(encode.Timestamp, encode.Second), int64Of(math.MaxInt64), str("infinity")},
	{"timestamp -infinity", unitOf(encode.Timestamp, encode.Nanosecond), int64Of(-math.MaxInt64), str("-infinity")},
	{"timestamp below -infinity", unitOf(encode.Timestamp, encode.Microsecond), int64Of(math.MinInt64), str("-infinity")},
	{"timestamptz", unitOf(encode.TimestampTZ, encode.Microsecond), int64Of(1767323045_123456), str("2026-01-02T03:04:05.123456Z")},
	{"timestamptz expanded", unitOf(encode.TimestampTZ, encode.Microsecond), int64Of(253402300800_000000), str("+010000-01-01T00:00:00Z")},
	{"timestamptz infinity", unitOf(encode.TimestampTZ, encode.Microsecond), int64Of(math.MaxInt64), str("infinity")},

	{"interval 0", kindOf(encode.Interval), interval(0, 0, 0), str("PT0S")},
	{"interval", kindOf(encode.Interval), interval(14, 3, 14706_700000), str("P1Y2M3DT4H5M6.7S")},
	{"interval negative", kindOf(encode.Interval), interval(-14, -3, -14706_700000), str("P-1Y-2M-3DT-4H-5M-6.7S")},
	{"interval mixed", kindOf(encode.Interval), interval(12, -1, 500000), str("P1Y-1DT0.5S")},
	{"interval small", kindOf(encode.Interval), interval(0, 0, -1), str("PT-0.000001S")},
	{"interval minutes", kindOf(encode.Interval), interval(0, 0, 60_000000), str("PT1M")},
	{"interval months", kindOf(encode.Interval), interval(1, 0, 0), str("P1M")},
	{"interval hours", kindOf(encode.Interval), interval(0, 0, 360000_000000), str("PT100H")},
	{"interval min", kindOf(encode.Interval), interval(math.MinInt32, math.MinInt32, math.MinInt64), str("P-178956970Y-8M-2147483648DT-2562047788H-54.775808S")},
	{"interval max", kindOf(encode.Interval), interval(math.MaxInt32, math.MaxInt32, math.MaxInt64), str("P178956970Y7M2147483647DT2562047788H54.775807S")},

	{"null", kindOf(encode.Null), encode.Vector{}, null},
	{"null, nested", listOf(kindOf(encode.Null)), encode.Vector{Lists: entries(0, 2), Child: &encode.Vector{}}, shown{"[null,null]", `"[null,null]"`, "[null,null]", []any{nil, nil}, "[null,null]"}},
}

// TestValues checks every kind in every format, and that a NULL of that kind is one.
func TestValues(t *testing.T) {
	t.Parallel()
	seen := make(map[encode.Kind]bool)
	for _, c := range append(append(scalarCases[:len(scalarCases):len(scalarCases)], timeCases...), nestedCases...) {
		seen[c.typ.Kind] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkShown(t, c.typ, c.vec, c.want)
			checkShown(t, c.typ, only(c.vec), null)
		})
	}
	for k := encode.Bool; k <= encode.Null; k++ {
		if !seen[k] {
			t.Errorf("kind %d has no case", k)
		}
	}
}

func checkShown(t *testing.T, typ *encode.Type, vec encode.Vector, want shown) {
	t.Helper()
	raw := map[encode.Format]string{encode.JSON: want.json, encode.NDJSON: want.json, encode.CSV: want.csv, encode.TSV: want.tsv}
	for f, s := range raw {
		if got := cellText(t, f, typ, vec, encode.Options{}); got != s {
			t.Errorf("%v: got %s, want %s", f, got, s)
		}
	}

	// Between two other columns, as standard readers see it.
	cols := []encode.Column{{Name: "x", Type: kindOf(encode.Text)}, {Name: "a", Type: typ}, {Name: "y", Type: kindOf(encode.Text)}}
	chunk := &encode.Chunk{Rows: 1, Columns: []encode.Vector{texts("l"), vec, texts("r")}}

	var doc document
	decode(t, whole(t, mustNew(t, encode.JSON, cols, encode.Options{}), chunk, encode.Summary{}), &doc)
	if len(doc.Rows) != 1 || !reflect.DeepEqual(doc.Rows[0], []any{"l", want.value, "r"}) {
		t.Errorf("JSON reads back as %#v, want %#v", doc.Rows, want.value)
	}
	var object map[string]any
	decode(t, whole(t, mustNew(t, encode.NDJSON, cols, encode.Options{}), chunk, encode.Summary{}), &object)
	if !reflect.DeepEqual(object, map[string]any{"x": "l", "a": want.value, "y": "r"}) {
		t.Errorf("NDJSON reads back as %#v, want %#v", object, want.value)
	}
	out := whole(t, mustNew(t, encode.CSV, cols, encode.Options{}), chunk, encode.Summary{})
	records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || !reflect.DeepEqual(records, [][]string{{"x", "a", "y"}, {"l", want.cell, "r"}}) {
		t.Errorf("CSV reads back as %q (%v), want %q", records, err, want.cell)
	}
}

type document struct {
	Columns []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"columns"`
	Rows      [][]any     `json:"rows"`
	RowCount  int64       `json:"row_count"`
	Truncated bool        `json:"truncated"`
	ElapsedMS json.Number `json:"elapsed_ms"`
}

// decode reads one JSON value, and nothing after it.
func decode(tb testing.TB, s string, into any) {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		tb.Fatalf("%v in %s", err, s)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		tb.Fatalf("more than one value in %s", s)
	}
}
