package encode_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// TestNDJSONEndMarker: only an answer that is whole says so, and no row can say it.
func TestNDJSONEndMarker(t *testing.T) {
	t.Parallel()
	cols := []encode.Column{{Name: "$end", Type: intType}}
	c := &encode.Chunk{Rows: 1, Columns: []encode.Vector{{Int32s: []int32{7}}}}
	for marker, want := range map[bool]string{
		true:  `{"$end_2":7}` + "\n" + `{"$end":{"status":"complete","rows":1,"truncated":true}}` + "\n",
		false: `{"$end":7}` + "\n",
	} {
		enc := mustNew(t, encode.NDJSON, cols, encode.Options{EndMarker: marker})
		if got := whole(t, enc, c, encode.Summary{Rows: 1, Truncated: true}); got != want {
			t.Errorf("marker %v: got %q, want %q", marker, got, want)
		}
	}
	enc := mustNew(t, encode.NDJSON, cols, encode.Options{EndMarker: true, MaxRowBytes: 3})
	if out := enc.End(enc.Rows(enc.Begin(nil), c, 0, 1), encode.Summary{}); len(out) > 0 {
		t.Errorf("an answer that broke off ends with %q", out)
	}
}

func TestAppendFailure(t *testing.T) {
	t.Parallel()
	if got, want := string(encode.AppendFailure([]byte("x"), "sql.timeout")), `x{"$end":{"status":"failed","rule":"sql.timeout"}}`+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var m map[string]map[string]string
	if err := json.Unmarshal(encode.AppendFailure(nil, "a\"\n"), &m); err != nil || m["$end"]["rule"] != "a\"\n" {
		t.Errorf("got %v, %v", m, err)
	}
}

// TestStepIsBounded: a value that many rows share is not written out for all of them in one call.
func TestStepIsBounded(t *testing.T) {
	t.Parallel()
	const rows = 300
	large := []byte(strings.Repeat("x", 50<<10))
	c := &encode.Chunk{Rows: rows, Columns: []encode.Vector{{Text: func(int) []byte { return large }}}}
	for _, f := range formats {
		enc := mustNew(t, f, []encode.Column{{Name: "a", Type: textType}}, encode.Options{})
		buf := enc.Begin(nil)
		whole := 0
		for from := 0; from < rows; {
			var next int
			if buf, next = enc.Step(buf[:0], c, from, rows); next <= from || len(buf) > encode.StepBytes+len(large)+100 {
				t.Fatalf("%v: %d bytes, from %d to %d", f, len(buf), from, next)
			}
			from, whole = next, whole+len(buf)
		}
		if whole < rows*len(large) {
			t.Errorf("%v: %d bytes in all", f, whole)
		}
	}
}
