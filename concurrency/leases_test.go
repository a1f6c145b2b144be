package concurrency

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// store is shared leases that a test fills and empties.
type store struct {
	mu     sync.Mutex
	answer func(netip.Addr) verdict
	took   time.Duration
	asked  map[netip.Addr]int
	owned  int
	freed  func(netip.Addr)
}

func newStore(answer func(netip.Addr) verdict) *store {
	return &store{answer: answer, asked: map[netip.Addr]int{}}
}

func (s *store) acquire(_ context.Context, key netip.Addr, _, _ int, freed func(netip.Addr)) (lease, verdict) {
	pause(context.Background(), s.took)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[key]++
	s.freed = freed
	v := s.answer(key)
	if v.kind == leaseRefused {
		return nil, v
	}
	s.owned++
	return &storeLease{s, key}, v
}

func (s *store) stats() LeaseStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return LeaseStats{Owned: s.owned}
}

func (s *store) set(answer func(netip.Addr) verdict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *store) times(key netip.Addr) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[key]
}

func (s *store) total() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, times := range s.asked {
		n += times
	}
	return n
}

type storeLease struct {
	s   *store
	key netip.Addr
}

func (le *storeLease) release() {
	le.s.mu.Lock()
	le.s.owned--
	freed := le.s.freed
	le.s.mu.Unlock()
	freed(le.key)
}

func always(v verdict) func(netip.Addr) verdict { return func(netip.Addr) verdict { return v } }

var (
	granting   = always(verdict{kind: leaseGranted})
	away       = always(verdict{kind: leaseAway})
	allFull    = always(verdict{globalFull: true})
	clientsAre = func(full ...netip.Addr) func(netip.Addr) verdict {
		return func(key netip.Addr) verdict {
			for _, k := range full {
				if k == key {
					return verdict{clientFull: true}
				}
			}
			return verdict{kind: leaseGranted}
		}
	}
)

// While the shared cap is reached one asks for all, five to ten times a second.
func TestAskingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(allFull)
		l := newLimiter(t, Config{PerClient: 4, Global: 10, Queue: 50, QueuePerClient: 5, Wait: 10 * time.Second, Leases: s})
		var wg sync.WaitGroup
		for n := range 50 {
			wg.Go(func() {
				_, err := l.Acquire(t.Context(), addr(n/5))
				refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
			})
		}
		wg.Wait()
		if got := s.total(); got < 50 || got > 50+110 { // each once at most when it came
			t.Errorf("asked %d times in 10s", got)
		}
		idle(t, l)
	})
}

// A client whose shared cap is reached waits alone.
func TestSharedCapOfAClientBlocksNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(clientsAre(addr(1)))
		l := newLimiter(t, Config{PerClient: 2, Global: 2, Queue: 10, QueuePerClient: 5, Wait: time.Second, Leases: s})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, err := l.Acquire(t.Context(), addr(1))
				refused(t, err, http.StatusTooManyRequests, "concurrency.client")
			})
		}
		synctest.Wait()
		for range 20 {
			began := time.Now()
			slot := acquire(t, l, addr(2))
			if waited := time.Since(began); waited != 0 {
				t.Errorf("another client waited %v", waited)
			}
			pause(t.Context(), 10*time.Millisecond)
			slot.Release()
		}
		wg.Wait()
		if got := s.times(addr(1)); got > 5+12 {
			t.Errorf("asked %d times for the client in 1s", got)
		}
		idle(t, l)
	})
}

// Newcomers of a client whose shared cap is reached do not ask each.
func TestNewcomersDoNotAskEach(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(granting)
		l := newLimiter(t, Config{PerClient: 4, Global: 10, Leases: s})
		slot := acquire(t, l, addr(1)) // so that the client stays known
		s.set(clientsAre(addr(1)))
		for range 100 {
			_, err := l.Acquire(t.Context(), addr(1))
			refused(t, err, http.StatusTooManyRequests, "concurrency.client")
		}
		if got := s.times(addr(1)); got != 2 {
			t.Errorf("asked %d times, want once for the slot and once for all the others", got)
		}
		slot.Release()
		idle(t, l)
	})
}

func TestSharedCapOpens(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*store, *Limiter){
		"elsewhere":              func(s *store, _ *Limiter) { s.set(granting) },
		"because the store left": func(s *store, _ *Limiter) { s.set(away) },
		"here": func(s *store, _ *Limiter) {
			s.set(granting)
			s.freed(addr(7))
		},
	}
	for name, open := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore(allFull)
				l := newLimiter(t, Config{PerClient: 2, Global: 4, Queue: 20, QueuePerClient: 5, Wait: time.Minute, Leases: s})
				var wg sync.WaitGroup
				for n := range 20 {
					wg.Go(func() { acquire(t, l, addr(n/5)).Release() })
				}
				pause(t.Context(), 5*time.Second)
				if got := l.Stats(); got.Waiting != 20 || got.InFlight != 0 || got.Acquired != 0 {
					t.Errorf("%+v, want all waiting", got)
				}
				began := time.Now()
				open(s, l)
				wg.Wait()
				took := time.Since(began)
				if took > 200*time.Millisecond || name == "here" && took != 0 {
					t.Errorf("it took %v", took)
				}
				idle(t, l)
			})
		})
	}
}

// A waiter that is called and finds no lease keeps its turn, however often.
func TestTurnIsKept(t *testing.T) {
	t.Parallel()
	for asked := range 8 {
		synctest.Test(t, func(t *testing.T) {
			s := newStore(allFull)
			l := newLimiter(t, Config{PerClient: 1, Global: 1, Queue: 20, QueuePerClient: 5, Wait: time.Minute, Leases: s})
			served := make(chan int, 6)
			var wg sync.WaitGroup
			for i, client := range []int{1, 1, 2, 2, 3, 3} {
				wg.Go(func() {
					slot := acquire(t, l, addr(client))
					served <- i
					slot.Release()
				})
				synctest.Wait()
			}
			for s.total() < 1+asked { // the first asked when it came
				pause(t.Context(), time.Millisecond)
			}
			synctest.Wait()
			s.set(granting)
			wg.Wait()
			close(served)
			var order []int
			for i := range served {
				order = append(order, i)
			}
			if want := []int{0, 2, 4, 1, 3, 5}; !slices.Equal(order, want) {
				t.Errorf("asked %d times: served %v, want %v", asked, order, want)
			}
			idle(t, l)
		})
	}
}

// Requests end in every state while the store takes its time.
func TestEndsWhileAsking(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(netip.Addr) verdict{"yes": granting, "no": allFull, "the client's no": clientsAre(addr(1)), "away": away} {
		for _, how := range []string{"cancel", "close", "timeout"} {
			t.Run(name+" and "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStore(answer)
					s.took = 100 * time.Millisecond
					wait := time.Minute
					if how == "timeout" {
						wait = 50 * time.Millisecond
					}
					l := newLimiter(t, Config{PerClient: 2, Global: 2, Queue: 5, QueuePerClient: 5, Wait: wait, Leases: s})
					ctx, cancel := context.WithCancel(t.Context())
					var wg sync.WaitGroup
					for range 5 {
						wg.Go(func() {
							slot, _ := l.Acquire(ctx, addr(1))
							pause(t.Context(), time.Millisecond)
							slot.Release()
						})
					}
					pause(t.Context(), 130*time.Millisecond) // some ask for the second time
					switch how {
					case "cancel":
						cancel()
					case "close":
						_ = l.Close()
					}
					wg.Wait()
					cancel()
					idle(t, l)
				})
			})
		}
	}
}

// The zero verdict is a refusal.
func TestZeroVerdictRefuses(t *testing.T) {
	t.Parallel()
	l := newLimiter(t, Config{PerClient: 1, Global: 1, Leases: newStore(always(verdict{}))})
	_, err := l.Acquire(t.Context(), addr(1))
	refused(t, err, http.StatusServiceUnavailable, "concurrency.global")
	idle(t, l)
}
