package membudget

import (
	"sync/atomic"
	"time"
)

// opening is what a worker may take until it is ready, before it counts as grown.
const opening = 128 << 20

// pausedGrown is how much a query must have taken to be paused: others that are
// small go on.
const pausedGrown = 4 << 20

// A Watched is one worker process that a [Budget] watches. It is safe for
// concurrent use.
type Watched struct {
	b     *Budget
	pid   int
	end   func(Cause)
	query atomic.Uint64 // the number of its query, 0 while idle
	ready atomic.Bool   // it has been idle once

	// The rest is guarded by b.mu.
	meter   meter
	process process
	now     reading
	rest    int64  // the least it took while idle
	base    int64  // what it took when its query began
	mark    int64  // what it took when another was ended
	seen    uint64 // the query base belongs to
	opening int64  // what it may take until it is ready
	leaving bool   // ended, or without memory
	ended   bool   // end has been called
	left    int64  // what it is still taken to hold, when leaving
	since   time.Time
	stuck   bool // it was logged that it does not end
	paused  bool
	exited  bool // it is gone, and only Done is missing
	cause   Cause
}

// Busy says whether the worker has something to do: true before a query is sent
// to it, false when the answer is complete. It costs a few atomic operations.
// A new worker is busy until the first false, which must come as soon as it is
// ready: what it takes then is what it takes at rest.
func (w *Watched) Busy(busy bool) {
	if busy {
		w.query.Store(w.b.queries.Add(1))
		w.b.unpark()
		return
	}
	w.query.Store(0)
	if !w.ready.Load() {
		w.b.settle(w)
	}
}

// Done says that the process is gone: it has been waited for. The worker is not
// watched any more, and its callback is not begun again. Calling it twice is harmless.
func (w *Watched) Done() { w.b.forget(w) }

// Ended reports whether the worker was ended, and why. It is true before the
// process is killed, so whoever finds the process dead knows what of.
func (w *Watched) Ended() (Cause, bool) {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	return w.cause, w.ended
}

// observe takes a reading. What a leaving process holds is what it held; only
// where nothing tells when it is gone, less by the speed at which memory is freed.
func (w *Watched) observe(now time.Time, elapsed time.Duration) {
	if w.exited {
		return
	}
	r, ok := w.meter.read()
	if !ok && w.process.exited() {
		w.leaving, w.exited, w.left = true, true, 0
		return
	}
	switch {
	case ok && w.leaving:
		w.left = r.private()
	case ok:
		w.take(r)
	case w.leaving && now.Sub(w.since) <= settling:
		// Its exit has begun, and nothing tells how far it has come.
	case w.leaving:
		w.left = max(w.left-int64(freeing*elapsed.Seconds()), 0)
	default:
		w.leave(now)
	}
}

// take makes r the reading of a worker that stays.
func (w *Watched) take(r reading) {
	before := w.now.private()
	w.now = r
	private := r.private()
	switch query := w.query.Load(); query {
	case 0:
		w.base, w.seen = private, 0
		w.rest = min(w.rest, private)
	case w.seen:
	default:
		// The query began between two readings; what it took since then is its own.
		w.base, w.seen = min(before, private), query
		w.opening = 0
	}
}

// grown is what its query has taken; kept is what earlier ones have left.
func (w *Watched) grown() int64 { return w.now.private() - w.base - w.opening }
func (w *Watched) kept() int64  { return w.now.private() - w.rest - w.opening }

// sinceMark is what it has taken since another was ended, if that is much.
func (w *Watched) sinceMark() int64 {
	if n := w.now.private() - w.mark - w.opening; n >= leastGrown {
		return n
	}
	return 0
}

// leave makes it one whose memory is about to be free.
func (w *Watched) leave(now time.Time) {
	w.leaving, w.since, w.left = true, now, w.now.private()
}

// pause stops a worker that has grown, so that it takes no more.
func (w *Watched) pause() {
	if !w.paused && w.query.Load() != 0 && w.grown() >= pausedGrown {
		w.paused = true
		w.process.pause(true)
	}
}

// resume lets it go on.
func (w *Watched) resume() {
	if w.paused {
		w.paused = false
		w.process.pause(false)
	}
}

func (w *Watched) close() {
	w.meter.close()
	w.process.close()
}
