package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/schedule"
)

const (
	// maxAge is how long a connection is used: what a session gathers in the
	// server's memory goes with it.
	maxAge = time.Hour
	// maxIdle is how long a connection beyond MinConns is kept without use.
	maxIdle = time.Minute
	// tidyEvery is how often idle connections are looked at.
	tidyEvery = 15 * time.Second
)

// dialer makes connections.
type dialer struct {
	config  Config
	address *address
	// extra are settings that only some roles and servers take; missing are
	// those that this server does not.
	extra   map[string]string
	missing []string
}

func (d *dialer) settings() map[string]string {
	all := d.config.settings()
	for name, value := range d.extra {
		all[name] = value
	}
	for _, name := range d.missing {
		delete(all, name)
	}
	return all
}

// pool keeps connections: each is idle, or has one query.
type pool struct {
	dialer *dialer
	// places are as many as there may be connections, handed out to clients in
	// fair turns; who holds one may use or make a connection.
	places *schedule.Schedule
	away   atomic.Bool // the last attempt to connect failed

	mu     sync.Mutex
	idle   []*conn // the one used last is the last
	open   int     // connections that exist
	busy   map[*ender]struct{}
	closed bool

	ctx     context.Context // ends when the pool closes
	cancel  context.CancelFunc
	refill  chan struct{} // asks the keeper to look
	keepers sync.WaitGroup
}

func newPool(d *dialer) (*pool, error) {
	places, err := schedule.New(schedule.Config{
		// Each place is a connection, of which the server has no more to spare.
		Places: d.config.MaxConns, Queue: d.config.Queue, Wait: d.config.AcquireTimeout,
		// One client may fill a queue that nobody else needs. Others push it out.
		QueuePerClient: d.config.Queue,
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	p := &pool{dialer: d, places: places, refill: make(chan struct{}, 1), busy: map[*ender]struct{}{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// take gives a connection to who has a place: an idle one unless a fresh one
// is asked for.
func (p *pool) take(ctx context.Context, fresh bool) (*conn, error) {
	if !fresh {
		p.mu.Lock()
		if n := len(p.idle); n > 0 {
			c := p.idle[n-1]
			p.idle = p.idle[:n-1]
			p.mu.Unlock()
			return c, nil
		}
		p.mu.Unlock()
	}
	return p.connect(ctx)
}

func (p *pool) connect(ctx context.Context) (*conn, error) {
	c, err := p.dialer.dial(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !p.away.Swap(true) {
			p.log(slog.LevelError, "the database cannot be reached", err)
		}
		return nil, unavailable(err)
	}
	if p.away.Swap(false) {
		p.log(slog.LevelInfo, "the database can be reached again", nil)
	}
	p.adopt(c)
	return c, nil
}

// adopt counts a connection that was made.
func (p *pool) adopt(c *conn) {
	c.pool = p
	p.mu.Lock()
	p.open++
	p.mu.Unlock()
}

// errClosed ends queries when the engine closes.
var errClosed = fmt.Errorf("%w: closed", engine.ErrUnavailable)

// began remembers a query, so that it can be ended.
func (p *pool) began(e *ender) {
	p.mu.Lock()
	p.busy[e] = struct{}{}
	p.mu.Unlock()
	if p.ctx.Err() != nil {
		e.trigger(errClosed)
	}
}

func (p *pool) finished(e *ender) {
	p.mu.Lock()
	delete(p.busy, e)
	p.mu.Unlock()
}

// end ends all queries, and those that have yet to begin.
func (p *pool) end() {
	p.cancel()
	p.places.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	for e := range p.busy {
		e.trigger(errClosed)
	}
}

func (p *pool) log(level slog.Level, message string, err error) {
	attrs := []slog.Attr{slog.String("source", p.dialer.config.Name)}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	p.dialer.config.Logger.LogAttrs(p.ctx, level, message, attrs...) //nolint:sloglint // the messages are constants of this file
}

// put takes a connection back, or closes it.
func (p *pool) put(c *conn, usable bool) {
	p.mu.Lock()
	if usable && !p.closed && time.Since(c.born) < maxAge {
		c.idle = time.Now()
		p.idle = append(p.idle, c)
		p.mu.Unlock()
		return
	}
	p.open--
	p.mu.Unlock()
	if usable {
		c.close()
	} else {
		c.kill()
	}
	p.ask()
}

// ask has the keeper look whether connections are missing.
func (p *pool) ask() {
	select {
	case p.refill <- struct{}{}:
	default:
	}
}

// drop closes all idle connections: one of them was found dead.
func (p *pool) drop() {
	p.mu.Lock()
	gone := p.idle
	p.idle = nil
	p.open -= len(gone)
	p.mu.Unlock()
	for _, c := range gone {
		c.kill()
	}
}

// keep looks after the idle connections until the pool closes.
func (p *pool) keep() {
	ticker := time.NewTicker(tidyEvery)
	defer ticker.Stop()
	for {
		p.tidy(time.Now())
		p.fill()
		select {
		case <-p.ctx.Done():
			return
		case <-ticker.C:
		case <-p.refill:
		}
	}
}

// tidy closes connections that are old, or too many and idle for long.
func (p *pool) tidy(now time.Time) {
	p.mu.Lock()
	var gone []*conn
	p.idle = slices.DeleteFunc(p.idle, func(c *conn) bool {
		old := now.Sub(c.born) >= maxAge
		spare := p.open-len(gone) > p.dialer.config.MinConns && now.Sub(c.idle) >= maxIdle
		if old || spare {
			gone = append(gone, c)
		}
		return old || spare
	})
	p.open -= len(gone)
	p.mu.Unlock()
	for _, c := range gone {
		c.close()
	}
}

// fill makes the connections that are missing, as long as that works. It
// takes a place for each while there are some that no query waits for.
func (p *pool) fill() {
	for {
		p.mu.Lock()
		enough := p.closed || p.open >= p.dialer.config.MinConns
		p.mu.Unlock()
		if enough || p.places.Stats().Running >= p.dialer.config.MaxConns {
			return
		}
		// Where a query was faster, it waits for a moment as nobody's query does.
		place, err := p.places.Acquire(p.ctx, schedule.Request{})
		if err != nil {
			return
		}
		c, err := p.connect(p.ctx)
		if err == nil {
			p.put(c, true)
		}
		place.Release()
		if err != nil {
			return
		}
	}
}

// close closes idle connections and waits for the keeper. No query may run.
func (p *pool) close() error {
	p.keepers.Wait()
	p.mu.Lock()
	p.closed = true
	gone := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range gone {
		c.close()
	}
	return nil
}

// retriable reports whether a failed attempt may be followed by another.
func retriable(err error) bool {
	return errors.Is(err, errStale) || errors.Is(err, errReplan) || errors.Is(err, errDescribe)
}
