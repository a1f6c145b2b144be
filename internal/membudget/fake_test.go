package membudget

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

// A machine is a fake of the system: processes are numbers, and what they take
// is told or a function of time.
type machine struct {
	*testing.T
	mu    sync.Mutex
	procs map[int]*proc
	logs  bytes.Buffer
}

type proc struct {
	machine   *machine
	pid       int
	held      int64
	shared    int64
	rate      float64 // bytes a second, until paused or killed
	from      time.Time
	paused    bool
	killed    bool
	immortal  bool          // it does not end
	exit      time.Duration // from kill to Done
	unread    bool          // its memory cannot be read
	dead      bool          // it has ended, and Done was not called
	slowOwner bool          // Done is not called
	watched   *Watched
	causes    []Cause
	pauses    int
	callbacks int
}

func (m *machine) proc(pid int) *proc {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.procs == nil {
		m.procs = map[int]*proc{}
	}
	if m.procs[pid] == nil {
		m.procs[pid] = &proc{machine: m, pid: pid, from: time.Now(), exit: 50 * time.Millisecond}
	}
	return m.procs[pid]
}

func (m *machine) system() system {
	return system{
		meter:   func(pid int) (meter, error) { return fakeMeter{m.proc(pid)}, nil },
		process: func(pid int) process { return m.proc(pid) },
	}
}

// total is what all processes take.
func (m *machine) total() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	var sum int64
	for _, p := range m.procs {
		p.catchUp()
		sum += p.held
	}
	return sum
}

func (p *proc) catchUp() {
	now := time.Now()
	if !p.paused && (!p.killed || p.immortal) {
		p.held += int64(p.rate * now.Sub(p.from).Seconds())
	}
	p.from = now
}

func (p *proc) set(held int64) {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	p.held, p.from = held, time.Now()
}

// change alters what the monitor may be looking at.
func (p *proc) change(to func(*proc)) {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	to(p)
}

func (p *proc) grow(rate float64) {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	p.catchUp()
	p.rate = rate
}

func (p *proc) kill() {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	p.catchUp()
	if p.killed {
		return
	}
	p.killed = true
	if p.immortal {
		return
	}
	time.AfterFunc(p.exit, func() {
		p.machine.mu.Lock()
		p.held, p.rate, p.dead = 0, 0, true
		w := p.watched
		p.machine.mu.Unlock()
		if !p.slowOwner {
			w.Done()
		}
	})
}

func (p *proc) pause(paused bool) {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	p.catchUp()
	if paused {
		p.pauses++
	}
	p.paused = paused
}

func (p *proc) exited() bool {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	return p.dead
}

func (p *proc) close() {}

type fakeMeter struct{ p *proc }

func (f fakeMeter) read() (reading, bool) {
	f.p.machine.mu.Lock()
	defer f.p.machine.mu.Unlock()
	f.p.catchUp()
	if f.p.unread || f.p.killed && !f.p.immortal {
		return reading{}, false
	}
	return reading{resident: f.p.held + f.p.shared, shared: f.p.shared}, true
}

func (f fakeMeter) close() {}

func (m *machine) start(cfg Config) *Budget {
	m.Helper()
	cfg.Threads, cfg.Growth = 1, 8e9
	cfg.Logger = slog.New(slog.NewTextHandler(&m.logs, nil))
	b, err := start(cfg, m.system())
	if err != nil {
		m.Fatal(err)
	}
	return b
}

// worker starts one that is at rest with 40 MiB.
func (m *machine) worker(b *Budget, pid int) *proc {
	m.Helper()
	p := m.proc(pid)
	p.set(40 * mib)
	w, err := b.Watch(pid, func(c Cause) {
		m.mu.Lock()
		p.callbacks++
		p.causes = append(p.causes, c)
		m.mu.Unlock()
		p.kill()
	})
	if err != nil {
		m.Fatal(err)
	}
	m.mu.Lock()
	p.watched = w
	m.mu.Unlock()
	w.Busy(false)
	return p
}

// reason is what a worker was ended for, once.
func (p *proc) reason() Reason {
	p.machine.mu.Lock()
	defer p.machine.mu.Unlock()
	if len(p.causes) != 1 {
		return unknown
	}
	return p.causes[0].Reason
}

// pass lets time go by until all is quiet. The lock tells the race detector that
// what a test has looked at in between was looked at before.
func (m *machine) pass(d time.Duration) {
	_ = m.total()
	<-time.After(d)
	synctest.Wait()
}

// bubble runs a test on a fake machine with a fake clock.
func bubble(t *testing.T, cfg Config, test func(m *machine, b *Budget)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m := &machine{T: t}
		b := m.start(cfg)
		defer b.Close()
		synctest.Wait()
		test(m, b)
	})
}
