package schedule

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

const ms = time.Millisecond

func newSchedule(tb testing.TB, c Config) *Schedule {
	tb.Helper()
	s, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

func is(size engine.Size) func() engine.Size { return func() engine.Size { return size } }

// query is one line of a scenario.
type query struct {
	name, client string
	at, hold     time.Duration
	size         func() engine.Size
	leaves       time.Duration // when its context ends, after at; zero: never
}

// outcome is what became of a query.
type outcome struct {
	granted bool
	spare   bool // at first
	waited  time.Duration
	err     error
}

func (o outcome) String() string {
	switch {
	case o.err != nil:
		return o.err.Error()
	case o.spare:
		return "spare after " + o.waited.Round(ms).String()
	}
	return o.waited.Round(ms).String()
}

// play runs a scenario in synthetic time. Those that come at the same time
// come in the order of the list, a nanosecond apart.
func play(t *testing.T, c Config, queries []query) map[string]outcome {
	t.Helper()
	outcomes := map[string]outcome{}
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, c)
		var mu sync.Mutex
		var all sync.WaitGroup
		for i, q := range queries {
			all.Go(func() {
				<-time.After(q.at + time.Duration(i))
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if q.leaves > 0 {
					defer time.AfterFunc(q.leaves, cancel).Stop()
				}
				came := time.Now()
				p, err := s.Acquire(ctx, Request{Client: q.client, Size: q.size})
				o := outcome{granted: err == nil, err: err, waited: time.Since(came)}
				if err == nil {
					if p.Waited() != o.waited {
						t.Errorf("%s: Waited is %v, was %v", q.name, p.Waited(), o.waited)
					}
					s.mu.Lock()
					o.spare = p.spare
					s.mu.Unlock()
				}
				verify(t, s)
				mu.Lock()
				outcomes[q.name] = o
				mu.Unlock()
				if err != nil {
					return
				}
				<-time.After(q.hold)
				p.Release()
				verify(t, s)
			})
		}
		all.Wait()
		idle(t, s)
	})
	return outcomes
}

// expect checks outcomes as texts.
func expect(t *testing.T, got map[string]outcome, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if g := got[name].String(); g != w {
			t.Errorf("%s: %s, want %s", name, g, w)
		}
	}
}

// verify checks what must hold between any two changes.
func verify(tb testing.TB, s *Schedule) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.now()
	regular, spare := 0, 0
	held := map[*client]int{}
	for i, p := range s.running {
		if p.released || p.index != i {
			tb.Errorf("place %d: released %v, index %d", i, p.released, p.index)
		}
		held[p.client]++
		if p.spare {
			spare++
		} else {
			regular++
		}
	}
	if regular != s.regular || spare != s.spare || regular > s.config.Places || spare > s.config.Spares {
		tb.Errorf("%d of %d regular, %d of %d spare", regular, s.regular, spare, s.spare)
	}
	waiting, ready, small, idle := 0, 0, 0, 0
	for key, c := range s.clients {
		n := 0
		for _, l := range []*lane{&c.asking, &c.small, &c.large} {
			var last *waiter
			for w := l.head; w != nil; w = w.next {
				if w.lane != l || w.prev != last || last != nil && last.serial >= w.serial || w.place != nil || w.err != nil {
					tb.Errorf("%q has a lane in disorder", key)
				}
				n++
				if l != &c.asking {
					ready++
				}
				if l == &c.small {
					small++
				}
				last = w
			}
			if l.tail != last {
				tb.Errorf("%q has a lane with a wrong tail", key)
			}
		}
		waiting += n
		if n != c.waiting || n > s.config.QueuePerClient || c.account.held != held[c] || n > 0 && s.queueing[c.index] != c {
			tb.Errorf("%q: %d of %d waiting, %d of %d held", key, n, c.waiting, held[c], c.account.held)
		}
		if c.idle {
			idle++
		}
		if c.idle != (n == 0 && c.account.held == 0) || c.account.used(m) < 0 {
			tb.Errorf("%q: idle %v, used %v", key, c.idle, c.account.used(m))
		}
	}
	if waiting != s.waiting || waiting > s.config.Queue || ready != s.ready || small != s.small || idle != s.idle.length || idle > maxIdle {
		tb.Errorf("%d of %d waiting, %d of %d ready, %d of %d small, %d of %d idle",
			waiting, s.waiting, ready, s.ready, small, s.small, idle, s.idle.length)
	}
	if !s.closed && s.regular < s.config.Places && (s.ready > 0 || s.spare > 0) {
		tb.Errorf("%d regular places held, but %d wait and %d are in spare ones", s.regular, s.ready, s.spare)
	}
	verifySpares(tb, s, m)
}

// verifySpares checks that nobody waits for whom there is a spare place, as
// the policy says it; the alarm of this very moment may still be on its way.
func verifySpares(tb testing.TB, s *Schedule, m moment) {
	tb.Helper()
	if s.closed || s.rings != 0 && s.rings <= m.at {
		return
	}
	large, free := s.large(m), s.config.Spares-s.spare
	full := large == s.config.Places
	kept := s.small > 0 && large >= s.config.Places-1
	for _, c := range s.queueing {
		if c.account.held > 0 {
			continue
		}
		if full && free > 0 && c.small.head != nil || (full || kept && c.small.head == nil) && free > 1 && c.large.head != nil {
			tb.Errorf("%q runs nothing and waits, with %d spare places free", c.key, free)
		}
	}
}

// idle checks that nothing is left but what clients have used.
func idle(tb testing.TB, s *Schedule) {
	tb.Helper()
	verify(tb, s)
	st := s.Stats()
	if st.Running != 0 || st.Waiting != 0 || st.Spare != 0 || st.Large != 0 || st.Clients != s.idle.length {
		tb.Errorf("left over: %+v", st)
	}
}

func refused(tb testing.TB, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) || !errors.Is(err, engine.ErrUnavailable) {
		tb.Errorf("error %v, want %v", err, want)
	}
}
