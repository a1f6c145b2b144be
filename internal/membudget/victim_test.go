package membudget

import (
	"strings"
	"testing"
	"time"
)

func TestLargestGrowthEnds(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		cached, bomb, idle := m.worker(b, 1), m.worker(b, 2), m.worker(b, 3)
		cached.set(500 * mib) // of earlier queries
		cached.watched.Busy(true)
		cached.watched.Busy(false)
		m.pass(100 * time.Millisecond)
		cached.watched.Busy(true)
		bomb.watched.Busy(true)
		m.pass(10 * time.Millisecond)
		cached.set(510 * mib)
		bomb.grow(2e9)
		m.pass(2 * time.Second)
		if bomb.reason() != Query || cached.causes != nil || idle.causes != nil {
			m.Fatalf("ended: cached %v, bomb %v, idle %v", cached.causes, bomb.causes, idle.causes)
		}
		c := bomb.causes[0]
		if c.Limit != gib || c.Total < gib*8/10 || c.Total > gib*11/10 || c.Grown < 350*mib || c.Worker-c.Grown != 40*mib {
			m.Fatalf("%+v: %v", c, c)
		}
		if got, ended := bomb.watched.Ended(); !ended || got != c {
			m.Fatalf("Ended: %v, %v", got, ended)
		}
		if !strings.Contains(m.logs.String(), "worker ended for its memory") {
			m.Fatalf("log: %s", m.logs.String())
		}
	})
}

func TestYoungestOfEquals(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		var procs []*proc
		for pid := range 3 {
			procs = append(procs, m.worker(b, pid+1))
		}
		for _, i := range []int{0, 2, 1} { // 1 is the youngest
			procs[i].watched.Busy(true)
			m.pass(10 * time.Millisecond)
		}
		for i, p := range procs {
			p.set(int64(380-i) * mib)
		}
		m.pass(2 * time.Second)
		if procs[1].reason() != Query || procs[0].causes != nil || procs[2].causes != nil {
			m.Fatalf("ended: %v, %v, %v", procs[0].causes, procs[1].causes, procs[2].causes)
		}
	})
}

func TestIdleEndFirst(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		kept, rest, busy := m.worker(b, 1), m.worker(b, 2), m.worker(b, 3)
		kept.set(200 * mib)
		busy.watched.Busy(true)
		m.pass(300 * time.Millisecond)
		busy.set(850 * mib)
		m.pass(2 * time.Second)
		if kept.reason() != Kept || rest.causes != nil || busy.causes != nil {
			m.Fatalf("ended: kept %v, at rest %v, busy %v", kept.causes, rest.causes, busy.causes)
		}
		if u := b.Usage(); u.EndedKept != 1 || u.Watched != 2 || u.Leaving != 0 || u.Workers != 890*mib {
			m.Fatalf("%+v", u)
		}
	})
}

// A worker that is never idle at a reading, and whose memory no single query has taken.
func TestKeptByBusyWorkers(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		p := m.worker(b, 1)
		for i := range int64(1000) {
			p.watched.Busy(true)
			p.set(40*mib + i*mib)
			m.pass(5 * time.Millisecond)
			if _, ended := p.watched.Ended(); ended {
				break
			}
		}
		m.pass(time.Second)
		if p.reason() != Kept || p.causes[0].Total < 900*mib {
			m.Fatalf("ended: %v", p.causes)
		}
	})
}

// What a query takes before the first reading that sees it is its own.
func TestGrowthBeforeTheFirstReading(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		quick, slow := m.worker(b, 1), m.worker(b, 2)
		slow.watched.Busy(true)
		m.pass(50 * time.Millisecond)
		slow.set(400 * mib)
		m.pass(50 * time.Millisecond)
		quick.watched.Busy(true)
		quick.set(700 * mib)
		m.pass(time.Second)
		if quick.reason() != Query || slow.causes != nil {
			m.Fatalf("ended: quick %v, slow %v", quick.causes, slow.causes)
		}
	})
}

// What a worker takes at rest is the least it was idle with, not what it began with.
func TestRestAfterAGreedyStart(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		p := m.proc(1)
		p.set(300 * mib)
		var err error
		if p.watched, err = b.Watch(1, func(Cause) { p.kill() }); err != nil {
			m.Fatal(err)
		}
		p.watched.Busy(false)
		p.set(40 * mib)
		m.pass(2 * time.Second)
		p.set(290 * mib)
		busy := m.worker(b, 2)
		busy.watched.Busy(true)
		m.pass(300 * time.Millisecond)
		busy.set(760 * mib)
		m.pass(time.Second)
		if c, ended := p.watched.Ended(); !ended || c.Reason != Kept || busy.causes != nil {
			m.Fatalf("ended: %v %v, busy %v", ended, c, busy.causes)
		}
	})
}

// The budget does not rely on the owner being quick.
func TestOwnerThatDoesNotKill(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		p := m.proc(1)
		p.set(40 * mib)
		var err error
		if p.watched, err = b.Watch(1, func(Cause) { <-time.After(5 * time.Second) }); err != nil {
			m.Fatal(err)
		}
		p.watched.Busy(false)
		p.watched.Busy(true)
		p.grow(1e9)
		m.pass(2 * time.Second)
		if u := b.Usage(); u.Watched != 0 || u.EndedQuery != 1 {
			m.Fatalf("%+v", u)
		}
	})
}

// A new worker takes memory until it is ready, and that is no reason to end it;
// one that takes far more is.
func TestOpening(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		big := m.worker(b, 1)
		big.watched.Busy(true)
		m.pass(time.Second)
		big.set(960 * mib)
		m.pass(time.Second)
		fresh := m.proc(2)
		fresh.set(5 * mib)
		var err error
		fresh.watched, err = b.Watch(2, func(Cause) { fresh.kill() })
		if err != nil {
			m.Fatal(err)
		}
		fresh.set(100 * mib)
		m.pass(time.Second)
		if _, ended := fresh.watched.Ended(); ended || big.reason() != Query {
			m.Fatal("the one that opens was ended")
		}
		fresh.set(1050 * mib)
		m.pass(time.Second)
		if _, ended := fresh.watched.Ended(); !ended {
			m.Fatal("one that opens without end was not ended")
		}
	})
}
