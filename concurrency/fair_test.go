package concurrency

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// In what order the waiting are served, one slot after the other.
func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		perClient int
		arrive    string // one letter a request, in this order
		want      string
	}{
		{"first come within a client", 1, "aaa", "a1a2a3"},
		{"round between clients", 1, "aaabcc", "a1b1c1a2c2a3"},
		{"the longest queue waits longest", 1, "aaaaaaaab", "a1b1a2a3a4a5a6a7a8"},
		{"one that is not at its cap", 4, "aaabcc", "a1b1c1a2c2a3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLimiter(t, Config{PerClient: tt.perClient, Global: max(tt.perClient, 1), Queue: 20, QueuePerClient: 20})
				var busy []*Slot
				for n := range l.global {
					busy = append(busy, acquire(t, l, addr(n)))
				}
				served := make(chan string, len(tt.arrive))
				next := make(chan struct{})
				count := map[rune]int{}
				var wg sync.WaitGroup
				for _, client := range tt.arrive {
					count[client]++
					name := string(client) + string(rune('0'+count[client]))
					wg.Go(func() {
						s, err := l.Acquire(t.Context(), addr(int(client)))
						if err != nil {
							t.Error(err)
							return
						}
						served <- name
						<-next
						s.Release()
					})
					synctest.Wait()
				}
				busy[0].Release() // one slot goes round
				var got string
				for range tt.arrive {
					synctest.Wait()
					if len(served) != 1 {
						t.Fatalf("%d were served at once by one slot", len(served))
					}
					verify(t, l)
					got += <-served
					next <- struct{}{}
				}
				wg.Wait()
				if got != tt.want {
					t.Errorf("served %s, want %s", got, tt.want)
				}
				for _, s := range busy[1:] {
					s.Release()
				}
				idle(t, l)
			})
		})
	}
}

// Many clients that each keep their share of the queue full: all get the same.
func TestShares(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t, Config{PerClient: 2, Global: 4, Queue: 1000, QueuePerClient: 500})
		var served [6]int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for client, greed := range []int{200, 200, 50, 50, 10, 4} { // requests at once
			for range greed {
				wg.Go(func() {
					for {
						s, err := l.Acquire(t.Context(), addr(client))
						if err != nil {
							return // closed
						}
						mu.Lock()
						served[client]++
						mu.Unlock()
						pause(t.Context(), 10*time.Millisecond)
						s.Release()
					}
				})
			}
		}
		pause(t.Context(), 10*time.Second)
		verify(t, l)
		_ = l.Close()
		wg.Wait()
		// 4 slots for 10 s at 10 ms are 4,000; 6 clients share them.
		for client, n := range served {
			if n < 600 || n > 734 {
				t.Errorf("client %d was served %d times, want about 667: %v", client, n, served)
			}
		}
		idle(t, l)
	})
}

// A client at its own cap does not stand in the way of others.
func TestOwnCapBlocksNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter(t, Config{PerClient: 1, Global: 3, Queue: 10, QueuePerClient: 5})
		first := acquire(t, l, addr(1))
		var wg sync.WaitGroup
		wg.Go(func() { acquire(t, l, addr(1)).Release() })
		synctest.Wait()
		if got := l.Stats(); got.Waiting != 1 {
			t.Fatalf("%+v, want one waiting", got)
		}
		acquire(t, l, addr(2)).Release() // at once
		first.Release()
		wg.Wait()
		idle(t, l)
	})
}

// Exactly as many as the caps allow are in flight under load: not one more,
// and not one less.
func TestCapsAreExact(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 4, Global: 10, Queue: 1000, QueuePerClient: 1000})
	var all gauge
	var each [5]gauge
	var wg sync.WaitGroup
	for client := range each {
		for range 20 {
			wg.Go(func() {
				for range 50 {
					s := acquire(t, l, addr(client))
					all.add(1)
					each[client].add(1)
					pause(t.Context(), 50*time.Microsecond)
					each[client].add(-1)
					all.add(-1)
					s.Release()
				}
			})
		}
	}
	wg.Wait()
	if all.most.Load() != 10 {
		t.Errorf("at most %d in flight, want 10", all.most.Load())
	}
	most := make([]int64, 0, len(each))
	for i := range each {
		most = append(most, each[i].most.Load())
	}
	if slices.Max(most) != 4 {
		t.Errorf("at most %v in flight of each client, want 4", most)
	}
	if got := l.Stats(); got.Acquired != 5000 || got.DeniedClient+got.DeniedGlobal+got.Canceled != 0 {
		t.Errorf("%+v", got)
	}
	idle(t, l)
}

// gauge notes the highest value it had.
type gauge struct{ now, most atomic.Int64 }

func (g *gauge) add(n int64) {
	now := g.now.Add(n)
	for {
		most := g.most.Load()
		if now <= most || g.most.CompareAndSwap(most, now) {
			return
		}
	}
}

// No wake-up is lost: in a limiter where everybody gives up only after a
// minute, all are served long before.
func TestNoLostWakeUps(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 1, Global: 2, Queue: 100, QueuePerClient: 50})
	began := time.Now()
	var wg sync.WaitGroup
	for client := range 4 {
		for range 8 {
			wg.Go(func() {
				for range 300 {
					acquire(t, l, addr(client)).Release()
				}
			})
		}
	}
	wg.Wait()
	if took := time.Since(began); took > 50*time.Second {
		t.Errorf("took %v", took)
	}
	if got := l.Stats().Acquired; got != 4*8*300 {
		t.Errorf("%d were served", got)
	}
	idle(t, l)
}
