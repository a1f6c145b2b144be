package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/schedule"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
)

// Engine serves one location through worker processes.
type Engine struct {
	pool        *pool
	spawner     *spawner
	catalog     engine.Catalog
	definitions map[string]string
	sandbox     sandbox.Report
	tried       []sandbox.Finding
	temp        string

	mu      sync.RWMutex // held for reading by queries, for writing by Close
	closed  bool
	running sync.WaitGroup
	ctx     context.Context // ends when the engine closes
	cancel  context.CancelFunc
}

var _ engine.Engine = (*Engine)(nil)

// Version is the version of the DuckDB that is linked in, such as "v1.5.6".
func Version() string { return duckdblib.Version() }

// Open examines the location, converts CSV files where that has not been done
// before, and starts the workers.
func Open(ctx context.Context, c Config) (*Engine, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	place, err := examine(c.Location)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "sallyport-")
	if err != nil {
		return nil, err
	}
	e := &Engine{temp: temp, spawner: newSpawner()}
	e.ctx, e.cancel = context.WithCancel(context.Background())
	if err := e.open(ctx, c, place); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Engine) open(ctx context.Context, c Config, place layout) error {
	s := setup{Database: place.database, Tables: place.parquet, Memory: c.Memory, Threads: c.Threads, TempSize: c.Temp, Data: c.Data}
	if s.Data == 0 {
		s.Data = c.Memory + dataSlack
	}
	for _, v := range place.parquet {
		s.Paths = append(s.Paths, v.Path)
	}
	if s.Database == "" {
		var err error
		if s.Database, err = e.convert(ctx, c, place); err != nil {
			return err
		}
	}
	var err error
	if e.pool, err = newPool(c, s, e.temp, e.spawner); err != nil {
		return err
	}
	answer, err := e.pool.start(ctx)
	if err != nil {
		return err
	}
	e.catalog, e.definitions = answer.Catalog, answer.Definitions
	e.sandbox, e.tried = answer.Sandbox, answer.Tried
	return nil
}

// convert makes the database of a folder without one of its own.
func (e *Engine) convert(ctx context.Context, c Config, place layout) (string, error) {
	path, err := place.cached(c.Cache)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("duckdb: the cache directory cannot be made: %w", err)
	}
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	list := place.csv
	if len(list) == 0 {
		list = []view{{}} // nothing to read, but a database to make
	}
	p, _, err := spawn(ctx, c, setup{
		Database: path, Convert: list, Temp: e.temp + "/convert",
		Memory: c.Memory, Threads: c.Threads, Data: c.Memory + dataSlack,
	}, e.spawner)
	if err != nil {
		return "", err
	}
	return path, p.stop()
}

// Catalog is what the source held when it was opened.
func (e *Engine) Catalog() engine.Catalog { return e.catalog }

// Definitions are what runs when a name is read, as CREATE VIEW statements by
// that name: the views stored in the file, and of each table with generated
// columns one that computes them. Whoever serves them must judge them: they
// were written by whoever made the file.
func (e *Engine) Definitions() map[string]string { return e.definitions }

// Sandbox is what the kernel keeps the workers from, and what the first of them
// has tried to prove it.
func (e *Engine) Sandbox() (sandbox.Report, []sandbox.Finding) { return e.sandbox, e.tried }

// Run executes one query in a worker.
func (e *Engine) Run(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
	q, err := newWork(r)
	if err != nil {
		return engine.Summary{}, err
	}
	summary, err := e.run(ctx, r, q, w)
	if errors.Is(err, errAgain) && summary.Bytes == 0 {
		// Once: whatever happened to the worker was none of the query's doing.
		queued := summary.Queued
		summary, err = e.run(ctx, r, q, w)
		summary.Queued += queued
	}
	return summary, err
}

func (e *Engine) run(ctx context.Context, r engine.Request, q work, w io.Writer) (engine.Summary, error) {
	var summary engine.Summary
	turn := schedule.Request{Client: r.Client, Size: func() engine.Size { return e.size(ctx, q) }}
	if r.Size != nil {
		turn.Known = r.Size()
	}
	waited, err := e.withWorker(ctx, turn, func(ctx context.Context, worker *process) (usable bool, err error) {
		summary, usable, err = worker.query(ctx, q, r.Limits.Deadline, w)
		if errors.Is(err, errUnreadable) && e.pool.outdated(worker) {
			err = fmt.Errorf("%w: %w", errAgain, err)
		}
		return usable, err
	})
	summary.Queued = waited
	return summary, err
}

// withWorker gives f a worker for itself, and says how long it waited for one.
func (e *Engine) withWorker(ctx context.Context, r schedule.Request, f func(context.Context, *process) (usable bool, err error)) (time.Duration, error) {
	if !e.enter() {
		return 0, fmt.Errorf("%w: closed", engine.ErrUnavailable)
	}
	defer e.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	queued := time.Now()
	worker, place, err := e.pool.acquire(ctx, r)
	waited := time.Since(queued)
	if err != nil {
		return waited, err
	}
	usable, err := false, errPanic
	defer func() { // also when whoever takes the answer panics
		e.pool.release(worker, usable, err)
		place.Release()
	}()
	usable, err = f(ctx, worker)
	return waited, err
}

// errPanic is why a worker is ended whose query was left in the middle.
var errPanic = errors.New("the query was abandoned by a panic")

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

func newWork(r engine.Request) (work, error) {
	if !r.Query.Valid() {
		return work{}, errors.New("duckdb: the query was not made by a guard")
	}
	if r.Limits.Deadline <= 0 || r.Limits.Rows <= 0 || r.Limits.Bytes <= 0 {
		return work{}, errors.New("duckdb: a query without limits")
	}
	return work{
		SQL: r.Query.SQL(), Params: r.Params, Format: r.Format, Encoding: r.Encoding,
		Rows: r.Limits.Rows, Bytes: r.Limits.Bytes, CappedAt: r.Query.CappedAt(),
	}, nil
}

// Close interrupts every query, waits for them, and ends the workers.
func (e *Engine) Close() error {
	e.mu.Lock()
	already := e.closed
	e.closed = true
	e.mu.Unlock()
	if already {
		return nil
	}
	e.cancel()
	e.running.Wait()
	var err error
	if e.pool != nil {
		err = e.pool.close()
	}
	e.spawner.close() // after every process that it started
	return errors.Join(err, removeTemp(e.temp))
}
