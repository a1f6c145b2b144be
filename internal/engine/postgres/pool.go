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
	// places are as many as there may be connections; who holds one may use
	// or make a connection.
	places  chan struct{}
	waiting atomic.Int64
	away    atomic.Bool // the last attempt to connect failed

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

func newPool(d *dialer) *pool {
	p := &pool{dialer: d, places: make(chan struct{}, d.config.MaxConns), refill: make(chan struct{}, 1), busy: map[*ender]struct{}{}}
	for range d.config.MaxConns {
		p.places <- struct{}{}
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// place waits for the right to a connection.
func (p *pool) place(ctx context.Context) error {
	select {
	case <-p.places:
		return nil
	default:
	}
	c := p.dialer.config
	if p.waiting.Add(1) > int64(c.Queue) {
		p.waiting.Add(-1)
		return fmt.Errorf("%w: %d queries wait already", engine.ErrUnavailable, c.Queue)
	}
	defer p.waiting.Add(-1)
	timer := time.NewTimer(c.AcquireTimeout)
	defer timer.Stop()
	select {
	case <-p.places:
		return nil
	case <-timer.C:
		return fmt.Errorf("%w: no connection became free in %v", engine.ErrUnavailable, c.AcquireTimeout)
	case <-ctx.Done():
		return ctx.Err()
	case <-p.ctx.Done():
		return errClosed
	}
}

// leave gives a place back.
func (p *pool) leave() { p.places <- struct{}{} }

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
// takes a place for each, and none that a query waits for.
func (p *pool) fill() {
	for {
		p.mu.Lock()
		enough := p.closed || p.open >= p.dialer.config.MinConns
		p.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-p.places:
		default:
			return
		}
		c, err := p.connect(p.ctx)
		if err == nil {
			p.put(c, true)
		}
		p.leave()
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
