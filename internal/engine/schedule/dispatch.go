package schedule

import (
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// Between two critical sections this holds: while a regular place is free,
// nobody waits who is ready and nobody is in a spare place. So whoever comes
// and finds a regular place free passes nobody.

// dispatch gives free places to those who are next.
func (s *Schedule) dispatch(m moment) {
	if s.closed || s.ready == 0 && s.spare == 0 {
		return
	}
	for s.regular < s.config.Places {
		w := s.nextRegular(m)
		if w == nil || w.client.account.held > 0 {
			// A spare is wanted back before somebody gets a second place.
			if p := s.promotable(m); p != nil {
				p.spare = false
				s.spare--
				s.regular++
				continue
			}
		}
		if w == nil {
			break
		}
		s.serve(w, false, m)
	}
	for s.spare < s.config.Spares {
		w := s.nextSpare(m)
		if w == nil {
			break
		}
		s.serve(w, true, m)
	}
	s.setAlarm(m)
}

// serve ends w's wait with a place.
func (s *Schedule) serve(w *waiter, spare bool, m moment) {
	c := w.client
	s.leave(w)
	if w.size != engine.Small {
		c.largeSince = m.at
	}
	w.place = &Place{size: w.size, spare: spare, waited: m.at - w.arrived}
	s.grant(w.place, c, m)
	close(w.done)
}

// reserved says whether a regular place that is free now is for small queries:
// the large ones have all but one, and somebody small waits.
func (s *Schedule) reserved(m moment) bool {
	return s.small > 0 && s.large(m) >= s.config.Places-1
}

// nextRegular is who gets a regular place.
func (s *Schedule) nextRegular(m moment) *waiter {
	reserved := s.reserved(m)
	// A large query that is overdue may have it all the same, where the small
	// ones have another place, or where there is no other.
	strict := s.config.Places > 1 && s.config.Spares == 0
	var best candidate
	for _, c := range s.queueing {
		w := s.first(c, m)
		if w == nil {
			continue
		}
		next := s.candidate(w, m)
		othersWait := s.small > c.small.length // the place is kept for them
		if reserved && w.size != engine.Small && othersWait && (strict || !next.overdue) {
			if c.small.head == nil {
				continue
			}
			next = s.candidate(c.small.head, m)
		}
		if next.before(best) {
			best = next
		}
	}
	return best.waiter
}

// nextSpare is who gets a spare place: somebody who runs nothing, and for whom
// large queries hold every regular place that it might get.
func (s *Schedule) nextSpare(m moment) *waiter {
	large := s.large(m)
	smallMay := large == s.config.Places
	largeMay := s.spare < s.config.Spares-1 && (smallMay || s.reserved(m))
	if !smallMay && !largeMay {
		return nil
	}
	var best candidate
	for _, c := range s.queueing {
		if c.account.held > 0 {
			continue
		}
		w := s.first(c, m)
		if w != nil && w.size != engine.Small && !largeMay {
			w = c.small.head
		}
		if w == nil || w.size == engine.Small && !smallMay { // a regular place is kept for it
			continue
		}
		if next := s.candidate(w, m); next.before(best) {
			best = next
		}
	}
	return best.waiter
}

// anySpare says whether a newcomer who runs nothing may have a spare place
// whatever its size: then nobody needs to ask for it.
func (s *Schedule) anySpare(m moment) bool {
	return s.spare < s.config.Spares-1 && s.large(m) == s.config.Places
}

// first is c's next waiter: small before large, but a large one not for ever.
func (s *Schedule) first(c *client, m moment) *waiter {
	if c.small.head == nil {
		return c.large.head
	}
	if w := c.large.head; w != nil && s.overdue(max(w.arrived, c.largeSince), m) {
		return w
	}
	return c.small.head
}

func (s *Schedule) overdue(since time.Duration, m moment) bool { return m.at-since > s.config.Wait/2 }

// candidate is a waiter, with what decides between clients.
type candidate struct {
	waiter *waiter
	// overdue: its client has had nothing at all for half of Config.Wait, since
	// the time since, though this query waited.
	overdue bool
	since   time.Duration
	used    float64
}

func (s *Schedule) candidate(w *waiter, m moment) candidate {
	c := w.client
	// Not since it came: of a thousand that came together, only one may be
	// overdue at a time.
	since := max(w.arrived, c.idleSince)
	return candidate{
		waiter: w, since: since, used: c.account.used(m),
		overdue: c.account.held == 0 && s.overdue(since, m),
	}
}

// before says whether a goes before b.
func (a candidate) before(b candidate) bool {
	switch {
	case b.waiter == nil:
		return true
	case a.overdue != b.overdue:
		return a.overdue
	case a.overdue && a.since != b.since:
		return a.since < b.since
	case a.used != b.used:
		return a.used < b.used
	}
	return a.waiter.serial < b.waiter.serial
}

// promotable is a query in a spare place that may have a regular one.
func (s *Schedule) promotable(m moment) *Place {
	if s.spare == 0 {
		return nil
	}
	reserved := s.reserved(m)
	for _, p := range s.running {
		if p.spare && !(reserved && p.isLarge(m, s.config.LongRunning)) {
			return p
		}
	}
	return nil
}

// setAlarm sees to it that a spare is given when a running query becomes a
// long one: nobody else would notice.
func (s *Schedule) setAlarm(m moment) {
	if s.ready == 0 || s.spare == s.config.Spares {
		return // one that is set may ring for nothing
	}
	var next time.Duration
	for _, p := range s.running {
		if p.spare || p.isLarge(m, s.config.LongRunning) {
			continue
		}
		if at := p.since + s.config.LongRunning; next == 0 || at < next {
			next = at
		}
	}
	if next == 0 || next == s.rings {
		return
	}
	s.rings = next
	if s.alarm == nil {
		s.alarm = time.AfterFunc(next-m.at, s.ring)
	} else {
		s.alarm.Reset(next - m.at)
	}
}

func (s *Schedule) ring() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rings = 0
	s.dispatch(s.now())
}
