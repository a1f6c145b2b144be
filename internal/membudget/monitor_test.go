package membudget

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestIdleDoesNotTick(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		for pid := range 3 {
			m.worker(b, pid+1)
		}
		m.pass(10 * time.Second)
		before := b.Usage().Rounds
		m.pass(time.Minute)
		if rounds := b.Usage().Rounds - before; rounds < 59 || rounds > 61 {
			m.Fatalf("%d readings in an idle minute", rounds)
		}
	})
}

// Short queries, one after the other, neither wake the monitor nor keep it from
// the pace that the headroom allows.
func TestShortQueriesDoNotTick(t *testing.T) {
	bubble(t, Config{Limit: 4 * gib}, func(m *machine, b *Budget) {
		p := m.worker(b, 1)
		m.pass(5 * time.Second)
		before := b.Usage().Rounds
		for range 10_000 {
			p.watched.Busy(true)
			m.pass(200 * time.Microsecond)
			p.watched.Busy(false)
			m.pass(100 * time.Microsecond)
		}
		if rounds := b.Usage().Rounds - before; rounds < 12 || rounds > 20 {
			m.Fatalf("%d readings in 3 s of short queries", rounds)
		}
	})
}

func TestQueryWakesTheMonitor(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		p := m.worker(b, 1)
		for range 50 {
			m.pass(10*time.Second + 123*time.Millisecond)
			before := b.Usage().Rounds
			p.watched.Busy(true)
			synctest.Wait()
			if b.Usage().Rounds == before {
				m.Fatal("a query after a pause is not looked at before the next second")
			}
			p.watched.Busy(false)
		}
	})
}

// Text counts once, and shared memory beyond what text there can be counts.
func TestSharedMemory(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		m.proc(0).set(30 * mib)
		m.proc(0).change(func(p *proc) { p.shared = 40 * mib })
		for pid := range 3 {
			p := m.worker(b, pid+1)
			p.change(func(p *proc) { p.shared = 45 * mib })
		}
		hiding := m.worker(b, 4)
		hiding.change(func(p *proc) { p.shared = 164 * mib })
		if u := b.Usage(); u.Server != 30*mib+64*mib || u.Workers != 4*40*mib+100*mib {
			m.Fatalf("%+v", u)
		}
	})
}

func TestServerItself(t *testing.T) {
	var relieved, own atomic.Int64
	own.Store(100 * mib)
	cfg := Config{Limit: gib, Own: own.Load, Relieve: func() { relieved.Add(1) }}
	bubble(t, cfg, func(m *machine, b *Budget) {
		p := m.worker(b, 1)
		p.watched.Busy(true)
		m.pass(time.Second)
		p.set(60 * mib)
		own.Store(gib - 50*mib)
		m.pass(200 * time.Millisecond)
		if relieved.Load() != 1 || p.causes != nil {
			m.Fatalf("%d times relieved; ended: %v", relieved.Load(), p.causes)
		}
		own.Store(200 * mib)
		m.pass(time.Second)
		if relieved.Load() != 1 || p.causes != nil {
			m.Fatalf("after relief: %d times; ended: %v", relieved.Load(), p.causes)
		}
		own.Store(2 * gib) // far beyond: workers that have grown end, too
		m.pass(time.Second)
		if p.reason() != Query {
			m.Fatalf("ended: %v", p.causes)
		}
		relieved.Store(0)
		m.pass(30 * time.Second)
		if relieved.Load() < 25 || relieved.Load() > 31 {
			m.Fatalf("relieved %d times in 30 s", relieved.Load())
		}
		if n := strings.Count(m.logs.String(), "memory budget passed"); n < 3 || n > 5 {
			m.Fatalf("complained %d times in 31 s", n)
		}
	})
}

// Where workers at rest are too many already, ending them would help nobody.
func TestTooManyAtRest(t *testing.T) {
	bubble(t, Config{Limit: 128 * mib}, func(m *machine, b *Budget) {
		for pid := range 4 {
			m.worker(b, pid+1)
		}
		m.pass(5 * time.Second)
		if u := b.Usage(); u.EndedKept+u.EndedQuery != 0 || u.Watched != 4 {
			m.Fatalf("%+v", u)
		}
		if !strings.Contains(m.logs.String(), "memory budget passed") {
			m.Fatal("nothing is said")
		}
	})
}
