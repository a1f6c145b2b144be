package encode_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// arrowResult is what a reader makes of a stream.
type arrowResult struct {
	schema  *arrow.Schema
	columns [][]string        // every value, as text
	batches []int             // rows in each
	end     map[string]string // metadata of the last batch
}

// readArrow reads a whole stream with arrow-go.
func readArrow(tb testing.TB, stream []byte) arrowResult {
	tb.Helper()
	source := bytes.NewReader(stream)
	r, err := ipc.NewReader(source)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Release()
	out := arrowResult{schema: r.Schema(), columns: make([][]string, r.Schema().NumFields())}
	for r.Next() {
		rec := r.RecordBatch()
		out.batches = append(out.batches, int(rec.NumRows()))
		for i, col := range rec.Columns() {
			if err := validate(col); err != nil {
				tb.Fatalf("column %d: %v", i, err)
			}
			for row := range col.Len() {
				out.columns[i] = append(out.columns[i], arrowText(col, row))
			}
		}
		if m, ok := rec.(arrow.RecordBatchWithMetadata); ok {
			out.end = m.Metadata().ToMap()
		}
	}
	if err := r.Err(); err != nil {
		tb.Fatal(err)
	}
	if source.Len() != 0 || !bytes.HasSuffix(stream, []byte("\xff\xff\xff\xff\x00\x00\x00\x00")) {
		tb.Fatalf("the stream does not end where its mark is: %d bytes left", source.Len())
	}
	return out
}

func validate(a arrow.Array) error {
	// An empty buffer reads as none, which arrow-go's check of unions does not expect.
	if v, ok := a.(interface{ ValidateFull() error }); ok && a.Len() > 0 {
		return v.ValidateFull()
	}
	return nil
}

// blanked checks that nothing shows where a value is NULL.
func blanked(a arrow.Array, i int) string {
	bufs := a.Data().Buffers()
	w, ok := a.DataType().(arrow.FixedWidthDataType)
	if !ok || len(bufs) < 2 || bufs[1] == nil {
		return "null"
	}
	if w.BitWidth() < 8 {
		if bools, ok := a.(*array.Boolean); !ok || bools.Value(i) {
			return "a NULL that shows"
		}
		return "null"
	}
	n := w.Bytes()
	at := (a.Data().Offset() + i) * n
	if len(bytes.Trim(bufs[1].Bytes()[at:at+n], "\x00")) > 0 {
		return "a NULL that shows"
	}
	return "null"
}

// arrowText is a value as text, in the notation of the generator.
func arrowText(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return blanked(a, i)
	}
	switch a := a.(type) {
	case *array.Null:
		return "null"
	case *array.String:
		return fmt.Sprintf("%q", a.Value(i))
	case *array.Binary:
		return fmt.Sprintf("%q", a.Value(i))
	case *array.FixedSizeBinary:
		return fmt.Sprintf("%q", fmt.Sprintf("%x", a.Value(i)))
	case array.ExtensionArray:
		return arrowText(a.Storage(), i)
	case *array.Float32:
		return fmt.Sprintf("%x", math.Float32bits(a.Value(i)))
	case *array.Float64:
		return fmt.Sprintf("%x", math.Float64bits(a.Value(i)))
	case *array.Decimal128:
		return a.Value(i).BigInt().String()
	case *array.MonthDayNanoInterval:
		v := a.Value(i)
		return fmt.Sprintf("%d %d %d", v.Months, v.Days, v.Nanoseconds)
	case *array.Date32:
		return fmt.Sprint(int32(a.Value(i)))
	case *array.Time32:
		return fmt.Sprint(int32(a.Value(i)))
	case *array.Time64:
		return fmt.Sprint(int64(a.Value(i)))
	case *array.Timestamp:
		return fmt.Sprint(int64(a.Value(i)))
	case *array.Map:
		return span(a.ListValues(), a, i)
	case array.ListLike: // lists and arrays
		return span(a.ListValues(), a, i)
	case *array.Struct:
		var b strings.Builder
		for f := range a.NumField() {
			b.WriteString(arrowText(a.Field(f), i) + ";")
		}
		return "{" + b.String() + "}"
	case *array.DenseUnion:
		return fmt.Sprint(a.ChildID(i), ":", arrowText(a.Field(a.ChildID(i)), int(a.ValueOffset(i))))
	default:
		return a.ValueStr(i)
	}
}

func span(values arrow.Array, l array.ListLike, i int) string {
	from, to := l.ValueOffsets(i)
	var parts []string
	for j := from; j < to; j++ {
		parts = append(parts, arrowText(values, int(j)))
	}
	return "[" + strings.Join(parts, ",") + "]"
}
