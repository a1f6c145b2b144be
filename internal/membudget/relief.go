package membudget

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// relieving is how long Relieve may take to help before a worker is ended.
	relieving = 250 * time.Millisecond
	// relieveEvery and complainEvery bound what a server that stays too large
	// costs, and how often it says so.
	relieveEvery  = time.Second
	complainEvery = 10 * time.Second
)

// relief is what is known of the server's own part in passing the budget.
type relief struct {
	asking     time.Time
	complained time.Time
	relieves   atomic.Bool // Relieve runs
	times      uint64
}

// relieve asks the server to become smaller if it is beyond its share, and
// reports whether the workers can be left alone until that has helped.
func (b *Budget) relieve(s sum, now time.Time) bool {
	if s.own+s.text <= b.cfg.Server || b.cfg.Relieve == nil {
		return false
	}
	b.ask(now)
	return now.Sub(b.asking) < relieving && s.live()+s.leaving < b.ceiling()
}

// ask calls Relieve, unless it runs or has run a moment ago.
func (b *Budget) ask(now time.Time) {
	if b.cfg.Relieve == nil || now.Sub(b.asking) < relieveEvery || !b.relieves.CompareAndSwap(false, true) {
		return
	}
	b.asking = now
	b.times++
	b.calls.Go(func() {
		defer b.relieves.Store(false)
		b.cfg.Relieve()
	})
}

// helpless says that the budget is passed and no worker's end would help.
func (b *Budget) helpless(s sum, now time.Time) {
	b.ask(now)
	if now.Sub(b.complained) < complainEvery {
		return
	}
	b.complained = now
	b.calls.Go(func() {
		b.cfg.Logger.LogAttrs(context.Background(), slog.LevelError, "memory budget passed, and no worker has grown: raise the budget, or lower the number of workers",
			slog.Int64("limit", b.cfg.Limit), slog.Int64("server", s.own+s.text),
			slog.Int64("workers", s.workers), slog.Int64("leaving", s.leaving))
	})
}
