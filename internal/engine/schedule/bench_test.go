package schedule

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

func cycle(ctx context.Context, s *Schedule, r Request) error {
	p, err := s.Acquire(ctx, r)
	if err == nil {
		p.Release()
	}
	return err
}

// A place is free: one Acquire and one Release.
func BenchmarkFree(b *testing.B) {
	s := newSchedule(b, Config{Places: 4, Spares: 2, Queue: 64, Wait: time.Second})
	r := Request{Client: "reports", Size: is(engine.Small)}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if err := cycle(ctx, s, r); err != nil {
			b.Fatal(err)
		}
	}
}

// The same with ever new clients, each of whom is remembered for a while.
func BenchmarkFreeNewClients(b *testing.B) {
	s := newSchedule(b, Config{Places: 4, Queue: 64, Wait: time.Second})
	names := make([]string, 1<<16)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if err := cycle(b.Context(), s, Request{Client: names[n%len(names)]}); err != nil {
			b.Fatal(err)
		}
	}
}

// A hundred clients for two places: most of them wait.
func BenchmarkContended(b *testing.B) {
	s := newSchedule(b, Config{Places: 2, Queue: 1 << 12, Wait: time.Minute})
	var n atomic.Uint64
	b.SetParallelism(100)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := Request{Client: strconv.FormatUint(n.Add(1), 10), Size: is(engine.Small)}
		for pb.Next() {
			if err := cycle(b.Context(), s, r); err != nil {
				b.Error(err)
			}
		}
	})
}

// The next of as many clients as can wait: the longest time under the lock.
func BenchmarkNextOfFullQueue(b *testing.B) {
	s := newSchedule(b, Config{Places: 1, Queue: maxQueue, Wait: time.Minute})
	s.mu.Lock()
	for i := range maxQueue {
		w := &waiter{client: s.track(strconv.Itoa(i))}
		if err := s.enter(w, s.now()); err != nil {
			b.Fatal(err)
		}
		s.sized(w, engine.Small)
	}
	s.mu.Unlock()
	for b.Loop() {
		s.mu.Lock()
		if s.nextRegular(s.now()) == nil {
			b.Fatal("nobody")
		}
		s.mu.Unlock()
	}
}

func BenchmarkRefused(b *testing.B) {
	s := newSchedule(b, Config{Places: 1})
	p, err := s.Acquire(b.Context(), Request{})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Release()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Acquire(b.Context(), Request{Client: "a"}); err == nil {
			b.Fatal("no refusal")
		}
	}
}

func TestAllocations(t *testing.T) {
	s := newSchedule(t, Config{Places: 1, Queue: 1, Wait: time.Second})
	ctx := t.Context()
	if n := testing.AllocsPerRun(200, func() { _ = cycle(ctx, s, Request{Client: "a"}) }); n > 1 {
		t.Errorf("%v allocations, want at most 1: the place", n)
	}
}
