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

func acquire(tb testing.TB, s *Schedule, r Request) *Place {
	tb.Helper()
	p, err := s.Acquire(tb.Context(), r)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// Size may take its time, look at the Schedule and even acquire a place.
func TestSizeHasNoLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 1, Queue: 10, Wait: 10 * time.Second})
		first := acquire(t, s, Request{Client: "a"})
		time.AfterFunc(time.Second, first.Release)
		calls := 0
		start := time.Now()
		p := acquire(t, s, Request{Client: "b", Size: func() engine.Size {
			calls++
			if s.Stats().Waiting != 1 {
				t.Errorf("who asks its size stands in the queue: %+v", s.Stats())
			}
			planner := acquire(t, s, Request{Client: "b"})
			verify(t, s)
			<-time.After(time.Second)
			planner.Release()
			return engine.Small
		}})
		if calls != 1 || time.Since(start) != 2*time.Second || p.Waited() != 2*time.Second {
			t.Errorf("%d calls, a place after %v, waited %v", calls, time.Since(start), p.Waited())
		}
		p.Release()
		idle(t, s)
	})
}

// Who asks its size holds up nobody, and then stands where it came.
func TestSlowSize(t *testing.T) {
	const sec = time.Second
	slow := func(d time.Duration, size engine.Size) func() engine.Size {
		return func() engine.Size { <-time.After(d); return size }
	}
	config := Config{Places: 1, Queue: 10, QueuePerClient: 9, Wait: 5 * sec}
	expect(t, play(t, config, []query{
		{name: "0", client: "a", hold: sec},
		{name: "slow", client: "a", hold: sec, size: slow(1500*ms, engine.Small)},
		{name: "1", client: "a", hold: sec, size: small},
		{name: "2", client: "a", hold: sec, size: small},
		{name: "never", client: "a", hold: sec, size: slow(9*sec, engine.Small)},
		{name: "left", client: "a", hold: sec, size: slow(3*sec, engine.Small), leaves: sec},
	}), map[string]string{
		"1": "1s", "slow": "2s", "2": "3s",
		// Its time has passed, but there is a place.
		"never": "9s", "left": "context canceled",
	})
	expect(t, play(t, config, []query{
		{name: "0", client: "a", hold: 20 * sec},
		{name: "late", client: "b", hold: sec, size: slow(9*sec, engine.Small)},
	}), map[string]string{"late": ErrWaited.Error()})
}

// Whoever is pushed out while its size is asked hears of it afterwards.
func TestPushedOutWhileAsked(t *testing.T) {
	asked := func() engine.Size { <-time.After(100 * ms); return engine.Small }
	outcomes := play(t, Config{Places: 1, Queue: 2, QueuePerClient: 2, Wait: time.Second}, []query{
		{name: "0", client: "a", hold: 500 * ms},
		{name: "1", client: "a", size: large},
		{name: "2", client: "a", size: asked},
		{name: "b", client: "b", size: large},
	})
	expect(t, outcomes, map[string]string{"2": ErrPushedOut.Error(), "b": "500ms", "1": "500ms"})
}

func TestSizePanics(t *testing.T) {
	s := newSchedule(t, Config{Places: 1, Queue: 1, Wait: time.Second})
	p := acquire(t, s, Request{})
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		_, _ = s.Acquire(t.Context(), Request{Client: "a", Size: func() engine.Size { panic("a mistake of the planner's") }})
	}()
	p.Release()
	idle(t, s)
}

func TestReleaseTwice(t *testing.T) {
	s := newSchedule(t, Config{Places: 2, Queue: 1, Wait: time.Second})
	p, other := acquire(t, s, Request{Client: "a"}), acquire(t, s, Request{Client: "a"})
	var all sync.WaitGroup
	for range 50 {
		all.Go(p.Release)
	}
	all.Wait()
	if st := s.Stats(); st.Running != 1 {
		t.Errorf("%+v", st)
	}
	verify(t, s)
	other.Release()
	idle(t, s)
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 1, Spares: 1, Queue: 100, QueuePerClient: 10, Wait: time.Minute})
		first := acquire(t, s, Request{Client: "a"})
		time.AfterFunc(ms, first.Release)
		held := acquire(t, s, Request{Client: "a", Size: small}) // would become long while others wait: an alarm
		var all sync.WaitGroup
		asked := make(chan struct{})
		for i := range 30 {
			size := small
			if i%3 == 0 {
				size = func() engine.Size { <-asked; return engine.Small }
			}
			all.Go(func() {
				_, err := s.Acquire(t.Context(), Request{Client: string(rune('a' + i%5)), Size: size})
				refused(t, err, ErrClosed)
			})
		}
		synctest.Wait()
		if n := s.Stats().Waiting; n != 30 {
			t.Errorf("%d wait", n)
		}
		if s.alarm == nil {
			t.Error("no alarm, though a query may become long")
		}
		s.Close()
		s.Close()
		if s.alarm.Stop() {
			t.Error("the alarm is still set")
		}
		verify(t, s)
		_, err := s.Acquire(t.Context(), Request{})
		refused(t, err, ErrClosed)
		close(asked)
		all.Wait()
		<-time.After(time.Minute)
		held.Release()
		idle(t, s)
		if st := s.Stats(); st.RefusedClosed != 31 || st.Granted != 2 {
			t.Errorf("%+v", st)
		}
	})
}

// A place that comes together with the end of the context goes to the next.
func TestCanceledAsItIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 1, Queue: 10, Wait: time.Minute})
		first := acquire(t, s, Request{Client: "a"})
		ctx, cancel := context.WithCancel(t.Context())
		w := make(chan *waiter, 1)
		var all sync.WaitGroup
		all.Go(func() {
			_, waits, err := s.try(Request{Client: "b"})
			if err != nil {
				t.Error(err)
			}
			w <- waits
		})
		waits := <-w
		all.Go(func() { acquire(t, s, Request{Client: "c"}).Release() })
		synctest.Wait()
		first.Release()
		cancel()
		if p, err := s.giveUp(waits, ctx.Err()); p != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", p, err)
		}
		all.Wait()
		idle(t, s)
	})
}

func TestCanceledBefore(t *testing.T) {
	s := newSchedule(t, Config{Places: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Acquire(ctx, Request{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if st := s.Stats(); st.Canceled != 1 || st.Granted != 0 {
		t.Errorf("%+v", st)
	}
}

// Large queries of many clients leave half of the queue to small ones.
func TestLargeQueriesTakeHalfOfTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 1, Spares: 1, Queue: 4, QueuePerClient: 4, Wait: time.Second})
		held := []*Place{acquire(t, s, Request{Client: "long"}), acquire(t, s, Request{Client: "quick", Known: engine.Small})}
		var all sync.WaitGroup
		wait := func(client string, known engine.Size, want error) {
			all.Go(func() {
				if _, err := s.Acquire(t.Context(), Request{Client: client, Known: known}); !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", client, err, want)
				}
			})
			synctest.Wait()
		}
		wait("a", engine.Large, ErrWaited)
		wait("b", engine.Unknown, ErrWaited)
		wait("c", engine.Large, ErrQueueFull)
		wait("d", engine.Unknown, ErrQueueFull)
		wait("e", engine.Small, ErrWaited)
		wait("f", engine.Small, ErrWaited)
		wait("g", engine.Small, ErrQueueFull) // now it is full for everybody
		all.Wait()
		for _, p := range held {
			p.Release()
		}
	})
}

func TestStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 1, Spares: 1, Queue: 4, QueuePerClient: 2, Wait: time.Second})
		a := acquire(t, s, Request{Client: "a"})
		b := acquire(t, s, Request{Client: "b", Size: small})
		var all sync.WaitGroup
		wait := func(ctx context.Context, client string, want error) {
			all.Go(func() {
				if _, err := s.Acquire(ctx, Request{Client: client}); !errors.Is(err, want) {
					t.Errorf("%s: %v, want %v", client, err, want)
				}
			})
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(t.Context())
		wait(ctx, "a", context.Canceled)
		wait(t.Context(), "a", ErrPushedOut)
		wait(t.Context(), "a", ErrClientQueueFull)
		if got, want := s.Stats(), (Stats{
			Running: 2, Spare: 1, Large: 1, Waiting: 2, Clients: 2, Granted: 2, GrantedSpare: 1, RefusedClientQueueFull: 1,
		}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		wait(t.Context(), "b", ErrWaited)
		wait(t.Context(), "c", ErrQueueFull)
		cancel()
		<-time.After(time.Second)
		all.Wait()
		a.Release()
		b.Release()
		if got, want := s.Stats(), (Stats{
			Clients: 2, Granted: 2, GrantedSpare: 1, RefusedQueueFull: 1, RefusedClientQueueFull: 1,
			RefusedPushedOut: 1, RefusedWaited: 1, Canceled: 1,
		}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}
