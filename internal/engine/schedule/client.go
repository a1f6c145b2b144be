package schedule

import "time"

const (
	// maxIdle is how many clients who neither run nor wait are remembered.
	maxIdle = 4096
	// negligible is a use that is forgotten.
	negligible = time.Millisecond
)

// client is somebody who runs, waits, or has used something lately.
type client struct {
	key     string
	account account
	// idleSince is when it last gave back its last place.
	idleSince time.Duration
	// largeSince is when a query of its large lane last got a place.
	largeSince time.Duration

	asking, small, large lane
	waiting              int // in the three lanes
	index                int // in Schedule.queueing, while it waits

	idle       bool // it is in Schedule.idle
	prev, next *client
}

// newest is the waiter who came last.
func (c *client) newest() *waiter {
	var newest *waiter
	for _, w := range [...]*waiter{c.asking.tail, c.small.tail, c.large.tail} {
		if w != nil && (newest == nil || w.serial > newest.serial) {
			newest = w
		}
	}
	return newest
}

// clientList is idle clients, the one that was idle first at the tail.
type clientList struct {
	head, tail *client
	length     int
}

func (l *clientList) pushFront(c *client) {
	c.prev, c.next = nil, l.head
	if l.head != nil {
		l.head.prev = c
	} else {
		l.tail = c
	}
	l.head = c
	l.length++
	c.idle = true
}

func (l *clientList) remove(c *client) {
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		l.head = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		l.tail = c.prev
	}
	c.prev, c.next = nil, nil
	l.length--
	c.idle = false
}

// track returns the client of key, new if nothing is known of it. The caller
// gives it a place or a waiter, or calls settle.
func (s *Schedule) track(key string) *client {
	c, ok := s.clients[key]
	if !ok {
		c = &client{key: key}
		s.clients[key] = c
	} else if c.idle {
		s.idle.remove(c)
	}
	return c
}

// settle is called when c may have nothing left that runs or waits.
func (s *Schedule) settle(c *client, m moment) {
	if c.account.held > 0 || c.waiting > 0 {
		return
	}
	if c.account.sum <= 0 { // it never ran
		delete(s.clients, c.key)
		return
	}
	s.idle.pushFront(c)
	// Two for each that comes: the list gets shorter as well as longer.
	for range 2 {
		last := s.idle.tail
		if last == nil {
			return
		}
		old := m.at-last.idleSince > s.config.HalfLife && last.account.time(m, s.config.HalfLife) < negligible
		if !old && s.idle.length <= maxIdle {
			return
		}
		s.idle.remove(last)
		delete(s.clients, last.key)
	}
}
