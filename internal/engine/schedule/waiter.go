package schedule

import (
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// waiter is a query that waits.
type waiter struct {
	client  *client
	serial  uint64 // the order in which they came
	arrived time.Duration
	size    engine.Size

	// lane is where it is; nil when it has been served or refused. Then place
	// or err is set and done is closed.
	lane       *lane
	prev, next *waiter
	place      *Place
	err        error
	done       chan struct{}
}

// lane is waiters of one client in the order in which they came.
type lane struct {
	head, tail *waiter
	length     int
}

// insert puts w where it belongs: those who came later may have been faster in
// telling their size.
func (l *lane) insert(w *waiter) {
	l.length++
	after := l.tail
	for after != nil && after.serial > w.serial {
		after = after.prev
	}
	w.lane, w.prev = l, after
	if after != nil {
		w.next, after.next = after.next, w
	} else {
		w.next, l.head = l.head, w
	}
	if w.next != nil {
		w.next.prev = w
	} else {
		l.tail = w
	}
}

func (l *lane) remove(w *waiter) {
	l.length--
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.tail = w.prev
	}
	w.prev, w.next, w.lane = nil, nil, nil
}

// enter gives w a place in the queue, in front of the planner.
func (s *Schedule) enter(w *waiter, m moment) error {
	c := w.client
	if c.waiting >= s.config.QueuePerClient {
		s.stats.RefusedClientQueueFull++
		return ErrClientQueueFull
	}
	if full, half := s.waiting >= s.config.Queue, s.halfFull(w); full || half {
		// Who would then have the most, with this one, gives way.
		most := s.mostWaiting(m)
		if most == nil || c.waiting+1 >= most.waiting || !full && most.newest().size == engine.Small {
			s.stats.RefusedQueueFull++
			return ErrQueueFull
		}
		s.stats.RefusedPushedOut++
		s.refuse(most.newest(), ErrPushedOut, m)
	}
	s.serial++
	w.serial, w.arrived, w.done = s.serial, m.at, make(chan struct{})
	c.asking.insert(w)
	if c.waiting == 0 {
		c.index = len(s.queueing)
		s.queueing = append(s.queueing, c)
	}
	c.waiting++
	s.waiting++
	return nil
}

// halfFull reports whether there is no room for w because it is not known to be
// small. Where there are spares, which small queries may have at once, all others
// may take half of the queue: many clients with a large query each would leave no
// room for the rest.
func (s *Schedule) halfFull(w *waiter) bool {
	return s.config.Spares > 0 && w.size != engine.Small && s.waiting-s.small >= (s.config.Queue+1)/2
}

// mostWaiting is the client who has the most waiters; of several, the one that
// has used most.
func (s *Schedule) mostWaiting(m moment) *client {
	var most *client
	for _, c := range s.queueing {
		if most == nil || c.waiting > most.waiting ||
			c.waiting == most.waiting && c.account.used(m) > most.account.used(m) {
			most = c
		}
	}
	return most
}

// sized moves w, whose size is known now, among those who may be served.
func (s *Schedule) sized(w *waiter, size engine.Size) {
	c := w.client
	c.asking.remove(w)
	if size == engine.Small {
		w.size = engine.Small
		c.small.insert(w)
		s.small++
	} else {
		w.size = engine.Large
		c.large.insert(w)
	}
	s.ready++
}

// leave takes w out of the queue.
func (s *Schedule) leave(w *waiter) {
	c := w.client
	if w.lane != &c.asking {
		s.ready--
		if w.size == engine.Small {
			s.small--
		}
	}
	w.lane.remove(w)
	s.waiting--
	c.waiting--
	if c.waiting > 0 {
		return
	}
	last := s.queueing[len(s.queueing)-1]
	s.queueing[c.index], last.index = last, c.index
	s.queueing[len(s.queueing)-1] = nil
	s.queueing = s.queueing[:len(s.queueing)-1]
}

// refuse ends w's wait without a place. Who stood behind it may be next now,
// for another place.
func (s *Schedule) refuse(w *waiter, err error, m moment) {
	s.leave(w)
	w.err = err
	close(w.done)
	s.settle(w.client, m)
	s.dispatch(m)
}
