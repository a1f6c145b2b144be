package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// conversation is one query on one process, to run or to plan.
type conversation struct {
	process *process
	w       io.Writer // nil where no data may come
	limit   int64     // bytes of the answer
	sent    int64
	begun   time.Time
	// delivering is the time that went by while the answer was taken.
	delivering time.Duration
	// cause is why the server ended the query, nil while it runs on.
	cause error

	// What the worker told at the end, by the kind of the question.
	summary  engine.Summary
	estimate engine.Estimate
}

// query runs one query. usable says whether the process can take another one;
// if not, the caller kills it.
func (p *process) query(ctx context.Context, q work, deadline time.Duration, w io.Writer) (summary engine.Summary, usable bool, err error) {
	q.kind = frameQuery
	c := &conversation{process: p, w: w, limit: q.Bytes, begun: time.Now()}
	usable, err = c.hold(ctx, q, deadline)
	c.summary.Elapsed = time.Since(c.begun)
	c.summary.Delivering = c.delivering
	c.summary.Bytes = c.sent // also of an answer that failed
	return c.summary, usable, err
}

// estimate asks what a query would take. usable is that of query.
func (p *process) estimate(ctx context.Context, q work, deadline time.Duration) (found engine.Estimate, usable bool, err error) {
	q.kind = frameEstimate
	c := &conversation{process: p, begun: time.Now()}
	usable, err = c.hold(ctx, q, deadline)
	return c.estimate, usable, err
}

// hold asks and listens until the worker is done or the deadline has passed.
func (c *conversation) hold(ctx context.Context, q work, deadline time.Duration) (usable bool, err error) {
	p := c.process
	p.number++
	q.Number = p.number
	until := time.Now().Add(deadline)
	if err := p.conn.SetDeadline(until); err != nil {
		return false, err
	}
	if w, ok := c.w.(engine.Hurried); ok {
		w.Until(until)
	}
	// The request's end is an early deadline. AfterFunc must have run or been
	// stopped before the process is used again, or it would shorten the next
	// query's deadline.
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = p.conn.SetReadDeadline(time.Now())
		close(ended)
	})
	defer func() {
		if !stop() {
			<-ended
		}
	}()
	return c.run(ctx, q)
}

func (c *conversation) run(ctx context.Context, q work) (bool, error) {
	var err error
	c.process.scratch, err = writeMessage(c.process.conn, c.process.scratch, q.kind, q)
	switch {
	case errors.Is(err, errTooLong):
		return true, sqlguard.Refuse(sqlguard.RuleTooLong, err)
	case err != nil:
		return false, c.broken(err)
	}
	last := frameEnd
	if q.kind == frameEstimate {
		last = frameFigures
	}
	for {
		kind, payload, err := c.process.frames.next()
		data := kind == frameData && c.w != nil
		if err == nil && data {
			err = c.copyData()
		}
		switch {
		case isTimeout(err) && c.cause == nil:
			// Interrupt, and listen on for the end of the query.
			c.cause = c.timeoutCause(ctx)
			if err := c.interrupt(q.Number); err != nil {
				return false, c.cause
			}
		case isTimeout(err):
			return false, fmt.Errorf("%w; killed after %v", c.cause, grace)
		case err != nil:
			return false, c.broken(err)
		case kind == last, kind == frameFailed:
			return c.finish(kind, payload)
		case !data:
			return false, c.broken(errFrame)
		}
	}
}

// timeoutCause tells the deadline of the query from the end of the request.
func (c *conversation) timeoutCause(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return sqlguard.Refuse(sqlguard.RuleTimeout, errors.New("the deadline has passed"))
}

// interrupt asks the worker to end the query and gives it a grace.
func (c *conversation) interrupt(number uint64) error {
	until := time.Now().Add(grace)
	if err := errors.Join(c.process.conn.SetDeadline(until), c.process.interrupts.SetDeadline(until)); err != nil {
		return err
	}
	_, err := writeMessage(c.process.interrupts, nil, frameInterrupt, interrupt{Number: number})
	return err
}

// copyData passes a data frame on. Once the query is being ended its data is
// only read away.
func (c *conversation) copyData() error {
	for {
		piece, err := c.process.frames.data()
		if err != nil || piece == nil {
			return err
		}
		c.sent += int64(len(piece))
		if c.cause != nil {
			continue
		}
		if c.sent > c.limit {
			// The worker should have noticed first.
			c.cause = sqlguard.Refuse(sqlguard.RuleBytes, errors.New("the worker passed the byte limit"))
		} else if err = c.deliver(piece); err != nil {
			c.cause = err
		}
		if c.cause != nil {
			if err := c.interrupt(c.process.number); err != nil {
				return err
			}
		}
	}
}

// deliver passes a piece on, and counts how long that keeps the engine waiting.
func (c *conversation) deliver(piece []byte) error {
	start := time.Now()
	_, err := c.w.Write(piece)
	c.delivering += time.Since(start)
	return err
}

// finish takes the worker's last word.
func (c *conversation) finish(kind frameKind, payload []byte) (bool, error) {
	switch kind {
	case frameEnd:
		e, err := readEnd(payload)
		if err != nil {
			return false, c.broken(err)
		}
		c.process.state = e.state
		if c.cause == nil {
			c.summary = engine.Summary{Rows: e.Rows, Bytes: c.sent, Truncated: e.Truncated}
		}
		return true, c.cause
	case frameFigures:
		f, err := readFigures(payload)
		if err != nil {
			return false, c.broken(err)
		}
		c.process.state = f.state
		if c.cause == nil {
			c.estimate = engine.Estimate{Rows: f.Rows}
		}
		return true, c.cause
	default:
		f, err := readFailed(payload)
		if err != nil {
			return false, c.broken(err)
		}
		c.process.state = f.state
		if c.cause != nil {
			return f.Reason != reasonBroken, c.cause
		}
		return f.Reason != reasonBroken, refusal(f)
	}
}

// refusal turns a worker's failure into what the client is told.
func refusal(f failed) error {
	rule := map[reason]sqlguard.Rule{
		reasonMemory: sqlguard.RuleMemory, reasonTimeout: sqlguard.RuleTimeout, reasonBytes: sqlguard.RuleBytes,
		reasonCost: sqlguard.RuleCost,
	}[f.Reason]
	if rule == "" {
		rule = sqlguard.RuleFailed
	}
	err := errors.New(f.Message)
	if f.Reason == reasonFiles {
		err = fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return sqlguard.Refuse(rule, err)
}

// errAgain is a failure that another worker may not have: the query may run
// again if nothing of its answer is on its way. To whoever hears of it anyway
// the engine is unavailable.
var errAgain = fmt.Errorf("%w: the worker was lost", engine.ErrUnavailable)

// errUnreadable is a file of the source that a worker could not read.
var errUnreadable = errors.New("a file of the source cannot be read")

// errCrashed is a worker that ended by itself for another reason than memory:
// DuckDB, or this program, has a defect.
var errCrashed = errors.New("a worker crashed; the log has its last words")

// errTakenOver is a worker that made a system call which none makes: whatever
// ran in it was no longer DuckDB.
var errTakenOver = errors.New("a worker made a system call that its sandbox ends workers for: it may have been taken over; keep the log, and see which query it ran")

// broken is the failure of a worker that died or spoke nonsense.
func (c *conversation) broken(err error) error {
	if c.cause != nil {
		return c.cause
	}
	if errors.Is(err, errFrame) {
		// It lives, and speaks nonsense. That is joined to the refusal, which alone
		// would tell the log nothing.
		return errors.Join(sqlguard.Refuse(sqlguard.RuleFailed, err), err)
	}
	err = fmt.Errorf("the worker died (%s): %w", c.process.howEnded(), err)
	if why := c.process.ended(); why != nil {
		return errors.Join(why, err)
	}
	switch signal, _ := c.process.signaled(); signal {
	case syscall.SIGKILL:
		// Somebody else did that: the query is not to blame, least of all if it
		// has hardly begun.
		if time.Since(c.begun) < grace {
			return fmt.Errorf("%w: %w", errAgain, err)
		}
		return errors.Join(engine.ErrUnavailable, err)
	case syscall.SIGSYS:
		return errors.Join(sqlguard.Refuse(sqlguard.RuleFailed, err), errTakenOver, err)
	}
	if c.process.said.outOfMemory() {
		return errors.Join(sqlguard.Refuse(sqlguard.RuleMemory, err), err)
	}
	return errors.Join(sqlguard.Refuse(sqlguard.RuleFailed, err), errCrashed, err)
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
