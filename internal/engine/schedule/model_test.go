package schedule

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// event is a query that got a place.
type event struct {
	client           string
	small            bool
	arrived, granted time.Duration
}

// Random crowds in synthetic time: whatever they do, the books balance, every
// Acquire returns in its time, and nobody passes their own kind.
func TestRandomCrowds(t *testing.T) {
	for seed := range uint64(150) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { crowd(t, rand.New(rand.NewPCG(2026, seed))) })
		})
	}
}

func crowd(t *testing.T, random *rand.Rand) {
	t.Helper()
	c := Config{
		Places: 1 + random.IntN(4), Spares: random.IntN(4), Queue: 1 + random.IntN(60),
		Wait: time.Duration(1+random.IntN(4000)) * ms, LongRunning: time.Duration(1+random.IntN(1000)) * ms,
	}
	c.QueuePerClient = 1 + random.IntN(c.Queue)
	s := newSchedule(t, c)
	start := time.Now()
	var mu sync.Mutex
	var events []event
	var granted, refusals, running atomic.Int64
	var all sync.WaitGroup
	clients, pace := 1+random.IntN(12), 1+random.IntN(60)
	const n = 300
	closes := random.IntN(3) == 0
	for i := range n {
		// Drawn here: the order of goroutines is not the same each time.
		client := strconv.Itoa(min(random.IntN(clients), random.IntN(clients)))
		size := engine.Size(random.IntN(3))
		asks := time.Duration(random.IntN(2)*random.IntN(2)*random.IntN(400)) * ms
		hold := time.Duration(random.IntN(100)) * ms
		if random.IntN(8) == 0 {
			hold *= 30
		}
		leaves := time.Duration(random.IntN(5000)) * ms
		at := time.Duration(i)*time.Duration(pace)*ms + time.Duration(random.IntN(int(ms)))
		all.Go(func() {
			<-time.After(at)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			defer time.AfterFunc(leaves, cancel).Stop()
			calls := 0
			r := Request{Client: client, Size: func() engine.Size {
				calls++
				if asks > 0 {
					<-time.After(asks)
				}
				return size
			}}
			came := time.Since(start)
			p, err := s.Acquire(ctx, r)
			verify(t, s)
			took := time.Since(start) - came
			if took > max(min(c.Wait, leaves), asks) || calls > 1 {
				t.Errorf("Acquire took %v, with %d questions", took, calls)
			}
			if err != nil {
				refusals.Add(1)
				if p != nil || !errors.Is(err, engine.ErrUnavailable) && !errors.Is(err, context.Canceled) {
					t.Errorf("%v, %v", p, err)
				}
				return
			}
			granted.Add(1)
			if r := running.Add(1); r > int64(c.Places+c.Spares) {
				t.Errorf("%d run", r)
			}
			if took > 0 && asks == 0 {
				mu.Lock()
				events = append(events, event{client, size == engine.Small, came, came + took})
				mu.Unlock()
			}
			select {
			case <-time.After(hold):
			case <-ctx.Done():
			}
			running.Add(-1)
			p.Release()
			if random := hold % 3; random == 0 {
				p.Release()
			}
			verify(t, s)
		})
	}
	if closes {
		all.Go(func() {
			<-time.After(n * time.Duration(pace) * ms / 2)
			s.Close()
			verify(t, s)
			if s.Stats().Waiting != 0 {
				t.Error("somebody waits for a closed schedule")
			}
		})
	}
	all.Wait()
	idle(t, s)
	order(t, events)
	st := s.Stats()
	refusedBy := st.RefusedQueueFull + st.RefusedClientQueueFull + st.RefusedPushedOut + st.RefusedWaited + st.RefusedClosed + st.Canceled
	late := int64(st.Granted) - granted.Load() // granted as the caller left
	if granted.Load()+refusals.Load() != n || late < 0 || int64(refusedBy) != refusals.Load() {
		t.Errorf("%d granted and %d refused of %d; %+v", granted.Load(), refusals.Load(), n, st)
	}
}

// order checks that within a client and a size nobody passed those who came
// before and waited, too.
func order(t *testing.T, events []event) {
	t.Helper()
	kind := func(e event) string { return fmt.Sprintf("%s %v", e.client, e.small) }
	for _, a := range events {
		for _, b := range events {
			if kind(a) == kind(b) && a.arrived < b.arrived && a.granted > b.granted {
				t.Errorf("%s: who came at %v went at %v, and who came at %v at %v", kind(a), a.arrived, a.granted, b.arrived, b.granted)
			}
		}
	}
}

// The same in real time and without pauses, for the race detector.
func TestRush(t *testing.T) {
	s := newSchedule(t, Config{Places: 3, Spares: 2, Queue: 40, QueuePerClient: 12, Wait: 20 * ms, LongRunning: 100 * time.Microsecond})
	var running, granted atomic.Int64
	var all sync.WaitGroup
	for worker := range 64 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(5, uint64(worker)))
			for range 200 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(int(10*ms))))
				size := engine.Size(random.IntN(3))
				p, err := s.Acquire(ctx, Request{Client: strconv.Itoa(random.IntN(9)), Size: func() engine.Size {
					runtime.Gosched()
					return size
				}})
				if err == nil {
					granted.Add(1)
					if n := running.Add(1); n > 5 {
						t.Errorf("%d run", n)
					}
					for range random.IntN(50) {
						runtime.Gosched()
					}
					running.Add(-1)
					p.Release()
				} else if random.IntN(50) == 0 {
					verify(t, s)
				}
				cancel()
			}
		})
	}
	all.Wait()
	idle(t, s)
	if granted.Load() == 0 {
		t.Error("nobody got a place")
	}
	t.Logf("%d granted; %+v", granted.Load(), s.Stats())
}
