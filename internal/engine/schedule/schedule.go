package schedule

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// Schedule hands out the places of one source. It is safe for concurrent use.
type Schedule struct {
	config Config
	start  time.Time

	mu     sync.Mutex
	closed bool
	epoch  time.Duration // when a weight was 1
	exact  moment        // the last whose weight was computed in full

	running []*Place // regular and spare
	regular int      // of them
	spare   int

	clients  map[string]*client
	idle     clientList
	queueing []*client // those who have waiters
	waiting  int       // waiters
	ready    int       // waiters whose size is known
	small    int       // waiters who are known to be small
	serial   uint64

	// alarm rings at the time rings, if that is not zero: when a running query
	// becomes a long one.
	alarm *time.Timer
	rings time.Duration

	stats Stats // the counts
}

// New returns a schedule, or every mistake in c.
func New(c Config) (*Schedule, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Schedule{config: c, start: time.Now(), exact: moment{weight: 1}, clients: map[string]*client{}}, nil
}

// Request is who wants a place.
type Request struct {
	// Client is whose query it is. Empty is one client of its own.
	Client string
	// Known is the size where it is known beforehand. Queries that are known to be
	// small find room in a queue that is full of others.
	Known engine.Size
	// Size tells whether the query is small; what is not counts as large. It is
	// called at most once, on the caller's goroutine and without a lock, and
	// only if no regular place is free. While it runs, the query stands in the
	// queue but is not served, and Acquire does not return: it should take
	// milliseconds, and end when the caller's context does. It may acquire a
	// place itself, for a request without Size. Nil: nobody knows.
	Size func() engine.Size
}

// Acquire waits for a place, at most Config.Wait. The error is ctx.Err() or one
// of this package, all of which are engine.ErrUnavailable.
func (s *Schedule) Acquire(ctx context.Context, r Request) (*Place, error) {
	if err := ctx.Err(); err != nil {
		s.mu.Lock()
		s.stats.Canceled++
		s.mu.Unlock()
		return nil, err
	}
	p, w, err := s.try(r)
	if w == nil {
		return p, err
	}
	if r.asks() {
		s.ask(w, r.Size)
	}
	return s.await(ctx, w)
}

// try takes a place that is free, or stands in the queue.
func (s *Schedule) try(r Request) (*Place, *waiter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.stats.RefusedClosed++
		return nil, nil, ErrClosed
	}
	m := s.now()
	c := s.track(r.Client)
	if s.regular < s.config.Places {
		p := &Place{}
		s.grant(p, c, m)
		return p, nil, nil
	}
	if s.anySpare(m) {
		s.dispatch(m) // the alarm that rings at this moment may come after us
		if c.account.held == 0 && s.anySpare(m) {
			p := &Place{spare: true}
			s.grant(p, c, m)
			return p, nil, nil
		}
	}
	w := &waiter{client: c, size: r.Known}
	if err := s.enter(w, m); err != nil {
		s.settle(c, m)
		return nil, nil, err
	}
	if !r.asks() {
		s.sized(w, r.Known)
		s.dispatch(m)
	}
	return nil, w, nil
}

// asks reports whether there is a size to be found out.
func (r Request) asks() bool { return r.Known == engine.Unknown && r.Size != nil }

// ask finds out w's size, if w is still there by then.
func (s *Schedule) ask(w *waiter, size func() engine.Size) {
	answered := false
	defer func() {
		if !answered { // it panicked: w must not stand in the queue for ever
			_, _ = s.giveUp(w, ErrClosed)
		}
	}()
	answer := size()
	answered = true
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.lane != nil {
		s.sized(w, answer)
		s.dispatch(s.now())
	}
}

// await waits until w has been served or refused, or gives up.
func (s *Schedule) await(ctx context.Context, w *waiter) (*Place, error) {
	timer := time.NewTimer(s.config.Wait - (time.Since(s.start) - w.arrived))
	defer timer.Stop()
	select {
	case <-w.done:
		return w.place, w.err
	case <-ctx.Done():
		return s.giveUp(w, ctx.Err())
	case <-timer.C:
		return s.giveUp(w, ErrWaited)
	}
}

// giveUp takes w out of the queue because of err, unless its wait has ended
// meanwhile. A place that came too late for a canceled caller goes to the next.
func (s *Schedule) giveUp(w *waiter, err error) (*Place, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waitedLong := errors.Is(err, ErrWaited)
	if w.lane == nil && (waitedLong || w.place == nil) {
		return w.place, w.err
	}
	m := s.now()
	if w.lane == nil {
		s.giveBack(w.place, m)
		s.dispatch(m)
	} else {
		s.refuse(w, err, m)
	}
	if waitedLong {
		s.stats.RefusedWaited++
	} else {
		s.stats.Canceled++
	}
	return nil, err
}

// Close refuses all who wait, and all who come. Places that are held stay so
// until they are released. It may be called more than once.
func (s *Schedule) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.alarm != nil {
		s.alarm.Stop()
	}
	m := s.now()
	for len(s.queueing) > 0 {
		s.stats.RefusedClosed++
		s.refuse(s.queueing[0].newest(), ErrClosed, m)
	}
}
