package encode_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// repaired is s with U+FFFD for each byte that is part of no character.
func repaired(s string) string { return string([]rune(s)) }

func FuzzJSONText(f *testing.F) {
	for _, s := range []string{"", "a", `"\/`, "\u2028\u2029", "\x00\x1f\x7f", "\xff\xe2\x80", "0123456é\"", "\xed\xa0\x80", "01234567\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := cellText(t, encode.JSON, textType, texts(s), encode.Options{})
		var got string
		decode(t, out, &got)
		if got != repaired(s) {
			t.Errorf("%q reads back as %q", s, got)
		}
		for _, r := range out {
			if r < 0x20 || r == '\u2028' || r == '\u2029' {
				t.Errorf("%q has a raw %q", out, r)
			}
		}
		if !utf8.ValidString(out) {
			t.Errorf("%q is not UTF-8", out)
		}
	})
}

// readCSV reads one cell and what ends it, as RFC 4180 says, and whether it was quoted.
func readCSV(t *testing.T, s string) (cell string, quoted bool, rest string) {
	t.Helper()
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ",\r\n\"")
		if end < 0 || s[end] == '"' {
			t.Fatalf("an unquoted cell without an end: %q", s)
		}
		return s[:end], false, s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '"':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '"':
			b.WriteByte('"')
			i++
		default:
			return b.String(), true, s[i+1:]
		}
	}
	t.Fatalf("a quoted cell without an end: %q", s)
	return "", false, ""
}

func FuzzCSVText(f *testing.F) {
	for _, s := range []string{"", "a", `a"b`, "a,b", "a\r\nb", " ", `\.`, "\xff,", "é", "=1", "０\"", "-1;\t"} {
		f.Add(s, s, false)
		f.Add(s, "", true)
	}
	f.Fuzz(func(t *testing.T, a, b string, guard bool) {
		cols := []encode.Column{{Type: textType}, {Type: textType}, {Type: textType}}
		enc := mustNew(t, encode.CSV, cols, encode.Options{CSVFormulaGuard: guard})
		c := &encode.Chunk{Rows: 1, Columns: []encode.Vector{texts(a), only(texts("")), texts(b)}}
		rest := string(enc.Rows(nil, c, 0, 1))
		for i, want := range []string{a, "", b} {
			var got string
			var quoted bool
			got, quoted, rest = readCSV(t, rest)
			want = repaired(want)
			if guard && got != want {
				got = strings.TrimPrefix(got, "'")
			}
			if got != want {
				t.Errorf("cell %d: got %q, want %q", i, got, want)
			}
			if isNull := got == "" && !quoted; isNull != (i == 1) {
				t.Errorf("cell %d: NULL is %v", i, isNull)
			}
			end := ","
			if i == 2 {
				end = "\r\n"
			}
			if !strings.HasPrefix(rest, end) {
				t.Fatalf("cell %d ends in %q", i, rest)
			}
			rest = rest[len(end):]
		}
		if rest != "" {
			t.Errorf("after the row: %q", rest)
		}
	})
}

func FuzzTSVText(f *testing.F) {
	for _, s := range []string{"", "a", `\N`, `\`, `\\t`, "a\tb\r\n", "\xff\t", "é\t", "0123456789\\"} {
		f.Add(s)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	f.Fuzz(func(t *testing.T, s string) {
		out := cellText(t, encode.TSV, textType, texts(s), encode.Options{})
		if strings.ContainsAny(out, "\t\r\n") || out == `\N` {
			t.Errorf("%q is %q", s, out)
		}
		if got := unescape.Replace(out); got != repaired(s) {
			t.Errorf("%q reads back as %q", s, got)
		}
	})
}

// FuzzNestedText reads a text inside a struct back through two layers: the cell and its JSON.
func FuzzNestedText(f *testing.F) {
	for _, s := range []string{"", `a"b`, `\`, "a,\r\n\t", "\xff", `""\\""`} {
		f.Add(s)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	f.Fuzz(func(t *testing.T, s string) {
		typ := structOf(encode.Field{Name: s, Type: textType})
		vec := encode.Vector{Fields: []*encode.Vector{ptr(texts(s))}}
		inCSV, _, _ := readCSV(t, cellText(t, encode.CSV, typ, vec, encode.Options{}))
		inTSV := unescape.Replace(cellText(t, encode.TSV, typ, vec, encode.Options{}))
		want := cellText(t, encode.JSON, typ, vec, encode.Options{})
		if inCSV != want || inTSV != want {
			t.Fatalf("JSON %s, in CSV %s, in TSV %s", want, inCSV, inTSV)
		}
		if s == "" {
			return // without a name it is an array
		}
		var got map[string]string
		decode(t, want, &got)
		if r := repaired(s); len(got) != 1 || got[r] != r {
			t.Errorf("got %q, want %q", got, r)
		}
	})
}

func FuzzFloat64(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 0.1, 1e-6, 1e-7, 1e21, 999999999.9999995, 1e9, 123456.789, math.MaxFloat64, 5e-324, 4503599627.370497, 0.000001499999} {
		f.Add(math.Float64bits(v))
		f.Add(math.Float64bits(-v))
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		v := math.Float64frombits(bits)
		checkFloat(t, v, 64, cellText(t, encode.JSON, kindOf(encode.Float64), floatOf(v), encode.Options{}))
		small := math.Float32frombits(uint32(bits))
		checkFloat(t, float64(small), 32, cellText(t, encode.JSON, kindOf(encode.Float32), float32s(small), encode.Options{}))
		// Numbers with few decimals take a way of their own, so they get more than their share.
		few := math.Trunc(math.Mod(v, 1e9)*1e6) / 1e6
		checkFloat(t, few, 64, cellText(t, encode.JSON, kindOf(encode.Float64), floatOf(few), encode.Options{}))
	})
}

// checkFloat compares with encoding/json, which writes the shortest form as ECMAScript does.
func checkFloat(t *testing.T, v float64, bits int, got string) {
	t.Helper()
	var want []byte
	var err error
	switch {
	case math.IsNaN(v):
		want = []byte(`"NaN"`)
	case math.IsInf(v, 1):
		want = []byte(`"Infinity"`)
	case math.IsInf(v, -1):
		want = []byte(`"-Infinity"`)
	case bits == 32:
		want, err = json.Marshal(float32(v))
	default:
		want, err = json.Marshal(v)
	}
	if err != nil || got != string(want) {
		t.Errorf("%x in %d bits: got %s, want %s (%v)", v, bits, got, want, err)
	}
}

// bigOf is the number that Hi and Lo make.
func bigOf(hi int64, lo uint64) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(hi), 64)
	return n.Add(n, new(big.Int).SetUint64(lo))
}

func FuzzInt128(f *testing.F) {
	for _, hi := range []int64{0, 1, -1, math.MinInt64, math.MaxInt64, 5421010862427522170, -5421010862427522171} {
		for _, lo := range []uint64{0, 1, 9, 10, 99999999, 100000000, 9999999999999999999, 10000000000000000000, math.MaxUint64, 1 << 53} {
			f.Add(hi, lo)
		}
	}
	f.Fuzz(func(t *testing.T, hi int64, lo uint64) {
		if got, want := cellText(t, encode.CSV, kindOf(encode.Int128), int128(hi, lo), encode.Options{}), bigOf(hi, lo).String(); got != want {
			t.Errorf("signed: got %s, want %s", got, want)
		}
		unsigned := new(big.Int).Lsh(new(big.Int).SetUint64(uint64(hi)), 64)
		unsigned.Add(unsigned, new(big.Int).SetUint64(lo))
		if got, want := cellText(t, encode.CSV, kindOf(encode.Uint128), int128(hi, lo), encode.Options{}), unsigned.String(); got != want {
			t.Errorf("unsigned: got %s, want %s", got, want)
		}
		if got, want := cellText(t, encode.CSV, kindOf(encode.Uint64), encode.Vector{Uint64s: []uint64{lo}}, encode.Options{}), strconv.FormatUint(lo, 10); got != want {
			t.Errorf("64 bits: got %s, want %s", got, want)
		}
		got := cellText(t, encode.JSON, kindOf(encode.Int128), int128(hi, lo), encode.Options{})
		safe := new(big.Int).Abs(bigOf(hi, lo)).Cmp(big.NewInt(1<<53-1)) <= 0
		if quoted := strings.HasPrefix(got, `"`); quoted == safe {
			t.Errorf("JSON: %s", got)
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, hi := range []int64{0, -1, 1, math.MinInt64, math.MaxInt64} {
		for _, lo := range []uint64{0, 1, 10, 99999999, 100000000, math.MaxUint64, 1 << 63} {
			for _, scale := range []uint8{0, 1, 7, 8, 18, 19, 20, 38} {
				f.Add(hi, lo, scale)
			}
		}
	}
	f.Fuzz(func(t *testing.T, hi int64, lo uint64, scale uint8) {
		scale %= 39
		typ := decimalOf(38, scale)
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
		check := func(name string, v encode.Vector, n *big.Int) {
			want := new(big.Rat).SetFrac(n, unit).FloatString(int(scale))
			if got := cellText(t, encode.CSV, typ, v, encode.Options{}); got != want {
				t.Errorf("%s, scale %d: got %s, want %s", name, scale, got, want)
			}
		}
		check("128 bits", int128(hi, lo), bigOf(hi, lo))
		check("64 bits", int64Of(int64(lo)), big.NewInt(int64(lo)))
		check("32 bits", encode.Vector{Int32s: []int32{int32(lo)}}, big.NewInt(int64(int32(lo))))
		check("16 bits", encode.Vector{Int16s: []int16{int16(lo)}}, big.NewInt(int64(int16(lo))))
	})
}

func FuzzTimestamp(f *testing.F) {
	for _, n := range []int64{0, -1, 1, 1767323045_123456, -62167219200_000000, -62167219200_000001, 253402300799_999999, 253402300800_000000, math.MaxInt64 - 1, math.MinInt64 + 2} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		if n == math.MaxInt64 || n <= -math.MaxInt64 {
			return // infinite, in the table of values
		}
		for unit, at := range map[encode.TimeUnit]time.Time{
			encode.Second:      time.Unix(n/1e7, 0), // the time package ends before 64 bits of seconds do
			encode.Millisecond: time.UnixMilli(n / 1e3),
			encode.Microsecond: time.UnixMicro(n),
			encode.Nanosecond:  time.Unix(0, n),
		} {
			v := n
			switch unit {
			case encode.Second:
				v = n / 1e7
			case encode.Millisecond:
				v = n / 1e3
			}
			at = at.UTC()
			want := isoDate(at) + at.Format("T15:04:05.999999999")
			if got := cellText(t, encode.CSV, unitOf(encode.Timestamp, unit), int64Of(v), encode.Options{}); got != want {
				t.Errorf("%d: got %s, want %s", v, got, want)
			}
			if got := cellText(t, encode.CSV, unitOf(encode.TimestampTZ, unit), int64Of(v), encode.Options{}); got != want+"Z" {
				t.Errorf("%d: got %s, want %sZ", v, got, want)
			}
		}
	})
}
