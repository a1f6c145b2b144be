package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/schedule"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// work is one query.
type work struct {
	sql      string
	params   [][]byte
	format   encode.Format
	options  encode.Options
	limits   engine.Limits
	cappedAt int64 // the row limit that the guard set
	// place is what the query asks for before it runs.
	place schedule.Request
	// formats of the columns, for a query that has others than binary ones.
	formats []int16
	// planning: the statement is an EXPLAIN of ours, whose one value goes to
	// plan.
	planning bool
	plan     []byte
}

// encoding is how the answer is to be encoded. No row may be longer than all
// of it.
func (q *work) encoding() encoding {
	q.options.MaxRowBytes = int(q.limits.Bytes)
	return encoding{q.format, q.options}
}

// Reasons to run a query once more. Nothing has been written by then.
var (
	errStale    = errors.New("postgres: the connection was dead")
	errReplan   = errors.New("postgres: a prepared statement is out of date")
	errDescribe = errors.New("postgres: a column has no binary format known here")
)

var (
	errEnough   = errors.New("postgres: the row limit is reached")
	errDeadline = errors.New("postgres: the deadline has passed")
)

// slack is how much later than the server's own deadline ours is.
const slack = 250 * time.Millisecond

// conversation is one query on one connection.
type conversation struct {
	conn  *conn
	types *types
	work  *work
	w     io.Writer
	ender *ender

	stmt    *statement
	fresh   bool // the statement goes out to be parsed
	encoder encode.Encoder
	summary engine.Summary
	start   time.Time

	step     int    // statements that the server has completed
	query    int    // which of them is the query
	over     bool   // the server has said all
	undo     bool   // it was told to roll back after a failure
	answered bool   // the server has said something
	tag      string // what the query was, to the server
	cause    error  // why we ended it
	failure  *pgconn.PgError
	dirty    bool // the session may not be as it was
}

// query runs one query. usable says whether the connection can take another
// one; if not, the caller kills it. The deadline is what is left of it.
func (c *conn) query(ctx context.Context, ts *types, q *work, deadline time.Duration, w io.Writer) (summary engine.Summary, usable bool, err error) {
	deadline = max(deadline, time.Millisecond)
	v := &conversation{conn: c, types: ts, work: q, w: w, start: time.Now(), ender: &ender{conn: c}}
	v.send(deadline)
	late := time.AfterFunc(deadline+slack, func() { v.ender.trigger(errDeadline) })
	ended := context.AfterFunc(ctx, func() { v.ender.trigger(context.Cause(ctx)) })
	c.pool.began(v.ender)
	broken := v.exchange()
	late.Stop()
	ended()
	lost, cause := v.ender.over()
	c.pool.finished(v.ender)
	if err = v.outcome(broken, cause, lost); err == nil && !q.planning {
		err = v.finish()
	}
	v.settle()
	usable = broken == nil && cause == nil && !v.dirty
	c.served = c.served || usable
	v.summary.Elapsed = time.Since(v.start)
	return v.summary, usable, err
}

// send puts the whole pipeline together.
func (v *conversation) send(deadline time.Duration) {
	c := v.conn
	v.stmt, v.fresh = c.statements.get(v.work.sql)
	if v.work.formats != nil {
		v.stmt.formats = v.work.formats
	}
	c.out = c.out[:0]
	if name, ok := c.statements.surplus(); ok {
		v.add(&pgproto3.Close{ObjectType: 'S', Name: name})
	}
	v.execute(nameBegin, nil)
	v.query = 1
	if deadline.Milliseconds() != c.timeout.Milliseconds() {
		v.execute(nameDeadline, [][]byte{strconv.AppendInt(nil, max(1, deadline.Milliseconds()), 10)})
		v.query = 2
	}
	if v.fresh {
		v.add(&pgproto3.Parse{Name: v.stmt.name, Query: v.work.sql})
	}
	formats := v.stmt.formats
	if formats == nil {
		formats = allBinary
	}
	v.add(&pgproto3.Bind{PreparedStatement: v.stmt.name, Parameters: v.work.params, ResultFormatCodes: formats})
	if v.stmt.decoders == nil && !v.work.planning {
		// A prepared statement whose columns have changed is an error, so the
		// description stays true.
		v.add(&pgproto3.Describe{ObjectType: 'P'})
	}
	v.add(&pgproto3.Execute{})
	// Within the transaction, where it needs none of its own. After an error
	// the server skips both, and undoing sends them once more.
	v.execute(nameUnlock, nil)
	v.execute(nameEnd, nil)
	v.add(&pgproto3.Sync{})
}

var (
	allBinary = []int16{pgproto3.BinaryFormat}
	allText   = []int16{pgproto3.TextFormat}
)

// undoing adds what ends a transaction that has failed, in which nothing runs
// but its end.
func (v *conversation) undoing() {
	v.execute(nameEnd, nil)
	v.execute(nameUnlock, nil)
	v.add(&pgproto3.Sync{})
}

func (v *conversation) execute(name string, params [][]byte) {
	v.add(&pgproto3.Bind{PreparedStatement: name, Parameters: params})
	v.add(&pgproto3.Execute{})
}

func (v *conversation) add(m pgproto3.FrontendMessage) {
	out, err := m.Encode(v.conn.out)
	if err != nil {
		// Larger than a message may be, which the guard's limits do not allow.
		v.cause = sqlguard.Refuse(sqlguard.RuleFailed, err)
		return
	}
	v.conn.out = out
}

// exchange sends the pipeline and reads all answers. An error means that the
// connection is broken.
func (v *conversation) exchange() error {
	if v.cause != nil {
		return v.cause
	}
	v.conn.front.SetMaxBodyLen(v.longest())
	v.conn.buffer, v.work.plan = v.conn.buffer[:0], nil
	if v.stmt.decoders != nil {
		v.begin()
	}
	if _, err := v.conn.net.Write(v.conn.out); err != nil {
		return err
	}
	for !v.over {
		m, err := v.conn.front.Receive()
		if err != nil {
			return v.lengthy(err)
		}
		if err := v.take(m); err != nil {
			return err
		}
		v.answered = true
	}
	return nil
}

// longest is the length of the longest message that is read.
func (v *conversation) longest() int {
	if v.work.planning {
		return maxPlanText
	}
	// One row in the binary format, which may be several times as long as the
	// same row encoded.
	return int(min(8*v.work.limits.Bytes+1<<20, 1<<30))
}

// lengthy ends the query whose row is longer than can be read.
func (v *conversation) lengthy(err error) error {
	var long *pgproto3.ExceededMaxBodyLenErr
	if errors.As(err, &long) {
		rule := sqlguard.RuleBytes
		if v.work.planning {
			rule = sqlguard.RuleCost
		}
		v.stop(sqlguard.Refuse(rule, err))
	}
	return err
}

// take handles one message. An error means that the connection is of no use
// any more.
func (v *conversation) take(m pgproto3.BackendMessage) error {
	switch m := m.(type) {
	case *pgproto3.DataRow:
		if v.querying() && v.cause == nil {
			v.row(m.Values)
		}
	case *pgproto3.RowDescription:
		v.describe(m)
	case *pgproto3.ParseComplete:
		v.conn.statements.keep(v.work.sql, v.stmt)
	case *pgproto3.CommandComplete:
		if v.querying() {
			v.tag = string(m.CommandTag)
			if v.encoder != nil && v.cause == nil {
				v.encode() // the last rows
			}
		}
		v.step++
	case *pgproto3.ErrorResponse:
		return v.fail(m)
	case *pgproto3.ReadyForQuery:
		return v.ready(m.TxStatus)
	case *pgproto3.CopyInResponse, *pgproto3.CopyOutResponse, *pgproto3.CopyBothResponse:
		v.stop(sqlguard.Refuse(sqlguard.RuleFailed, errStatement))
		return errStatement
	case *pgproto3.EmptyQueryResponse:
		v.dirty = true
	}
	return nil
}

// querying reports whether the query itself answers.
func (v *conversation) querying() bool { return v.step == v.query && v.failure == nil }

func (v *conversation) fail(m *pgproto3.ErrorResponse) error {
	failure := pgconn.ErrorResponseToPgError(m)
	if v.step > v.query || v.undo {
		v.dirty = true // what should have cleaned up did not
	} else if v.failure == nil {
		v.failure = failure
	}
	if m.SeverityUnlocalized == "FATAL" || m.SeverityUnlocalized == "PANIC" {
		return failure
	}
	return nil
}

// ready is called when the server has answered all it was sent.
func (v *conversation) ready(status byte) error {
	if v.failure != nil && !v.undo && status == 'E' {
		v.undo = true
		v.conn.out = v.conn.out[:0]
		v.undoing()
		_, err := v.conn.net.Write(v.conn.out)
		return err
	}
	v.over = true
	v.dirty = v.dirty || status != 'I'
	return nil
}

// stop ends the query on the server and remembers why. What it still sends is
// read away.
func (v *conversation) stop(cause error) {
	if v.cause == nil {
		v.cause = cause
		v.ender.trigger(cause)
	}
}

func (v *conversation) describe(m *pgproto3.RowDescription) {
	if !v.querying() || v.cause != nil {
		return
	}
	if !v.stmt.describe(v.types, m.Fields) {
		v.stop(errDescribe)
		return
	}
	v.begin()
}

// keepPlan keeps the value that an EXPLAIN gives.
func (v *conversation) keepPlan(values [][]byte) {
	if len(values) != 1 || v.summary.Rows > 0 {
		v.stop(errPlan)
		return
	}
	v.summary.Rows++
	v.work.plan = bytes.Clone(values[0])
}

// outcome says how the query went: nil if all rows are there. ended is why it
// was ended, on our side.
func (v *conversation) outcome(broken, ended error, lost bool) error {
	switch {
	case errors.Is(v.cause, errEnough):
		return nil
	case v.cause != nil:
		return v.cause
	case broken == nil && v.failure == nil:
		return v.check()
	case lost && errors.Is(ended, errDeadline):
		return unavailable(errors.New("postgres: the server does not answer"))
	case errors.Is(ended, errDeadline):
		return sqlguard.Refuse(sqlguard.RuleTimeout, ended)
	case ended != nil:
		return ended
	case broken != nil && !v.answered && v.conn.served:
		return errStale
	case v.failure == nil:
		return unavailable(broken)
	case broken == nil && v.outOfDate():
		return errReplan
	}
	return refusal(v.failure)
}

// check makes sure that what ran was a query. Whatever else ran may have left
// the transaction, or something in the session.
func (v *conversation) check() error {
	word, _, _ := strings.Cut(v.tag, " ")
	if v.work.planning && word == "EXPLAIN" {
		return nil
	}
	if v.encoder != nil && (word == "SELECT" || word == "EXPLAIN" || word == "SHOW") {
		return nil
	}
	v.dirty = true
	return sqlguard.Refuse(sqlguard.RuleFailed, fmt.Errorf("%w: %q", errStatement, v.tag))
}

// outOfDate reports whether the failure is that of a statement prepared before
// something changed.
func (v *conversation) outOfDate() bool {
	if v.fresh {
		return false
	}
	switch v.failure.Code {
	case stateNoStatement:
		return true
	case stateFeature:
		return v.failure.Routine == "RevalidateCachedQuery"
	}
	return false
}

// finish ends the answer.
func (v *conversation) finish() error {
	s := &v.summary
	s.Truncated = s.Truncated || v.work.cappedAt > 0 && s.Rows == v.work.cappedAt
	v.conn.buffer = v.encoder.End(v.conn.buffer, encode.Summary{Rows: s.Rows, Truncated: s.Truncated, Elapsed: time.Since(v.start)})
	return v.flush(0)
}
