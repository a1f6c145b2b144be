package schedule

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// flood keeps n queries of a client, each of the length d, running or waiting
// until end is over; it tells how much time in places they had.
func flood(t *testing.T, all *sync.WaitGroup, s *Schedule, client string, n int, d, end time.Duration, size engine.Size) *time.Duration {
	t.Helper()
	var mu sync.Mutex
	var had time.Duration
	start := time.Now()
	for range n {
		all.Go(func() {
			for time.Since(start) < end {
				p, err := s.Acquire(t.Context(), Request{Client: client, Size: is(size)})
				if err != nil {
					continue // it waited its time, and comes again
				}
				<-time.After(d)
				p.Release()
				if time.Since(start) < end {
					mu.Lock()
					had += d
					mu.Unlock()
				}
			}
		})
	}
	return &had
}

// A floods with queries of a second, B comes with a small one every 100 ms.
func TestFloodAndDashboard(t *testing.T) {
	for _, c := range []struct {
		places, spares int
		worst, mean    time.Duration // of B's waits
	}{
		{1, 0, 1000 * ms, 600 * ms},
		{1, 1, 0, 0},
		{2, 0, 1000 * ms, 600 * ms},
		{2, 1, 0, 0},
		{4, 0, 1000 * ms, 600 * ms},
		{4, 2, 0, 0},
	} {
		t.Run(fmt.Sprintf("%d places, %d spares", c.places, c.spares), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const end = 60 * time.Second
				s := newSchedule(t, Config{Places: c.places, Spares: c.spares, Queue: 100, QueuePerClient: 90, Wait: 5 * time.Second})
				var all sync.WaitGroup
				had := flood(t, &all, s, "a", 50, time.Second, end, engine.Large)
				<-time.After(550 * ms)
				var worst, sum time.Duration
				var n time.Duration
				for ticker := time.NewTicker(100 * ms); n < 500; <-ticker.C {
					p := acquire(t, s, Request{Client: "b", Size: small})
					n++
					sum += p.Waited()
					worst = max(worst, p.Waited())
					<-time.After(10 * ms)
					p.Release()
				}
				all.Wait()
				t.Logf("B waited %v at worst, %v on average; A had %v of %v", worst, sum/n, *had, end*time.Duration(c.places))
				if worst > c.worst || sum/n > c.mean {
					t.Errorf("B waited %v at worst, %v on average; want at most %v, %v", worst, sum/n, c.worst, c.mean)
				}
				if share := float64(*had) / float64(end*time.Duration(c.places)); share < 0.9 {
					t.Errorf("A had %v of the time", share)
				}
				idle(t, s)
			})
		})
	}
}

// A thousand queries of one client are one client's.
func TestThousandWaiting(t *testing.T) {
	for _, size := range []engine.Size{engine.Small, engine.Large} {
		for _, places := range []int{1, 3} {
			config := Config{Places: places, Queue: 2000, QueuePerClient: 1500, Wait: time.Minute, HalfLife: time.Minute}
			outcomes := play(t, config, join(
				many(1000, query{name: "a", client: "a", hold: time.Second, size: is(size)}),
				[]query{{name: "b", client: "b", at: 2500 * ms, size: small}, {name: "c", client: "c", at: 4500 * ms, size: small}},
			))
			expect(t, outcomes, map[string]string{"b": "500ms", "c": "500ms"})
			if places > 1 { // with one place, large ones are behind small ones
				outcomes = play(t, config, join(
					many(1000, query{name: "a", client: "a", hold: time.Second, size: is(size)}),
					[]query{{name: "b", client: "b", at: 2500 * ms, size: large}},
				))
				expect(t, outcomes, map[string]string{"b": "500ms"})
			}
		}
	}
}

// Time is shared, not turns: whoever has long queries has fewer of them.
func TestShares(t *testing.T) {
	for _, places := range []int{1, 2} {
		synctest.Test(t, func(t *testing.T) {
			const end = 10 * time.Minute
			s := newSchedule(t, Config{Places: places, Queue: 100, QueuePerClient: 30, Wait: time.Minute})
			var all sync.WaitGroup
			had := map[string]*time.Duration{}
			for i, d := range []time.Duration{50 * ms, 300 * ms, 2 * time.Second} {
				client := strconv.Itoa(i)
				had[client] = flood(t, &all, s, client, 10, d, end, engine.Small)
			}
			all.Wait()
			for client, d := range had {
				share := float64(*d) / float64(end*time.Duration(places))
				t.Logf("client %s had %.3f", client, share)
				if share < 0.30 || share > 0.37 {
					t.Errorf("client %s had %.3f of the time, want a third", client, share)
				}
			}
			idle(t, s)
		})
	}
}

// A large query is served in spite of an endless stream of small ones of ever
// new clients, of whom some always wait and none has ever used anything.
func TestLargeIsNotStarved(t *testing.T) {
	for _, c := range []struct{ places, spares int }{{1, 0}, {1, 1}, {2, 0}, {2, 1}, {4, 2}} {
		t.Run(fmt.Sprintf("%d places, %d spares", c.places, c.spares), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSchedule(t, Config{Places: c.places, Spares: c.spares, Queue: 50, Wait: 5 * time.Second})
				var all sync.WaitGroup
				start := time.Now()
				for i := range c.places + c.spares + 5 {
					all.Go(func() {
						for n := 0; time.Since(start) < time.Minute; n++ {
							p := acquire(t, s, Request{Client: fmt.Sprint(i, n), Size: small})
							<-time.After(100 * ms)
							p.Release()
						}
					})
				}
				<-time.After(5 * time.Second)
				for range 10 {
					p := acquire(t, s, Request{Client: "large", Size: large})
					if p.Waited() > 2600*ms {
						t.Errorf("waited %v, want at most half of Wait and one small query", p.Waited())
					}
					<-time.After(time.Second)
					p.Release()
				}
				all.Wait()
				idle(t, s)
			})
		})
	}
}
