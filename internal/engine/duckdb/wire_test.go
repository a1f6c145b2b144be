package duckdb

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

var someWork = work{
	kind: frameQuery, Number: 1<<63 + 5, SQL: "SELECT $1, 'é'", Format: encode.CSV,
	Encoding: encode.Options{BigIntegers: encode.BigIntegersString, CSVFormulaGuard: true, EndMarker: true},
	Rows:     math.MaxInt64, Bytes: 1, CappedAt: 1000,
	Params: []any{nil, true, false, int64(math.MinInt64), math.Inf(-1), "", "a\x00b"},
}

func TestMessagesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	payload, err := someWork.pack(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readWork(frameQuery, payload); err != nil || !reflect.DeepEqual(got, someWork) {
		t.Errorf("%+v, %v", got, err)
	}
	s := state{CPU: time.Hour, Spent: true}
	payload, _ = end{Rows: 5, Truncated: true, state: s}.pack(nil)
	if got, err := readEnd(payload); err != nil || got != (end{Rows: 5, Truncated: true, state: s}) {
		t.Errorf("%+v, %v", got, err)
	}
	payload, _ = figures{Rows: 1e300, state: s}.pack(nil)
	if got, err := readFigures(payload); err != nil || got != (figures{Rows: 1e300, state: s}) {
		t.Errorf("%+v, %v", got, err)
	}
	payload, _ = failed{Reason: reasonBroken, Message: "é", state: s}.pack(nil)
	if got, err := readFailed(payload); err != nil || got != (failed{Reason: reasonBroken, Message: "é", state: s}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAParameterOfAnotherTypeIsNotSent(t *testing.T) {
	t.Parallel()
	if _, err := (work{Params: []any{1}}).pack(nil); err == nil {
		t.Error("an int was packed")
	}
}

// Every message that is cut short, goes on too long, or claims more than it
// has is malformed.
func TestMessagesThatDoNotFit(t *testing.T) {
	t.Parallel()
	whole, err := someWork.pack(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if _, err := readWork(frameQuery, whole[:n]); !errors.Is(err, errFrame) {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	if _, err := readWork(frameQuery, append(bytes.Clone(whole), 0)); !errors.Is(err, errFrame) {
		t.Errorf("one byte too many: %v", err)
	}
	for name, payload := range map[string][]byte{
		"nothing": nil, "a varint without end": bytes.Repeat([]byte{0xff}, 11), "a negative count": append(bytes.Repeat([]byte{0xff}, 9), 1, 0, 0, 0),
		"a truth of two": {1, 2, 0, 0},
	} {
		if _, err := readEnd(payload); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readFailed(append([]byte{byte(reasonBroken) + 1}, 0, 0, 0)); !errors.Is(err, errFrame) {
		t.Errorf("an unknown reason: %v", err)
	}
}

// FuzzMessages: whatever a message holds, it is read as what it says, or not
// at all, and takes no more memory than it has bytes.
func FuzzMessages(f *testing.F) {
	whole, err := someWork.pack(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte{})
	f.Add([]byte{1, 3, 0, 0, 0, 2, 2, 2, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{0, 4, 'o', 'o', 'p', 's', 0, 0})
	f.Fuzz(func(t *testing.T, payload []byte) {
		if q, err := readWork(frameQuery, payload); err == nil {
			again, err := q.pack(nil)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := readWork(frameQuery, again); err != nil || !equalWork(back, q) {
				t.Fatalf("%+v came back as %+v, %v", q, back, err)
			}
			if len(q.Params) > len(payload) || len(q.SQL) > len(payload) {
				t.Fatalf("%d bytes made %d of SQL and %d parameters", len(payload), len(q.SQL), len(q.Params))
			}
		}
		if e, err := readEnd(payload); err == nil && (e.Rows < 0 || e.CPU < 0) {
			t.Fatalf("%+v", e)
		}
		if g, err := readFigures(payload); err == nil && (math.IsNaN(g.Rows) || math.IsInf(g.Rows, 0)) {
			t.Fatalf("%+v", g)
		}
		if x, err := readFailed(payload); err == nil && len(x.Message) > maxMessage+3 {
			t.Fatalf("a message of %d bytes", len(x.Message))
		}
		_, _ = readInterrupt(payload)
	})
}

// equalWork compares with NaN equal to itself.
func equalWork(a, b work) bool {
	for i := range a.Params {
		x, isFloat := a.Params[i].(float64)
		y, _ := b.Params[i].(float64)
		if isFloat && math.Float64bits(x) == math.Float64bits(y) {
			a.Params[i], b.Params[i] = nil, nil
		}
	}
	return reflect.DeepEqual(a, b)
}
