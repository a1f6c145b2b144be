package membudget

import (
	"context"
	"log/slog"
	"time"
)

const (
	// freeing is how fast a process that ends gives back its memory, at the very
	// least: measured were 14 GB/s on an idle core and 1.5 GB/s among growing ones.
	freeing = 5e8
	// settling is how long what is leaving is taken to be on its way.
	settling = time.Second
	// vanishing is how long a process may take to end without having been told.
	vanishing = 250 * time.Millisecond
	// lasting is after how long a process that has not ended is worth a word.
	lasting = 2 * time.Second
)

// A sum is what a reading of everything has found, in bytes.
type sum struct {
	own     int64 // the server
	text    int64 // the program's text, which all share
	workers int64 // those that stay, without text
	leaving int64 // those that do not
	grown   int64 // of workers, since the reading before
	marked  int64 // of workers, since one was ended
}

func (s sum) live() int64 { return s.own + s.text + s.workers }

// round reads everything, ends whom it must, and says when to come again.
func (b *Budget) round(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	elapsed := now.Sub(b.last)
	s := b.observe(now, elapsed)
	if b.rounds > 0 {
		b.judge(s.grown, elapsed)
	}
	b.rounds++
	b.last = now
	ahead := b.cfg.ahead(b.speed)
	if over := b.over(s, ahead, now); over > 0 && !b.relieve(s, now) {
		b.shed(&s, over, now)
	}
	b.asked = b.cfg.interval(b.cfg.Limit-s.live(), b.late)
	b.brake(s, ahead, now)
	if b.braking {
		b.asked = b.cfg.Shortest // for others that begin to grow
	}
	return b.asked
}

// observe takes the readings.
func (b *Budget) observe(now time.Time, elapsed time.Duration) sum {
	var s sum
	switch {
	case b.cfg.Own != nil:
		s.own = b.cfg.Own()
	case b.own != nil:
		if r, ok := b.own.read(); ok {
			s.own, s.text = r.private(), r.text()
		}
	}
	if begun := b.queries.Load(); begun != b.begun {
		b.begun, b.active = begun, now
	}
	for _, w := range b.watched {
		before := w.now.private()
		w.observe(now, elapsed)
		if w.leaving {
			b.chase(w, now)
			s.leaving += w.left
			continue
		}
		if w.query.Load() != 0 {
			b.active = now
		}
		s.text = max(s.text, w.now.text())
		s.workers += w.now.private()
		s.grown += w.now.private() - before
		s.marked += w.sinceMark()
	}
	return s
}

// over is by how much those that stay must shrink.
func (b *Budget) over(s sum, ahead int64, now time.Time) int64 {
	if over := s.live() + ahead - b.cfg.Limit; over > 0 {
		return over
	}
	// What is leaving has been paid for, unless those that stay have grown since,
	// or it has been leaving for too long.
	if s.leaving > 0 && (now.Sub(b.endedAt) > settling || s.marked > b.cfg.tolerance()/4) {
		return s.live() + s.leaving - b.ceiling()
	}
	return 0
}

// ceiling is what all memory together, also what is leaving, must stay below.
func (b *Budget) ceiling() int64 { return b.cfg.Limit + b.cfg.tolerance()/2 }

// brake pauses the workers that have grown while all memory together does not
// fit, until what is leaving has left or a tenth of the budget is free. It takes
// a tenth of a second; workers that grow would slow down even that.
func (b *Budget) brake(s sum, ahead int64, now time.Time) {
	total := s.live() + s.leaving
	if b.braking {
		b.braking = total > b.cfg.Limit-b.cfg.tolerance()
	} else {
		b.braking = total+ahead > b.cfg.Limit
	}
	b.braking = b.braking && s.leaving > 0 && now.Sub(b.endedAt) <= settling
	for _, w := range b.watched {
		switch {
		case w.leaving:
		case b.braking:
			w.pause()
		default:
			w.resume()
		}
	}
}

// shed ends workers until those that stay have shrunk by over.
func (b *Budget) shed(s *sum, over int64, now time.Time) {
	for over > 0 {
		w, reason := victim(b.watched)
		if w == nil {
			b.helpless(*s, now)
			return
		}
		c := Cause{Reason: reason, Total: s.live(), Limit: b.cfg.Limit, Worker: w.now.private(), Grown: max(w.grown(), 0)}
		over -= c.Worker
		s.workers -= c.Worker
		s.leaving += c.Worker
		w.leave(now)
		b.endedAt = now
		b.finish(w, c)
		for _, w := range b.watched {
			w.mark = w.now.private()
		}
	}
}

// chase looks after a process that is leaving. One that nobody has ended exits
// by itself, or pretends to: its first thread is gone and others live on.
func (b *Budget) chase(w *Watched, now time.Time) {
	if w.exited {
		return
	}
	took := now.Sub(w.since)
	if !w.ended && took >= vanishing {
		b.finish(w, Cause{Reason: Vanished, Limit: b.cfg.Limit, Worker: w.left})
	}
	if w.ended && !w.stuck && took >= lasting {
		w.stuck = true
		b.cfg.Logger.LogAttrs(context.Background(), slog.LevelError, "worker does not end",
			slog.Int("pid", w.pid), slog.Int64("bytes", w.left))
	}
}

// finish has the owner end a worker.
func (b *Budget) finish(w *Watched, c Cause) {
	w.ended, w.cause = true, c
	w.process.kill()
	switch c.Reason {
	case Kept:
		b.kept++
	case Query:
		b.query++
	default:
		b.vanished++
	}
	// Neither the owner nor a logger may hold up the monitor.
	b.calls.Go(func() {
		w.end(c)
		b.cfg.Logger.LogAttrs(context.Background(), slog.LevelWarn, "worker ended for its memory",
			slog.Int("pid", w.pid), slog.String("reason", c.Reason.String()), slog.Int64("total", c.Total),
			slog.Int64("limit", c.Limit), slog.Int64("worker", c.Worker), slog.Int64("grown", c.Grown))
	})
}
