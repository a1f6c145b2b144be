package concurrency

import "net/netip"

// The state of a [Limiter] changes only with its mutex held. Between changes
// this holds: if there is a free slot that may be given, the list of ready
// tenants is empty. So whoever comes and finds a slot passes nobody who waits
// for it.

// tenant is a client that has something in flight or waiting.
type tenant struct {
	key      netip.Addr
	inFlight int
	// waiting counts the places taken in the queue: the waiters in it and,
	// with leases, those that were called and ask for one.
	waiting int
	queue   waiterList
	gate    gate // of the client's shared cap

	ready      bool // it is in Limiter.ready
	prev, next *tenant
}

// state is where a waiter is.
type state uint8

const (
	queued  state = iota // in its tenant's queue
	granted              // taken out, with a slot
	ended                // taken out, without: the limiter was closed
)

// waiter is a request that waits.
type waiter struct {
	slot       *Slot
	state      state
	wake       chan struct{} // holds one, so that waking never blocks
	placed     bool          // it is counted as waiting
	prev, next *waiter
}

// track returns the tenant of key, new if it has none.
func (l *Limiter) track(key netip.Addr) *tenant {
	if t, ok := l.clients[key]; ok {
		return t
	}
	t := l.spare
	if t == nil {
		t = new(tenant)
	} else {
		l.spare, t.next = t.next, nil
	}
	t.key = key
	l.clients[key] = t
	return t
}

// forget stops tracking t if it has nothing in flight and nothing waiting.
func (l *Limiter) forget(t *tenant) {
	if t.inFlight > 0 || t.waiting > 0 {
		return
	}
	t.gate.reset()
	l.refresh(t)
	delete(l.clients, t.key)
	// There are never more of these than were tracked at once.
	*t = tenant{next: l.spare}
	l.spare = t
}

// open says whether there is a slot that anybody may take.
func (l *Limiter) open() bool { return l.inFlight < l.global && l.gate.open() && !l.closed }

// admits says whether a newcomer of t may have a slot at once.
func (l *Limiter) admits(t *tenant) bool {
	return l.open() && t.inFlight < l.perClient && t.queue.head == nil && t.gate.open()
}

// take gives s a slot of t.
func (l *Limiter) take(t *tenant, s *Slot) {
	l.inFlight++
	t.inFlight++
	s.limiter, s.refs = l, 1
	s.asksGlobal = l.gate.ask()
	s.asksClient = t.gate.ask()
}

// giveBack takes the slot from s again. The caller calls settle when it has
// changed all that it will.
func (l *Limiter) giveBack(s *Slot) {
	l.endAsking(s)
	l.inFlight--
	s.tenant.inFlight--
	s.refs = 0
}

// refresh puts t among those that are ready if it is, and takes it out if not.
func (l *Limiter) refresh(t *tenant) { l.refreshAt(t, false) }

func (l *Limiter) refreshAt(t *tenant, front bool) {
	ready := t.queue.head != nil && t.inFlight < l.perClient && t.gate.open()
	switch {
	case ready == t.ready:
	case !ready:
		l.ready.remove(t)
	case front:
		l.ready.pushFront(t)
	default:
		l.ready.pushBack(t)
	}
	t.ready = ready
}

// settle restores what holds between changes, after one that concerned t. t
// may be forgotten by it.
func (l *Limiter) settle(t *tenant) {
	l.refresh(t)
	l.dispatch()
	l.forget(t)
}

// settleFirst is settle, but t keeps its turn: it was called and could not go.
func (l *Limiter) settleFirst(t *tenant) {
	l.refreshAt(t, true)
	l.dispatch()
}

// dispatch gives free slots to those who wait, a tenant at a time: one that
// was served goes to the end.
func (l *Limiter) dispatch() {
	for l.open() && l.ready.head != nil {
		t := l.ready.head
		l.ready.remove(t)
		t.ready = false
		w := t.queue.first()
		t.queue.remove(w)
		w.state = granted
		l.take(t, w.slot)
		if l.leases == nil { // else it keeps its place until it has a lease
			l.leave(w)
		}
		l.refresh(t)
		w.wake <- struct{}{}
	}
}

// leave gives up w's place in the queue.
func (l *Limiter) leave(w *waiter) {
	if w.placed {
		w.placed = false
		l.waiting--
		w.slot.tenant.waiting--
	}
}

// abandon takes w, wherever it is, out of everything.
func (l *Limiter) abandon(w *waiter) {
	t := w.slot.tenant
	switch {
	case w.state == queued:
		t.queue.remove(w)
	case w.state == granted && w.slot.refs > 0: // called, and does not go
		l.giveBack(w.slot)
	}
	l.leave(w)
	l.settle(t)
}
