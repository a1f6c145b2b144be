package postgres

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	arrowarray "github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// arrowAnswer is what a reader that is not ours makes of a stream.
type arrowAnswer struct {
	schema  *arrow.Schema
	rows    int
	batches int
	nulls   []int               // of each column
	values  [][]json.RawMessage // by column
	end     map[string]string   // metadata of the last batch
}

// endOfStream is the mark that only a whole answer has.
const endOfStream = "\xff\xff\xff\xff\x00\x00\x00\x00"

// readArrow reads a whole answer with arrow-go.
func readArrow(t testing.TB, stream []byte) *arrowAnswer {
	t.Helper()
	r, err := ipc.NewReader(bytes.NewReader(stream))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	n := r.Schema().NumFields()
	a := &arrowAnswer{schema: r.Schema(), nulls: make([]int, n), values: make([][]json.RawMessage, n)}
	for r.Next() {
		batch := r.RecordBatch()
		a.rows += int(batch.NumRows())
		a.batches++
		for i, column := range batch.Columns() {
			if v, ok := column.(interface{ ValidateFull() error }); ok && column.Len() > 0 {
				if err := v.ValidateFull(); err != nil {
					t.Fatalf("column %d: %v", i, err)
				}
			}
			a.add(t, i, column)
		}
		if m, ok := batch.(arrow.RecordBatchWithMetadata); ok {
			a.end = m.Metadata().ToMap()
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(stream, []byte(endOfStream)) {
		t.Fatal("the stream has no end")
	}
	return a
}

func (a *arrowAnswer) add(t testing.TB, i int, column arrow.Array) {
	t.Helper()
	for row := range column.Len() {
		v := jsonOf(t, column, row)
		if string(v) == "null" {
			a.nulls[i]++
		}
		a.values[i] = append(a.values[i], v)
	}
}

// jsonOf is a value as JSON, moments and spans as the numbers that Arrow holds.
func jsonOf(t testing.TB, column arrow.Array, row int) json.RawMessage {
	t.Helper()
	if column.IsNull(row) {
		return json.RawMessage("null")
	}
	var v any
	switch a := column.(type) {
	case *arrowarray.String:
		v = a.Value(row)
	case *arrowarray.Binary:
		v = append([]byte{}, a.Value(row)...) // nil would be null
	case *arrowarray.FixedSizeBinary:
		v = uuidOf(a.Value(row))
	case arrowarray.ExtensionArray:
		return jsonOf(t, a.Storage(), row)
	case *arrowarray.Decimal128:
		kind, ok := a.DataType().(*arrow.Decimal128Type)
		if !ok {
			t.Fatal(a.DataType())
		}
		v = json.RawMessage(a.Value(row).ToString(kind.Scale))
	case *arrowarray.Date32:
		v = int32(a.Value(row))
	case *arrowarray.Time64:
		v = int64(a.Value(row))
	case *arrowarray.Timestamp:
		v = int64(a.Value(row))
	case *arrowarray.MonthDayNanoInterval:
		i := a.Value(row)
		v = []int64{int64(i.Months), int64(i.Days), i.Nanoseconds}
	case *arrowarray.DenseUnion:
		return jsonOf(t, a.Field(a.ChildID(row)), int(a.ValueOffset(row)))
	case *arrowarray.List:
		list := []json.RawMessage{}
		for from, to := a.ValueOffsets(row); from < to; from++ {
			list = append(list, jsonOf(t, a.ListValues(), int(from)))
		}
		v = list
	case *arrowarray.Float32:
		return floatOf(float64(a.Value(row)), 32)
	case *arrowarray.Float64:
		return floatOf(a.Value(row), 64)
	default: // integers, booleans
		v = json.RawMessage(a.ValueStr(row))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func floatOf(f float64, bits int) json.RawMessage {
	switch {
	case math.IsNaN(f):
		return json.RawMessage(`"NaN"`)
	case math.IsInf(f, 0):
		return json.RawMessage(strings.Replace(`"+Infinity"`, "+", strings.TrimSuffix(fmt.Sprint(f), "Inf"), 1))
	}
	return json.RawMessage(strconv.FormatFloat(f, 'g', -1, bits))
}

func uuidOf(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// arrowNumbers is what Arrow holds of types that JSON shows as text, in the
// server's words.
var arrowNumbers = map[string]string{
	"date":      "v - '1970-01-01'::date",
	"time":      "(extract(epoch FROM v) * 1000000)::bigint",
	"timestamp": "(extract(epoch FROM v) * 1000000)::bigint",
	"interval": "ARRAY[extract(year FROM v) * 12 + extract(month FROM v), extract(day FROM v)," +
		" extract(hour FROM v) * 3600e9 + extract(minute FROM v) * 60e9 + extract(microseconds FROM v) * 1000]::bigint[]",
}

// arrowInfinities stand for no number that the server would tell.
var arrowInfinities = map[string]string{
	"'infinity'::date": "2147483647", "'-infinity'::date": "-2147483647",
	"'infinity'::timestamptz": "9223372036854775807", "'-infinity'::timestamp": "-9223372036854775807",
}

// wantInArrow is a value of the table as Arrow has it.
func wantInArrow(t *testing.T, b *bench, sql, typ, shown string) string {
	t.Helper()
	if want, ok := arrowInfinities[sql]; ok {
		return want
	}
	word, _, _ := strings.Cut(typ, " ")
	word, _, _ = strings.Cut(word, "(")
	if strings.HasPrefix(typ, "time") && strings.HasSuffix(typ, "with time zone") && word == "time" {
		return shown // Arrow has no such type
	}
	switch number, ok := arrowNumbers[word]; {
	case ok && !strings.HasSuffix(typ, "]"):
		return strings.TrimSuffix(strings.TrimPrefix(b.rows(t, "SELECT "+number+" FROM (SELECT "+sql+" AS v) s"), "[["), "]]")
	case typ == "date[]":
		return "[20455]" // 2026-01-02
	}
	return shown
}

// bare is a number that JSON shows as text, for not every reader of it could hold it.
func bare(value string) string {
	if _, err := strconv.ParseFloat(strings.Trim(value, `"`), 64); err == nil {
		return strings.Trim(value, `"`)
	}
	return value
}

// Every type that is served, between NULLs.
func TestArrow(t *testing.T) {
	t.Parallel()
	b := start(t, valueTypes)
	var all, names, wants []string
	for i, v := range values {
		want := wantInArrow(t, b, v.sql, v.typ, v.json)
		sql := "SELECT t.v, i FROM generate_series(1, 5) i LEFT JOIN (SELECT " + v.sql + " AS v) t ON i % 2 = 0 ORDER BY i"
		got := readArrow(t, []byte(b.text(t, encode.Arrow, sql)))
		for row, value := range got.values[0] {
			expected := "null"
			if row%2 == 1 {
				expected = want
			}
			if bare(string(value)) != bare(expected) {
				t.Errorf("%s, row %d: %s, want %s", v.sql, row, value, expected)
			}
		}
		name, _ := got.schema.Field(0).Metadata.GetValue("sallyport.type")
		if got.rows != 5 || name != v.typ || got.end["sallyport.rows"] != "5" {
			t.Errorf("%s: %d rows of %q, %v", v.sql, got.rows, name, got.end)
		}
		all, wants = append(all, v.sql+" AS v"+strconv.Itoa(i)), append(wants, want)
		names = append(names, "t.v"+strconv.Itoa(i))
	}
	// All of them together, in several chunks, whose last is not full.
	const rows = 1999
	sql := "SELECT " + strings.Join(names, ", ") + " FROM generate_series(1, " + strconv.Itoa(rows) + ") i LEFT JOIN (SELECT " + strings.Join(all, ", ") + ") t ON i % 3 > 0 ORDER BY i"
	for range 2 { // the second time with what is left of the first
		got := readArrow(t, []byte(b.text(t, encode.Arrow, sql)))
		if got.rows != rows {
			t.Fatalf("%d rows", got.rows)
		}
		for column, list := range got.values {
			for row, value := range list {
				expected := "null"
				if row%3 != 2 {
					expected = wants[column]
				}
				if bare(string(value)) != bare(expected) {
					t.Errorf("%s, row %d: %s, want %s", values[column].sql, row, value, expected)
					break
				}
			}
		}
	}
}
