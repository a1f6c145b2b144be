package concurrency

import (
	"context"
	"sync/atomic"
)

// Slot is one piece of work in flight, from [Limiter.Acquire].
type Slot struct {
	limiter *Limiter // nil until it was taken once
	tenant  *tenant
	lease   lease // nil without Config.Leases

	// The rest changes with the limiter's mutex held.

	refs     int  // who keeps it: its owner until Release, and each Hold
	released bool // its owner does not any more

	asksGlobal, asksClient bool // see gate
}

// Release gives the slot back, to the next who waits. Only the first call
// does; further ones, and those on a nil Slot, do nothing.
func (s *Slot) Release() {
	if s == nil || s.limiter == nil {
		return
	}
	l := s.limiter
	l.mu.Lock()
	if s.released || s.refs == 0 {
		l.mu.Unlock()
		return
	}
	s.released = true
	if s.refs > 1 {
		l.held++
	}
	l.unref(s)
}

// unref gives up one reference, and the slot with the last one. It unlocks.
func (l *Limiter) unref(s *Slot) {
	s.refs--
	if s.refs > 0 {
		l.mu.Unlock()
		return
	}
	l.endAsking(s) // still so only after a panic
	t := s.tenant
	key, lease := t.key, s.lease
	s.lease = nil
	l.inFlight--
	t.inFlight--
	l.released++
	l.settle(t)
	inFlight, waiting := l.inFlight, l.waiting
	l.mu.Unlock()
	if lease != nil {
		lease.release()
	}
	l.logReleased(key, inFlight, waiting)
}

// holder carries the slot of a request in its context, in one allocation. It
// is not pooled: a goroutine of the handler may keep the context.
type holder struct {
	context.Context
	slot Slot
}

type holderKey struct{}

// Value implements [context.Context].
func (h *holder) Value(key any) any {
	if key == (holderKey{}) {
		return h
	}
	return h.Context.Value(key)
}

// Hold keeps the slot of the request that ctx belongs to until release is
// called, even if the handler returns before: for work that outlives the
// handler, such as a hijacked connection, or a goroutine that waits until the
// database has really stopped. With limiters inside each other it keeps the
// slots of all.
//
// It may be called any number of times, from any goroutine, also when the
// handler has returned: then it keeps the slot only if another Hold still does.
// Where there is no slot, or it has been given back, ok is false and release
// does nothing; take that as a no where the work would not be counted. To be
// sure of the slot, call Hold before the handler returns and before the
// goroutine starts.
//
// Release is idempotent and safe from any goroutine. A release that is never
// called keeps the slot for ever; [Stats] shows it as Held once the handler
// has returned.
func Hold(ctx context.Context) (release func(), ok bool) {
	h, ok := ctx.Value(holderKey{}).(*holder)
	if !ok || !h.slot.hold() {
		return func() {}, false
	}
	releaseOuter := func() {}
	if _, nested := h.Context.Value(holderKey{}).(*holder); nested {
		if releaseOuter, ok = Hold(h.Context); !ok { // the outer handler returned in this moment
			h.slot.unhold()
			return func() {}, false
		}
	}
	var called atomic.Bool
	return func() {
		if called.CompareAndSwap(false, true) {
			h.slot.unhold()
			releaseOuter()
		}
	}, true
}

// Done gives back the slot of the request that ctx belongs to before its
// handler returns: for a handler whose work has ended, and that has yet to send
// what came of it to a client of any speed. A [Hold] keeps the slot all the same.
// With limiters inside each other it gives back the slots of all. Where there
// is no slot, or it has been given back, it does nothing.
func Done(ctx context.Context) {
	for h, ok := ctx.Value(holderKey{}).(*holder); ok; h, ok = h.Context.Value(holderKey{}).(*holder) {
		h.slot.Release()
	}
}

func (s *Slot) hold() bool {
	s.limiter.mu.Lock()
	defer s.limiter.mu.Unlock()
	if s.refs == 0 {
		return false
	}
	s.refs++
	return true
}

func (s *Slot) unhold() {
	l := s.limiter
	l.mu.Lock()
	if s.released && s.refs == 1 {
		l.held--
	}
	l.unref(s)
}
