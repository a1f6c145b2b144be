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

// errInterrupted ends a query that was interrupted before DuckDB began it.
var errInterrupted = errors.New("interrupted")

// answer runs one query and sends its answer. An error means that the channel
// is broken, not the query.
func (w *worker) answer(q work) error {
	start := time.Now()
	out := &w.out
	out.begin(q.Bytes)
	summary, err := w.runOrAgain(q, out, start)
	w.end()
	switch {
	case out.broken != nil:
		return out.broken
	case err != nil:
		return w.answerFailure(err)
	}
	return out.finish(end{Rows: summary.Rows, Truncated: summary.Truncated, state: w.state()})
}

// answerFailure tells the server why there is no whole answer.
func (w *worker) answerFailure(problem error) error {
	f := failure(w.reasonOf(problem), problem)
	f.state = w.state()
	// Where memory ran out, more is taken than can be seen, and in pieces.
	f.Spent = f.Spent || f.Reason == reasonMemory
	return w.out.fail(f)
}

// reasonOf classes a failure. What cannot be written into the temporary
// directory has found it full.
func (w *worker) reasonOf(err error) reason {
	r := reasonOf(err)
	switch {
	case r != reasonFailed || !strings.HasPrefix(err.Error(), "duckdb: IO Error: "):
		return r
	case strings.Contains(err.Error(), w.temp):
		return reasonMemory
	default:
		return reasonFiles
	}
}

// runOrAgain runs a query, once more if the first time failed for a statement
// from before.
func (w *worker) runOrAgain(q work, out *output, start time.Time) (encode.Summary, error) {
	summary, kept, err := w.run(q, out, start)
	if kept && out.sent == 0 && mayBeStale(err) {
		out.begin(q.Bytes)
		summary, _, err = w.run(q, out, start)
	}
	return summary, err
}

// mayBeStale reports whether what a statement was planned for may have changed,
// so that a new plan would do better.
func mayBeStale(err error) bool {
	var native *duckdblib.Error
	if !errors.As(err, &native) {
		return false
	}
	for _, kind := range []string{"IO Error: ", "Binder Error: ", "Catalog Error: "} {
		if strings.HasPrefix(native.Message, kind) {
			return true
		}
	}
	return false
}

func reasonOf(err error) reason {
	if errors.Is(err, errAnswerTooLong) || errors.Is(err, encode.ErrRowTooLarge) {
		return reasonBytes
	}
	if errors.Is(err, errInterrupted) {
		return reasonTimeout
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

// run runs a query. kept says that the statement was one from before.
func (w *worker) run(q work, out *output, start time.Time) (summary encode.Summary, kept bool, err error) {
	_, statements := w.db.route(q.SQL)
	stmt, err := statements.take(q.SQL)
	if err != nil {
		return encode.Summary{}, false, err
	}
	kept = stmt.used
	if summary, err = w.execute(q, stmt, out, start); err != nil {
		stmt.Close()
		return summary, kept, err
	}
	statements.give(stmt)
	return summary, kept, nil
}

func (w *worker) execute(q work, stmt *statement, out *output, start time.Time) (encode.Summary, error) {
	// The guard let through only what reads; DuckDB must think so too.
	if !stmt.used && !stmt.ReadsOnly() {
		return encode.Summary{}, errors.New("the engine calls this statement something else than a SELECT")
	}
	if err := bind(stmt.Stmt, q.Params); err != nil {
		return encode.Summary{}, err
	}
	if w.stopped() {
		return encode.Summary{}, errInterrupted
	}
	result, err := stmt.Stream()
	if err != nil {
		return encode.Summary{}, err
	}
	defer result.Close()
	return w.encode(q, stmt, result, out, start)
}

func bind(stmt *duckdblib.Stmt, params []any) error {
	if want := stmt.NumParams(); want != len(params) {
		return fmt.Errorf("%d parameters where the query has %d", len(params), want)
	}
	for i, p := range params {
		var err error
		switch p := p.(type) {
		case bool:
			err = stmt.BindBool(i+1, p)
		case int64:
			err = stmt.BindInt64(i+1, p)
		case float64:
			err = stmt.BindFloat64(i+1, p)
		case string:
			err = stmt.BindText(i+1, p)
		default:
			err = stmt.BindNull(i + 1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// describeResult takes the types of a result apart, unless that is known.
func (s *statement) describeResult(q work, result *duckdblib.Result) (*described, error) {
	options := q.Encoding
	options.MaxRowBytes = int(q.Bytes)
	d := s.result
	if d == nil || !d.fits(result) {
		d = &described{columns: make([]*column, result.NumColumns())}
		d.announced = make([]encode.Column, len(d.columns))
		for i := range d.columns {
			var err error
			if d.columns[i], err = describe(result.ColumnType(i)); err != nil {
				return nil, err
			}
			d.announced[i] = encode.Column{Name: result.ColumnName(i), Type: d.columns[i].typ}
		}
	}
	if d.encoder == nil || d.format != q.Format || d.options != options {
		encoder, err := encode.New(q.Format, d.announced, options)
		if err != nil {
			return nil, err
		}
		d.encoder, d.format, d.options = encoder, q.Format, options
	}
	if len(q.Params) == 0 {
		s.result = d
	}
	return d, nil
}

// fits reports whether a result has the columns that were described. DuckDB plans
// a kept statement anew when a file has changed, and says nothing: read by the
// types of before, its memory would be taken for something else.
func (d *described) fits(result *duckdblib.Result) bool {
	if result.NumColumns() != len(d.columns) {
		return false
	}
	for i, c := range d.columns {
		now, err := describe(result.ColumnType(i))
		if err != nil || result.ColumnName(i) != d.announced[i].Name || !now.same(c) {
			return false
		}
	}
	return true
}

func (w *worker) encode(q work, stmt *statement, result *duckdblib.Result, out *output, start time.Time) (encode.Summary, error) {
	d, err := stmt.describeResult(q, result)
	if err != nil {
		return encode.Summary{}, err
	}
	out.buffer = d.encoder.Begin(out.buffer)
	var summary encode.Summary
	for !summary.Truncated {
		chunk, err := result.Next()
		if err != nil {
			return summary, err
		}
		if chunk == nil {
			break
		}
		err = w.encodeChunk(q, d, chunk, out, &summary)
		chunk.Close()
		if err != nil {
			return summary, err
		}
	}
	// The guard's own limit cut the query off where it is reached.
	summary.Truncated = summary.Truncated || q.CappedAt > 0 && summary.Rows == q.CappedAt
	summary.Elapsed = time.Since(start)
	out.buffer = d.encoder.End(out.buffer, summary)
	return summary, out.checkLength()
}

func (w *worker) encodeChunk(q work, d *described, chunk *duckdblib.Chunk, out *output, summary *encode.Summary) error {
	rows := chunk.Rows()
	w.columns = w.columns[:0]
	for i, c := range d.columns {
		w.columns = append(w.columns, c.view(chunk.Vector(i), rows))
	}
	view := encode.Chunk{Rows: rows, Columns: w.columns}
	if left := q.Rows - summary.Rows; int64(rows) > left {
		rows, summary.Truncated = int(left), true
	}
	for at := 0; at < rows; {
		out.buffer, at = d.encoder.Step(out.buffer, &view, at, rows)
		if err := d.encoder.Err(); err != nil {
			return err
		}
		if err := out.flushFull(); err != nil {
			return err
		}
	}
	summary.Rows += int64(rows)
	return nil
}
