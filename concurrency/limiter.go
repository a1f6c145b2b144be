package concurrency

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

// Limiter hands out slots. It is safe for concurrent use. Make one with [New].
type Limiter struct {
	client         func(*http.Request) netip.Addr
	perClient      int
	global         int
	queue          int
	queuePerClient int
	wait           time.Duration
	leases         Leases
	freed          func(netip.Addr) // shareFreed, made once
	logger         *slog.Logger
	refusals       refusals

	mu       sync.Mutex
	inFlight int
	held     int
	waiting  int
	clients  map[netip.Addr]*tenant
	spare    *tenant    // tenants to use again
	ready    tenantList // those whose first waiter may go as soon as there is a slot
	gate     gate       // of the shared global cap
	closed   bool

	acquired, released, deniedClient, deniedGlobal, canceled uint64
}

// refusals are made once and returned many times.
type refusals struct {
	client, clientQueue *problem.Error // 429
	global, queue       *problem.Error // 503
	closed              *problem.Error
	canceled, expired   *problem.Error
}

// New returns a Limiter, or every mistake in the configuration.
func New(c Config) (*Limiter, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	tooMany := func(cause string) *problem.Error {
		return problem.TooMany(c.Wait, errors.New("concurrency: "+cause)).By("concurrency", "concurrency.client")
	}
	unavailable := func(cause string) *problem.Error {
		return problem.Unavailable(c.Wait, errors.New("concurrency: "+cause)).By("concurrency", "concurrency.global")
	}
	l := &Limiter{
		client:    c.Client,
		perClient: c.PerClient, global: c.Global,
		queue: c.Queue, queuePerClient: c.QueuePerClient, wait: c.Wait,
		leases: c.Leases, logger: c.Logger,
		clients: make(map[netip.Addr]*tenant),
		refusals: refusals{
			client:      tooMany("the client has its most requests in flight"),
			clientQueue: tooMany("the client has its most requests waiting"),
			global:      unavailable("the most requests of all clients are in flight"),
			queue:       unavailable("the queue is full"),
			closed:      unavailable("the limiter is closed"),
			// Not By: that a client leaves is no refusal.
			canceled: problem.Unavailable(time.Second, fmt.Errorf("concurrency: ended while it waited: %w", context.Canceled)),
			expired:  problem.Unavailable(time.Second, fmt.Errorf("concurrency: ended while it waited: %w", context.DeadlineExceeded)),
		},
	}
	l.freed = l.shareFreed
	return l, nil
}

// Wrap returns next with a slot around every request: taken before next is
// called, given back when it has returned, panicked or exited its goroutine,
// and no [Hold] is left. Without a slot the request is refused and next is not
// called.
func (l *Limiter) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := &holder{Context: r.Context()}
		defer h.slot.Release() // from here on, lest a log handler's panic keep it
		waited, refusal := l.acquire(h.Context, l.client(r), &h.slot)
		if waited > 0 {
			// Added, since there may be a limiter further out.
			event.FromContext(h.Context).Query.Queue += waited
		}
		if refusal != nil {
			problem.Write(w, r, refusal)
			return
		}
		next.ServeHTTP(w, r.WithContext(h))
	})
}

// Acquire takes a slot for work outside HTTP, counted under client as a
// request is under Config.Client. It waits as a request does, and not longer
// than ctx lasts. The error is a *problem.Error. The caller must call
// [Slot.Release] when the work has ended, best deferred: nothing else will.
func (l *Limiter) Acquire(ctx context.Context, client netip.Addr) (*Slot, error) {
	s := new(Slot)
	if _, refusal := l.acquire(ctx, client, s); refusal != nil {
		return nil, refusal
	}
	return s, nil
}

// acquire takes a slot into s, or says why not, and how long it waited.
func (l *Limiter) acquire(ctx context.Context, client netip.Addr, s *Slot) (time.Duration, *problem.Error) {
	key := clientKey(client)
	l.mu.Lock()
	t := l.track(key)
	s.tenant = t
	if l.admits(t) {
		l.take(t, s)
		if l.confirm(ctx, s) {
			l.admit(ctx, key, 0)
			return 0, nil
		}
	}
	if refusal := l.refuseToQueue(t); refusal != nil {
		l.settle(t)
		l.deny(ctx, key, refusal, 0)
		return 0, refusal
	}
	w := &waiter{slot: s, wake: make(chan struct{}, 1), placed: true}
	l.waiting++
	t.waiting++
	t.queue.pushBack(w)
	l.settle(t)
	l.mu.Unlock()
	return l.await(ctx, key, w)
}

// await waits for w's turn, at most Config.Wait.
func (l *Limiter) await(ctx context.Context, key netip.Addr, w *waiter) (time.Duration, *problem.Error) {
	began := time.Now()
	timer := time.NewTimer(l.wait)
	defer timer.Stop()
	for {
		timeout := false
		select {
		case <-w.wake:
		case <-timer.C:
			timeout = true
		case <-ctx.Done():
		}
		l.mu.Lock()
		if w.state == granted && ctx.Err() == nil && l.confirm(ctx, w.slot) {
			waited := time.Since(began)
			l.leave(w)
			l.admit(ctx, key, waited)
			return waited, nil
		}
		if refusal := l.giveUp(ctx, w, timeout); refusal != nil {
			waited := time.Since(began)
			l.abandon(w)
			l.deny(ctx, key, refusal, waited)
			return waited, refusal
		}
		// It was called, and there was no lease: back to where it was.
		w.state = queued
		w.slot.tenant.queue.pushFront(w)
		l.settleFirst(w.slot.tenant)
		l.mu.Unlock()
	}
}

// giveUp says why w, which has no slot, waits no longer, or nil.
func (l *Limiter) giveUp(ctx context.Context, w *waiter, timeout bool) *problem.Error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return l.refusals.expired
	case ctx.Err() != nil:
		return l.refusals.canceled
	case l.closed:
		return l.refusals.closed
	case timeout:
		return l.reason(w.slot.tenant)
	default:
		return nil
	}
}

// refuseToQueue says why nobody of t may wait, or nil.
func (l *Limiter) refuseToQueue(t *tenant) *problem.Error {
	switch {
	case l.closed:
		return l.refusals.closed
	case l.queue == 0:
		return l.reason(t)
	case t.waiting >= l.queuePerClient:
		return l.refusals.clientQueue
	case l.waiting >= l.queue:
		return l.refusals.queue
	default:
		return nil
	}
}

// reason says which cap keeps t from a slot.
func (l *Limiter) reason(t *tenant) *problem.Error {
	if t.inFlight >= l.perClient || t.gate.delay > 0 {
		return l.refusals.client
	}
	return l.refusals.global
}

// Close refuses those who wait and all that come (503), and ends what the
// limiter does in the background. Work in flight goes on, and its slots are
// counted until it ends. Further calls do nothing. The error is always nil.
func (l *Limiter) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.gate.reset()
	for _, t := range l.clients {
		t.gate.reset()
		for w := t.queue.first(); w != nil; w = t.queue.first() {
			t.queue.remove(w)
			w.state = ended
			w.wake <- struct{}{}
		}
		l.refresh(t)
	}
	return nil
}
