package duckdb

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/encode"
)

// errAnswerTooLong ends a query whose encoded answer passes the byte limit.
var errAnswerTooLong = errors.New("the answer passes the byte limit")

// answer runs one query and sends its answer. An error means that the channel
// is broken, not the query.
func (w *worker) answer(q work) error {
	start := time.Now()
	out := &output{worker: w, limit: q.Bytes}
	summary, err := w.run(q, out, start)
	w.end()
	switch {
	case out.broken != nil:
		return out.broken
	case err != nil:
		f := failure(reasonOf(err), err)
		// Where memory ran out, more is taken than can be seen, and in pieces.
		f.Spent = f.Reason == reasonMemory || w.memory.spent()
		return writeMessage(w.conn, frameFailed, f)
	}
	if err := out.flush(); err != nil {
		return err
	}
	return writeMessage(w.conn, frameEnd, end{
		Rows: summary.Rows, Truncated: summary.Truncated, Micros: summary.Elapsed.Microseconds(),
		CPUMillis: cpuMillis(), Spent: w.memory.spent(),
	})
}

func reasonOf(err error) reason {
	if errors.Is(err, errAnswerTooLong) || errors.Is(err, encode.ErrRowTooLarge) {
		return reasonBytes
	}
	if errors.Is(err, errPlan) {
		return reasonCost
	}
	var native *duckdblib.Error
	if !errors.As(err, &native) {
		return reasonFailed
	}
	// DuckDB gives the kind of an error of a result only. Of those that come
	// while it plans or begins a query it gives the text, which always starts
	// with the kind; what a query can quote stands behind it.
	switch {
	case native.Kind == duckdblib.ErrorInterrupted, strings.HasPrefix(native.Message, "INTERRUPT Error: "):
		return reasonTimeout
	case native.Kind == duckdblib.ErrorOutOfMemory, strings.HasPrefix(native.Message, "Out of Memory Error: "):
		return reasonMemory
	default:
		return reasonFailed
	}
}

func (w *worker) run(q work, out *output, start time.Time) (encode.Summary, error) {
	stmt, err := w.db.conn.Prepare(q.SQL)
	if err != nil {
		return encode.Summary{}, err
	}
	defer stmt.Close()
	// The guard let through only what reads; DuckDB must think so too.
	if !stmt.ReadsOnly() {
		return encode.Summary{}, errors.New("the engine calls this statement something else than a SELECT")
	}
	if err := bind(stmt, q.Params); err != nil {
		return encode.Summary{}, err
	}
	result, err := stmt.Stream()
	if err != nil {
		return encode.Summary{}, err
	}
	defer result.Close()
	return w.encode(q, result, out, start)
}

func bind(stmt *duckdblib.Stmt, params []param) error {
	if want := stmt.NumParams(); want != len(params) {
		return fmt.Errorf("%d parameters where the query has %d", len(params), want)
	}
	for i, p := range params {
		var err error
		switch {
		case p.Bool != nil:
			err = stmt.BindBool(i+1, *p.Bool)
		case p.Int != nil:
			err = stmt.BindInt64(i+1, *p.Int)
		case p.Float != nil:
			err = stmt.BindFloat64(i+1, *p.Float)
		case p.Text != nil:
			err = stmt.BindText(i+1, *p.Text)
		default:
			err = stmt.BindNull(i + 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *worker) encode(q work, result *duckdblib.Result, out *output, start time.Time) (encode.Summary, error) {
	columns := make([]*column, result.NumColumns())
	announced := make([]encode.Column, len(columns))
	for i := range columns {
		var err error
		if columns[i], err = describe(result.ColumnType(i)); err != nil {
			return encode.Summary{}, err
		}
		announced[i] = encode.Column{Name: result.ColumnName(i), Type: columns[i].typ}
	}
	encoder, err := encode.New(q.Format, announced, encode.Options{MaxRowBytes: int(q.Bytes)})
	if err != nil {
		return encode.Summary{}, err
	}
	out.buffer = encoder.Begin(out.fresh())
	var summary encode.Summary
	for !summary.Truncated {
		chunk, err := result.Next()
		if err != nil {
			return summary, err
		}
		if chunk == nil {
			break
		}
		err = w.encodeChunk(q, columns, chunk, encoder, out, &summary)
		chunk.Close()
		if err != nil {
			return summary, err
		}
	}
	// The guard's own limit cut the query off where it is reached.
	summary.Truncated = summary.Truncated || q.CappedAt > 0 && summary.Rows == q.CappedAt
	summary.Elapsed = time.Since(start)
	out.buffer = encoder.End(out.buffer, summary)
	return summary, out.checkLength()
}

// encodeStep is how many rows are encoded between two looks at the length.
const encodeStep = 64

func (w *worker) encodeChunk(q work, columns []*column, chunk *duckdblib.Chunk, encoder encode.Encoder, out *output, summary *encode.Summary) error {
	rows := chunk.Rows()
	view := encode.Chunk{Rows: rows, Columns: make([]encode.Vector, len(columns))}
	for i, c := range columns {
		view.Columns[i] = c.view(chunk.Vector(i), rows)
	}
	if left := q.Rows - summary.Rows; int64(rows) > left {
		rows, summary.Truncated = int(left), true
	}
	for from := 0; from < rows; from += encodeStep {
		to := min(from+encodeStep, rows)
		out.buffer = encoder.Rows(out.buffer, &view, from, to)
		if err := encoder.Err(); err != nil {
			return err
		}
		if err := out.flushFull(); err != nil {
			return err
		}
	}
	summary.Rows += int64(rows)
	return nil
}

// output collects what is encoded and sends it in data frames.
type output struct {
	worker *worker
	buffer []byte // room for a frame's head, then the payload
	sent   int64  // payload bytes sent
	limit  int64
	broken error // the channel failed
}

// fresh is a buffer with room for the head of a frame.
func (o *output) fresh() []byte {
	if cap(o.worker.db.scratch) < 2*dataFrame {
		o.worker.db.scratch = make([]byte, 0, 2*dataFrame)
	}
	return append(o.worker.db.scratch[:0], make([]byte, frameHeader)...)
}

func (o *output) payload() int { return len(o.buffer) - frameHeader }

func (o *output) checkLength() error {
	if o.sent+int64(o.payload()) > o.limit {
		return errAnswerTooLong
	}
	return nil
}

// flushFull sends the buffer once it is worth a frame.
func (o *output) flushFull() error {
	if err := o.checkLength(); err != nil {
		return err
	}
	if o.payload() < dataFrame {
		return nil
	}
	return o.flush()
}

// flush sends what there is, in frames of at most maxFrame.
func (o *output) flush() error {
	for at := frameHeader; at < len(o.buffer); {
		n := min(len(o.buffer)-at, maxFrame)
		// The head goes into the bytes before the payload: those of the frame
		// before are sent already.
		appendFrame(o.buffer[at-frameHeader:at-frameHeader], frameData, nil)
		putLength(o.buffer[at-frameHeader+1:], n)
		if _, err := o.worker.conn.Write(o.buffer[at-frameHeader : at+n]); err != nil {
			o.broken = err
			return err
		}
		at += n
		o.sent += int64(n)
	}
	// Keep a buffer that grew for one long row out of the next query.
	if cap(o.buffer) <= 4*dataFrame {
		o.worker.db.scratch = o.buffer[:0]
	}
	o.buffer = o.buffer[:frameHeader]
	return nil
}
