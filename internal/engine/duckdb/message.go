package duckdb

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
)

// setup tells a worker what to open and within which limits.
type setup struct {
	Database string   // file, opened read-only
	Tables   []view   // Parquet files shown as tables
	Paths    []string // the only files that queries may read
	Temp     string   // directory for spilling, the worker's own
	Memory   int64    // bytes for DuckDB's buffers
	Threads  int
	TempSize int64 // bytes
	// Convert, when set, makes Database from CSV files instead of opening it:
	// the worker answers ready and ends.
	Convert []view
	// Parent is the server's process: a worker without it has no business.
	Parent int
	// Data is what the kernel lets the worker take, in bytes.
	Data int64
}

// view is a file and the name of the table it becomes.
type view struct{ Name, Path string }

// ready is a worker's answer to setup.
type ready struct {
	Catalog engine.Catalog
	// Definitions are those of Engine.Definitions.
	Definitions map[string]string
	// Sandbox is what the kernel keeps the worker from.
	Sandbox sandbox.Report
	// Tried is what the worker has tried to prove it.
	Tried []sandbox.Finding
}

// work is one query, to run or to plan. A planner needs neither format nor
// limits.
type work struct {
	// kind is that of the frame which brought it.
	kind frameKind

	Number   uint64
	SQL      string
	Params   []any // nil, bool, int64, float64 or string
	Format   encode.Format
	Encoding encode.Options
	Rows     int64
	Bytes    int64
	// CappedAt is the guard's row limit in the query, 0 if its own stands.
	CappedAt int64
}

func (q work) pack(dst []byte) ([]byte, error) {
	dst = appendUint(dst, q.Number)
	dst = append(dst, byte(q.Format), byte(q.Encoding.BigIntegers))
	dst = appendBool(dst, q.Encoding.CSVFormulaGuard)
	dst = appendBool(dst, q.Encoding.EndMarker)
	for _, n := range []int64{q.Rows, q.Bytes, q.CappedAt} {
		dst = appendInt(dst, n)
	}
	dst = appendString(dst, q.SQL)
	dst = appendUint(dst, uint64(len(q.Params)))
	for i, v := range q.Params {
		var err error
		if dst, err = packParam(dst, v); err != nil {
			return dst, fmt.Errorf("duckdb: parameter %d %w", i+1, err)
		}
	}
	return dst, nil
}

func packParam(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, 'n'), nil
	case bool:
		return appendBool(append(dst, 'b'), v), nil
	case int64:
		return appendInt(append(dst, 'i'), v), nil
	case float64:
		return appendFloat(append(dst, 'd'), v), nil
	case string:
		return appendString(append(dst, 's'), v), nil
	default:
		return dst, fmt.Errorf("is a %T", v)
	}
}

func readWork(kind frameKind, payload []byte) (work, error) {
	f := &fields{rest: payload}
	q := work{kind: kind, Number: f.uint(), Format: encode.Format(f.byte())}
	q.Encoding = encode.Options{BigIntegers: encode.BigIntegers(f.byte()), CSVFormulaGuard: f.bool(), EndMarker: f.bool()}
	q.Rows, q.Bytes, q.CappedAt = f.int(), f.int(), f.int()
	q.SQL = f.string()
	for n := f.uint(); n > 0 && !f.bad; n-- {
		q.Params = append(q.Params, f.param())
	}
	return q, f.done()
}

func (f *fields) param() any {
	switch f.byte() {
	case 'n':
		return nil
	case 'b':
		return f.bool()
	case 'i':
		return f.int()
	case 'd':
		return f.float()
	case 's':
		return f.string()
	default:
		f.fail()
		return nil
	}
}

// interrupt names the query to end: one that is over already is left alone.
type interrupt struct{ Number uint64 }

func (i interrupt) pack(dst []byte) ([]byte, error) { return appendUint(dst, i.Number), nil }

func readInterrupt(payload []byte) (interrupt, error) {
	f := &fields{rest: payload}
	i := interrupt{Number: f.uint()}
	return i, f.done()
}

// state is what a worker says of itself after each query.
type state struct {
	// CPU is the processor time that it has used so far.
	CPU time.Duration
	// Spent asks for another worker in place of this one.
	Spent bool
}

func (s state) pack(dst []byte) []byte {
	return appendBool(appendUint(dst, uint64(max(s.CPU, 0))), s.Spent)
}

func (f *fields) state() state { return state{CPU: time.Duration(f.size()), Spent: f.bool()} }

// end is the summary of a whole answer.
type end struct {
	Rows      int64
	Truncated bool
	state
}

func (e end) pack(dst []byte) ([]byte, error) {
	return e.state.pack(appendBool(appendUint(dst, uint64(e.Rows)), e.Truncated)), nil //nolint:gosec // rows are counted up from zero
}

func readEnd(payload []byte) (end, error) {
	f := &fields{rest: payload}
	e := end{Rows: f.size(), Truncated: f.bool(), state: f.state()}
	return e, f.done()
}

// figures are what the planner expects of a query.
type figures struct {
	Rows float64
	state
}

func (g figures) pack(dst []byte) ([]byte, error) { return g.state.pack(appendFloat(dst, g.Rows)), nil }

func readFigures(payload []byte) (figures, error) {
	f := &fields{rest: payload}
	g := figures{Rows: f.float(), state: f.state()}
	if math.IsNaN(g.Rows) || math.IsInf(g.Rows, 0) {
		f.fail()
	}
	return g, f.done()
}

// failed says why there is no whole answer.
type failed struct {
	Reason  reason
	Message string // for the log, at most maxMessage bytes and an ellipsis
	state
}

func (x failed) pack(dst []byte) ([]byte, error) {
	return x.state.pack(appendString(append(dst, byte(x.Reason)), x.Message)), nil
}

func readFailed(payload []byte) (failed, error) {
	f := &fields{rest: payload}
	x := failed{Reason: reason(f.byte()), Message: f.string(), state: f.state()}
	if x.Reason > reasonBroken || len(x.Message) > maxMessage+len("…") {
		f.fail()
	}
	return x, f.done()
}

// maxMessage bounds what is kept of an error, in bytes. DuckDB's quote the
// value that they are about, whatever its length.
const maxMessage = 4 << 10

// failure describes an error.
func failure(r reason, err error) failed {
	text := err.Error()
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return failed{Reason: r, Message: text}
}

// reason classes failures by what the client is told.
type reason uint8

const (
	reasonFailed  reason = iota // the query is wrong or cannot be computed
	reasonMemory                // memory or temporary disk is used up
	reasonTimeout               // interrupted
	reasonBytes                 // the answer is too long
	reasonCost                  // no estimate can be read from the plan
	reasonFiles                 // a file of the source cannot be read
	reasonBroken                // the worker must not be used again
)
