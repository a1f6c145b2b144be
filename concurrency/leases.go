package concurrency

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"time"
)

// Leases are slots that several instances share. [RedisLeases] is the one
// implementation.
type Leases interface {
	// acquire asks for one lease of the client. It must not take longer than a
	// fraction of a second. A lease is returned with leaseGranted and with
	// leaseAway. freed is called with the key when a released lease is gone.
	acquire(ctx context.Context, key netip.Addr, perClient, global int, freed func(netip.Addr)) (lease, verdict)
	stats() LeaseStats
}

// lease is what a slot holds of the shared caps.
type lease interface {
	// release must not block.
	release()
}

// LeaseStats is the state of shared leases.
type LeaseStats struct {
	// Owned counts the leases of this instance.
	Owned int
	// Away says that the store cannot be reached: only the caps of each
	// instance apply.
	Away bool
	// Outages counts how often it went away.
	Outages uint64
	// Unshared counts the slots given without asking the store, or without an
	// answer.
	Unshared uint64
}

// verdict is the answer to a request for a lease.
type verdict struct {
	kind                   verdictKind
	clientFull, globalFull bool // with leaseRefused
}

type verdictKind uint8

const (
	leaseRefused verdictKind = iota
	leaseGranted
	leaseAway // nobody to ask: the local caps decide
)

// confirm asks for the lease that s needs beyond the local slot it has. If the
// answer is no, the local slot is given back, and the caller settles. It is
// called with the mutex held and releases it in between.
func (l *Limiter) confirm(ctx context.Context, s *Slot) bool {
	if l.leases == nil {
		return true
	}
	t := s.tenant
	l.mu.Unlock()
	lease, v := l.leases.acquire(ctx, t.key, l.perClient, l.global, l.freed)
	l.mu.Lock()

	askedGlobal, askedClient := s.asksGlobal, s.asksClient
	l.endAsking(s)
	if v.kind != leaseRefused {
		s.lease = lease
		// One that did not ask for the others does not open what another shut
		// meanwhile.
		l.gate.succeed(askedGlobal)
		t.gate.succeed(askedClient)
		l.refresh(t)
		l.dispatch()
		return true
	}
	l.giveBack(s)
	if v.globalFull {
		l.shut(&l.gate, nil)
	} else {
		l.gate.succeed(askedGlobal)
	}
	if v.clientFull {
		l.shut(&t.gate, t)
	} else {
		t.gate.succeed(askedClient)
	}
	return false
}

// The pauses after a refusal: doubled each time, with jitter, so that instances
// do not ask in step.
const (
	firstPause = 25 * time.Millisecond
	lastPause  = 200 * time.Millisecond
)

// gate is what is known of a shared cap. After a refusal nobody asks again for
// a pause, and after the pause one does for all. The zero gate is open.
type gate struct {
	delay  time.Duration // the last pause; 0: the last answer was a yes
	timer  *time.Timer   // the pause is on
	asking bool          // one asks, after a pause
}

// open says whether it is worth asking.
func (g *gate) open() bool { return g.timer == nil && !g.asking }

// ask says whether the one who asks now does so for all.
func (g *gate) ask() bool {
	if g.delay == 0 {
		return false
	}
	g.asking = true
	return true
}

// succeed notes a yes.
func (g *gate) succeed(forAll bool) {
	if forAll || g.timer == nil {
		g.reset()
	}
}

func (g *gate) reset() {
	if g.timer != nil {
		g.timer.Stop()
	}
	*g = gate{}
}

// endAsking is called when s knows, or does not ask after all.
func (l *Limiter) endAsking(s *Slot) {
	if s.asksGlobal {
		l.gate.asking = false
	}
	if s.asksClient {
		s.tenant.gate.asking = false
	}
	s.asksGlobal, s.asksClient = false, false
}

// shut begins a pause of g, which is the limiter's gate or that of t.
func (l *Limiter) shut(g *gate, t *tenant) {
	if g.timer != nil || l.closed {
		return // begun by another, who asked at the same time
	}
	g.delay = min(max(2*g.delay, firstPause), lastPause)
	var timer *time.Timer
	timer = time.AfterFunc(g.delay/2+rand.N(g.delay/2), func() { //nolint:gosec // a pause is no secret
		l.mu.Lock()
		defer l.mu.Unlock()
		if g.timer == timer { // else it was stopped too late
			l.unshut(g, t)
		}
	})
	g.timer = timer
}

// unshut ends a pause. The next who asks does so for all.
func (l *Limiter) unshut(g *gate, t *tenant) {
	if g.timer != nil {
		g.timer.Stop()
		g.timer = nil
	}
	if t != nil {
		l.refresh(t)
	}
	l.dispatch()
}

// shareFreed is told that a lease of key, of this instance, is free again.
func (l *Limiter) shareFreed(key netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	if t, ok := l.clients[key]; ok {
		l.unshut(&t.gate, t)
	}
	l.unshut(&l.gate, nil)
}
