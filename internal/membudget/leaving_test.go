package membudget

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOneOvershootEndsOne(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		first, second := m.worker(b, 1), m.worker(b, 2)
		first.change(func(p *proc) { p.exit = 700 * time.Millisecond })
		for _, p := range []*proc{first, second} {
			p.watched.Busy(true)
		}
		m.pass(300 * time.Millisecond)
		first.set(700 * mib) // in one leap, so that the first reading finds more than a tenth too much
		second.set(480 * mib)
		m.pass(600 * time.Millisecond)
		if first.reason() != Query || second.causes != nil {
			m.Fatalf("ended: %v, %v", first.causes, second.causes)
		}
		if u := b.Usage(); u.Leaving == 0 || u.Paused != 1 {
			m.Fatalf("while the first leaves, the second waits: %+v", u)
		}
		m.pass(time.Second)
		if u := b.Usage(); u.Leaving != 0 || u.Paused != 0 || second.paused || second.causes != nil {
			m.Fatalf("it goes on: %+v, %v", u, second.causes)
		}
	})
}

// What does not end keeps its memory; others that grow have to end for it, and
// those that do not are left alone.
func TestWorkerThatDoesNotEnd(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		stuck, modest, greedy, idle := m.worker(b, 1), m.worker(b, 2), m.worker(b, 3), m.worker(b, 4)
		stuck.change(func(p *proc) { p.immortal = true })
		for _, p := range []*proc{stuck, modest, greedy} {
			p.watched.Busy(true)
		}
		m.pass(time.Millisecond)
		stuck.set(1010 * mib)
		modest.set(45 * mib)
		m.pass(10 * time.Second)
		if stuck.reason() != Query || modest.causes != nil || idle.causes != nil {
			m.Fatalf("ended: stuck %v, modest %v, idle %v", stuck.causes, modest.causes, idle.causes)
		}
		if modest.pauses != 1 || modest.paused {
			m.Fatalf("paused %d times, still: %v", modest.pauses, modest.paused)
		}
		if n := strings.Count(m.logs.String(), "worker does not end"); n != 1 {
			m.Fatalf("said %d times that a worker does not end", n)
		}
		greedy.set(64 * mib)
		m.pass(10 * time.Second)
		if greedy.reason() != Query || modest.causes != nil || idle.causes != nil {
			m.Fatalf("ended: greedy %v, modest %v, idle %v", greedy.causes, modest.causes, idle.causes)
		}
		stuck.watched.Done()
	})
}

// What has exited holds nothing, also before its owner says so.
func TestOwnerThatDoesNotSayDone(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		first, second := m.worker(b, 1), m.worker(b, 2)
		first.change(func(p *proc) { p.slowOwner = true })
		for _, p := range []*proc{first, second} {
			p.watched.Busy(true)
		}
		m.pass(300 * time.Millisecond)
		first.set(600 * mib)
		second.set(480 * mib)
		m.pass(300 * time.Millisecond)
		if u := b.Usage(); u.Watched != 2 || u.Leaving != 0 || u.Paused != 0 || second.pauses != 1 {
			m.Fatalf("%+v, paused %d times", u, second.pauses)
		}
		m.pass(10 * time.Second)
		if first.reason() != Query || second.causes != nil {
			m.Fatalf("ended: %v, %v", first.causes, second.causes)
		}
		first.watched.Done()
	})
}

// A process that has crashed is its owner's matter; one whose memory cannot be
// read and that is still there is not.
func TestVanishedWorker(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		crashed, hiding := m.worker(b, 1), m.worker(b, 2)
		for _, p := range []*proc{crashed, hiding} {
			p.watched.Busy(true)
		}
		crashed.change(func(p *proc) { p.unread, p.dead = true, true })
		hiding.change(func(p *proc) { p.unread = true })
		m.pass(2 * time.Second)
		crashed.watched.Done()
		if crashed.causes != nil || hiding.reason() != Vanished {
			m.Fatalf("ended: crashed %v, hiding %v", crashed.causes, hiding.causes)
		}
	})
}

func TestCloseLetsPausedWorkersGoOn(t *testing.T) {
	bubble(t, Config{Limit: gib}, func(m *machine, b *Budget) {
		first, second := m.worker(b, 1), m.worker(b, 2)
		first.change(func(p *proc) { p.exit = 300 * time.Millisecond })
		for _, p := range []*proc{first, second} {
			p.watched.Busy(true)
		}
		m.pass(time.Second)
		first.set(700 * mib)
		second.set(480 * mib)
		m.pass(250 * time.Millisecond)
		if !second.paused {
			m.Fatal("nothing is paused")
		}
		b.Close()
		if second.paused {
			m.Fatal("a worker stays paused for ever")
		}
		m.pass(time.Second)
	})
}

// Without a handle on processes their owners end them, and none is paused: one
// that goes on growing while another leaves has to end as well.
func TestWithoutHandles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &machine{T: t}
		sys := m.system()
		sys.process = func(int) process { return nobody{} }
		b, err := start(Config{Limit: gib, Threads: 1, Growth: 8e9}, sys)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		first, second := m.worker(b, 1), m.worker(b, 2)
		first.change(func(p *proc) { p.exit = 900 * time.Millisecond })
		for _, p := range []*proc{first, second} {
			p.watched.Busy(true)
		}
		m.pass(10 * time.Millisecond)
		first.set(800 * mib)
		second.set(240 * mib)
		m.pass(300 * time.Millisecond)
		if first.reason() != Query || second.causes != nil {
			t.Fatalf("ended: %v, %v", first.causes, second.causes)
		}
		second.set(400 * mib) // into what the first has not given back
		m.pass(300 * time.Millisecond)
		if first.reason() != Query || second.reason() != Query || first.pauses+second.pauses > 0 {
			t.Fatalf("ended: %v, %v; paused: %d", first.causes, second.causes, first.pauses+second.pauses)
		}
		m.pass(time.Second)
	})
}
