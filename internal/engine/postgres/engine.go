package postgres

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/schedule"
)

// Engine serves one database through a pool of connections.
type Engine struct {
	config   Config
	pool     *pool
	types    *types
	held     holdings
	warnings []string
	texts    textQueries

	mu      sync.RWMutex // held for reading by queries, for writing by Close
	closed  bool
	running sync.WaitGroup
}

var _ engine.Engine = (*Engine)(nil)

// Open connects, makes sure that the role may do nothing but read, and reads
// the catalog. A role that may do more is a *RoleError.
func Open(ctx context.Context, c Config) (*Engine, error) { return open(ctx, c, true) }

// open is Open; only tests do without the inspection of the role.
func open(ctx context.Context, c Config, inspect bool) (*Engine, error) {
	c = c.withDefaults()
	a, err := c.parseAddress()
	if err := errors.Join(c.validate(), err); err != nil {
		return nil, err
	}
	p, err := newPool(&dialer{config: c, address: a})
	if err != nil {
		return nil, err
	}
	e := &Engine{config: c, types: newTypes(), pool: p}
	if err := e.start(ctx, inspect); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.pool.keepers.Go(e.pool.keep)
	for _, w := range e.warnings {
		c.Logger.LogAttrs(ctx, slog.LevelWarn, "worth knowing about a source", slog.String("source", c.Name), slog.String("warning", w))
	}
	return e, nil
}

// start makes the first connection and asks it all that must be known.
func (e *Engine) start(ctx context.Context, inspect bool) error {
	first, err := e.first(ctx)
	if err != nil {
		return err
	}
	if err := e.examine(ctx, first, inspect); err != nil {
		first.close()
		return err
	}
	e.pool.adopt(first)
	e.pool.put(first, true)
	return nil
}

func (e *Engine) examine(ctx context.Context, c *conn, inspect bool) error {
	problems, warnings, err := inspectRole(ctx, c, e.config)
	if err != nil {
		return err
	}
	e.warnings = append(e.warnings, warnings...)
	if inspect && problems != nil {
		return problems
	}
	if err := e.types.load(ctx, c); err != nil {
		return err
	}
	e.held, err = readHoldings(ctx, c, e.config, e.types)
	e.warnings = append(e.warnings, e.held.warnings...)
	return err
}

// Catalog is what the source held when it was opened.
func (e *Engine) Catalog() engine.Catalog { return e.held.catalog }

// Definitions are what runs when a name of the catalog is read, by that name:
// CREATE VIEW statements, a view's own first, then those of all views that it
// uses in turn, also in schemas that are not served. Whoever serves them must
// judge every one: views run with their owners' rights, and were written by
// whoever made them.
func (e *Engine) Definitions() map[string][]string { return e.held.definitions }

// Warnings tell what the role may do beyond reading that does no harm in READ
// ONLY transactions, which tables are not served, and what else the database's
// administrator should know.
func (e *Engine) Warnings() []string { return e.warnings }

// Run executes one query.
func (e *Engine) Run(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
	if !r.Query.Valid() {
		return engine.Summary{}, errors.New("postgres: the query was not made by a guard")
	}
	q, err := newWork(r.Query.SQL(), r.Params, r.Format, r.Limits)
	if err != nil {
		return engine.Summary{}, err
	}
	q.cappedAt, q.options = r.Query.CappedAt(), r.Encoding
	q.place = schedule.Request{Client: r.Client, Size: r.Size}
	return e.run(ctx, q, r.Query.Tables(), w)
}

func newWork(sql string, params []any, format encode.Format, limits engine.Limits) (*work, error) {
	if limits.Deadline <= 0 || limits.Rows <= 0 || limits.Bytes <= 0 {
		return nil, errors.New("postgres: a query without limits")
	}
	values, err := textParams(params)
	return &work{sql: sql, params: values, format: format, limits: limits}, err
}

// run executes a query that reads the given tables.
func (e *Engine) run(ctx context.Context, q *work, tables []string, w io.Writer) (engine.Summary, error) {
	if !e.enter() {
		return engine.Summary{}, errClosed
	}
	defer e.running.Done()
	queued := time.Now()
	place, err := e.pool.places.Acquire(ctx, q.place)
	waited := time.Since(queued)
	if err != nil {
		return engine.Summary{Queued: waited}, err
	}
	defer place.Release()
	if hurried, ok := w.(engine.Hurried); ok {
		hurried.Until(time.Now().Add(q.limits.Deadline))
	}
	summary, err := e.attempts(ctx, q, e.texts.has(q.sql) || e.held.hasText(tables), w)
	summary.Queued = waited
	return summary, err
}

// maxAttempts bounds how often a query is tried: a dead connection, one that
// was overtaken by a change of a table, and columns that must be asked for as
// text are one more attempt each.
const maxAttempts = 4

func (e *Engine) attempts(ctx context.Context, q *work, describe bool, w io.Writer) (engine.Summary, error) {
	start, fresh := time.Now(), false
	for attempt := 1; ; attempt++ {
		c, err := e.pool.take(ctx, fresh)
		if err != nil {
			return engine.Summary{}, err
		}
		var summary engine.Summary
		var usable bool
		left := q.limits.Deadline
		if attempt > 1 || describe {
			left -= time.Since(start).Truncate(time.Millisecond)
		}
		if describe {
			q.formats, err = e.describe(ctx, c, q, left)
			usable = c.pg.TxStatus() == 'I' && !c.pg.IsClosed()
		}
		if err == nil {
			summary, usable, err = c.query(ctx, e.types, q, left, w)
		}
		e.pool.put(c, usable)
		switch {
		case !retriable(err):
			e.report(ctx, err)
			summary.Elapsed = time.Since(start)
			return summary, err
		case attempt == maxAttempts:
			return engine.Summary{}, unavailable(err)
		case errors.Is(err, errStale):
			e.pool.drop()
			fresh = true
		case errors.Is(err, errReplan):
			fresh = true
		case errors.Is(err, errDescribe):
			e.texts.add(q.sql)
			describe = true
		}
	}
}

// report tells the log what should never happen.
func (e *Engine) report(ctx context.Context, err error) {
	if isWrite(err) {
		e.config.Logger.LogAttrs(ctx, slog.LevelError, "a statement got past the guard and was stopped by the database",
			slog.String("source", e.config.Name), slog.Any("error", errors.Unwrap(err)))
	}
}

// enter counts a query unless the engine is closed.
func (e *Engine) enter() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if e.closed {
		return false
	}
	e.running.Add(1)
	return true
}

// Close cancels every query, waits for them, and closes the connections.
func (e *Engine) Close() error {
	e.mu.Lock()
	already := e.closed
	e.closed = true
	e.mu.Unlock()
	if already {
		return nil
	}
	e.pool.end()
	e.running.Wait()
	return e.pool.close()
}
