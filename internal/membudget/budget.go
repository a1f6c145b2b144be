package membudget

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// errClosed says that nothing is watched any more.
var errClosed = errors.New("membudget: closed")

// A Budget watches the memory of the server and its workers. It is safe for
// concurrent use. Close ends it.
type Budget struct {
	cfg     Config
	system  system
	queries atomic.Uint64 // how many have begun: the number of the youngest
	parked  atomic.Bool   // the monitor sleeps until a query begins
	wake    chan struct{}
	stop    chan struct{}
	monitor sync.WaitGroup
	calls   sync.WaitGroup // of callbacks

	mu      sync.Mutex
	closed  bool
	own     meter // nil where Config.Own tells, or nothing can be read
	watched []*Watched
	rounds  uint64    // readings of everything
	last    time.Time // when the last was
	active  time.Time // when a query was last seen
	begun   uint64    // queries at the last reading
	ending
	speed
	relief
	counts
}

// system is how memory is read and processes are reached.
type system struct {
	meter   func(pid int) (meter, error) // 0 is this process; nil where nothing can be read
	process func(pid int) process
}

// ending is what the last end left to wait for.
type ending struct {
	endedAt time.Time
	braking bool // those that have grown are paused
}

// counts are for metrics.
type counts struct {
	kept, query, vanished uint64
}

// New starts to watch. On systems where the memory of other processes cannot be
// read nothing is measured and nobody ended; [Budget.Usage] says so.
func New(cfg Config) (*Budget, error) {
	return start(cfg, system{meter: openMeter, process: openProcess})
}

// start is New with another system.
func start(cfg Config, sys system) (*Budget, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Budget{cfg: cfg, system: sys, wake: make(chan struct{}, 1), stop: make(chan struct{})}
	b.late = wakeUp
	own, err := sys.meter(0)
	switch {
	case errors.Is(err, errUnsupported):
		b.system.meter = nil
		return b, nil
	case err != nil:
		return nil, err
	case cfg.Own != nil:
		own.close()
	default:
		b.own = own
	}
	b.monitor.Go(b.run)
	return b, nil
}

// Watch watches a process that the caller has started and has not waited for.
//
// end is called at most once, in a goroutine of its own, when the worker must
// go. It kills the process, which may have been killed already, and the query
// that runs on it has failed for memory (sql.memory) if the reason is Query.
// Where the process is seen to be gone before the call, [Watched.Ended] tells
// the same. A query may have begun on an idle worker in the same moment;
// nothing of its answer has been sent, so it can run again elsewhere. Whoever
// calls Watch calls Done when the process is gone, whatever it ended of.
//
// The worker counts as busy until Busy(false) is called for the first time. An
// error means that its memory cannot be read: it must not run.
func (b *Budget) Watch(pid int, end func(Cause)) (*Watched, error) {
	w := &Watched{b: b, pid: pid, end: end}
	if b.system.meter == nil {
		return w, nil
	}
	m, err := b.system.meter(pid)
	if err != nil {
		return nil, err
	}
	w.meter, w.process, w.opening = m, b.system.process(pid), opening
	w.now, _ = m.read() // a process that is gone already is found out by the next reading
	w.base, w.rest, w.mark = w.now.private(), w.now.private(), w.now.private()
	w.seen = b.queries.Add(1)
	w.query.Store(w.seen)
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		w.close()
		return nil, errClosed
	}
	b.watched = append(b.watched, w)
	b.mu.Unlock()
	b.unpark()
	return w, nil
}

// Overshoot is by how many bytes the budget may be passed at worst before the
// workers that grow are ended. More than a tenth of the budget is worth a
// warning: the budget is small for so many threads.
func (b *Budget) Overshoot() int64 { return b.cfg.overshoot() }

// Close ends the monitor, and returns when no callback runs any more. Nobody is
// ended after that.
func (b *Budget) Close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	b.mu.Unlock()
	close(b.stop)
	b.monitor.Wait()
	b.calls.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.watched {
		w.resume()
		w.close()
	}
	b.watched = nil
	if b.own != nil {
		b.own.close()
		b.own = nil
	}
}

// run takes readings until Close.
func (b *Budget) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-b.wake:
		case <-timer.C:
		}
		b.parked.Store(false)
		timer.Reset(b.rest(b.round(time.Now())))
	}
}

// rest is how long to sleep after a reading that asked for a next one so soon.
// Once no query has been seen for a while, only the next one ends the sleep.
func (b *Budget) rest(next time.Duration) time.Duration {
	if b.busy() {
		return next
	}
	b.parked.Store(true)
	if b.queries.Load() != b.seen() { // it began before it could see that the monitor is parked
		b.parked.Store(false)
		return next
	}
	return b.cfg.Parked
}

// unpark wakes the monitor if it sleeps for want of queries.
func (b *Budget) unpark() {
	if b.parked.Load() && b.parked.CompareAndSwap(true, false) {
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
}

// seen is how many queries the last reading has seen begin.
func (b *Budget) seen() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.begun
}

// busy reports whether queries run, or have until a moment ago: in a stream of
// short ones the monitor must not be woken by each.
func (b *Budget) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last.Sub(b.active) < b.cfg.Parked
}

// settle takes what w has now for what it takes at rest.
func (b *Budget) settle(w *Watched) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w.ready.Swap(true) || w.meter == nil || w.leaving {
		return
	}
	if r, ok := w.meter.read(); ok {
		w.now = r
	}
	w.rest, w.base, w.mark, w.opening = w.now.private(), w.now.private(), w.now.private(), 0
}

// forget ends the watch over w.
func (b *Budget) forget(w *Watched) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.watched, w); i >= 0 {
		b.watched = slices.Delete(b.watched, i, i+1)
		w.close()
	}
}
