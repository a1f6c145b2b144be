package concurrency

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// byHeader takes the client from a header, which only a test may do.
func byHeader(r *http.Request) netip.Addr {
	a, _ := netip.ParseAddr(r.Header.Get("X-Client"))
	return a
}

// newLimiter returns a limiter that the test closes; what c leaves out is
// filled.
func newLimiter(tb testing.TB, c Config) *Limiter {
	tb.Helper()
	if c.Client == nil {
		c.Client = byHeader
	}
	if c.Wait == 0 {
		c.Wait = time.Minute
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	l, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = l.Close() })
	return l
}

// addr is the nth client.
func addr(n int) netip.Addr { return netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}) }

func netipFrom(a [4]byte) netip.Addr { return netip.AddrFrom4(a) }

func acquire(tb testing.TB, l *Limiter, client netip.Addr) *Slot {
	tb.Helper()
	s, err := l.Acquire(tb.Context(), client)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// refused checks that err is a refusal by rule.
func refused(tb testing.TB, err error, status int, rule string) {
	tb.Helper()
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Status != status || e.Rule != rule || rule != "" && e.Protection != "concurrency" {
		tb.Errorf("error %v, want %d by %q", err, status, rule)
	}
}

// verify checks what must hold between any two changes.
func verify(tb testing.TB, l *Limiter) {
	tb.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	inFlight, waiting, ready := 0, 0, 0
	for key, t := range l.clients {
		inFlight += t.inFlight
		waiting += t.waiting
		if t.inFlight > l.perClient || t.waiting > l.queuePerClient || t.inFlight+t.waiting == 0 {
			tb.Errorf("%v has %d in flight and %d waiting", key, t.inFlight, t.waiting)
		}
		if want := t.queue.head != nil && t.inFlight < l.perClient && t.gate.open(); t.ready != want {
			tb.Errorf("%v is ready: %v, want %v", key, t.ready, want)
		}
		if t.ready {
			ready++
		}
	}
	for t := l.ready.head; t != nil; t = t.next {
		ready--
	}
	if inFlight != l.inFlight || inFlight > l.global || waiting != l.waiting || waiting > l.queue || ready != 0 {
		tb.Errorf("%d of %d in flight, %d of %d waiting, %d wrongly ready", inFlight, l.inFlight, waiting, l.waiting, ready)
	}
	if l.open() && l.ready.head != nil {
		tb.Error("a slot is free and somebody who may have it waits")
	}
}

// idle checks that nothing is left.
func idle(tb testing.TB, l *Limiter) {
	tb.Helper()
	verify(tb, l)
	s := l.Stats()
	if s.InFlight != 0 || s.Held != 0 || s.Waiting != 0 || s.Clients != 0 || s.Leases.Owned != 0 || s.Acquired != s.Released {
		tb.Errorf("left over: %+v", s)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ready.head != nil || l.ready.tail != nil || l.gate.timer != nil && l.closed {
		tb.Error("somebody is still ready, or a timer runs")
	}
	spare := 0
	for t := l.spare; t != nil; t = t.next {
		spare++
	}
	if spare > l.global+l.queue+1 { // and the one that is refused
		tb.Errorf("%d spare clients for %d slots and %d places", spare, l.global, l.queue)
	}
}

// eventually waits for something that another goroutine brings about.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(30 * time.Second); !holds(); <-ticker.C {
		if time.Now().After(end) {
			tb.Fatalf("never came: %s", what)
		}
	}
}

// pause lets time go by, or less if ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
