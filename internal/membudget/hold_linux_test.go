package membudget

import (
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Processes that take memory as fast as the machine can give it, until all of
// them have been ended.
func TestBudgetHolds(t *testing.T) {
	for _, limit := range []int64{512 << 20, 1 << 30} {
		for _, c := range []struct{ processes, threads int }{{1, 1}, {1, 2}, {2, 1}, {3, 1}, {3, 2}} {
			t.Run(fmt.Sprintf("%s/%d processes/%d threads", size(limit), c.processes, c.threads), func(t *testing.T) {
				b := mustBudget(t, Config{Limit: limit})
				pids := []int{os.Getpid()}
				var gluttons []*glutton
				for range c.processes {
					g := startGlutton(t, b)
					gluttons, pids = append(gluttons, g), append(pids, g.cmd.Process.Pid)
				}
				p := measure(pids...)
				for _, g := range gluttons {
					g.Busy(false)
					g.Busy(true)
					g.begin(t, fmt.Sprintf("grow 0 %d", c.threads))
				}
				for _, g := range gluttons {
					cause := <-g.ended
					<-g.gone
					if cause.Reason != Query {
						t.Errorf("ended for %v: %v", cause.Reason, cause)
					}
				}
				p.end()
				t.Logf("peak %s = %.1f%% (anonymous memory of the machine %.1f%%), %d rounds, %d samples",
					size(p.most), 100*float64(p.most)/float64(limit), 100*float64(p.anon)/float64(limit), b.Usage().Rounds, p.reads)
				if p.most > limit*110/100 {
					t.Errorf("peak %d is more than a tenth beyond %d", p.most, limit)
				}
			})
		}
	}
}

// Nothing that has answered is lost while there is memory that nobody needs.
func TestIdleWorkersFirst(t *testing.T) {
	b := mustBudget(t, Config{Limit: 512 << 20})
	idle, busy := startGlutton(t, b), startGlutton(t, b)
	for _, g := range []*glutton{idle, busy} {
		g.do(t, "rest")
		g.Busy(false)
		g.Busy(true)
	}
	idle.do(t, "take 200")
	idle.Busy(false)
	busy.do(t, "take 340")
	if c := <-endedOf(t, idle); c.Reason != Kept {
		t.Fatalf("the idle one ended for %v", c.Reason)
	}
	<-idle.gone
	busy.do(t, "still there") // and answers
	if u := b.Usage(); u.EndedKept != 1 || u.EndedQuery != 0 || u.Watched != 1 {
		t.Fatalf("%+v", u)
	}
}

// A stopped process neither grows nor hides what it holds, and can be ended.
func TestStoppedWorker(t *testing.T) {
	b := mustBudget(t, Config{Limit: 512 << 20})
	stopped, other := startGlutton(t, b), startGlutton(t, b)
	for _, g := range []*glutton{stopped, other} {
		g.do(t, "rest")
		g.Busy(false)
		g.Busy(true)
	}
	stopped.do(t, "take 330")
	if err := stopped.cmd.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	other.do(t, "take 210")
	if c := <-endedOf(t, stopped); c.Reason != Query || c.Grown < 300<<20 {
		t.Fatalf("ended for %v: %v", c.Reason, c)
	}
	<-stopped.gone
	other.do(t, "still there")
}

// Where the first thread of a process has ended and others go on, its memory
// cannot be read any more. It must not be able to hide there.
func TestWorkerWithoutItsFirstThread(t *testing.T) {
	b := mustBudget(t, Config{Limit: 512 << 20})
	g := startGlutton(t, b)
	g.do(t, "rest")
	g.begin(t, "leader 100")
	if c := <-endedOf(t, g); c.Reason != Vanished {
		t.Fatalf("ended for %v", c.Reason)
	}
	<-g.gone
}

func endedOf(t *testing.T, g *glutton) <-chan Cause {
	t.Helper()
	select {
	case c := <-g.ended:
		g.ended <- c
	case <-time.After(10 * time.Second):
		t.Fatal("not ended within 10 s")
	}
	return g.ended
}

func TestWatchOfNobody(t *testing.T) {
	b := mustBudget(t, Config{Limit: 512 << 20})
	g := startGlutton(t, nil)
	_ = g.cmd.Process.Kill()
	<-g.gone
	if _, err := b.Watch(g.cmd.Process.Pid, func(Cause) {}); err == nil {
		t.Fatal("a process that is gone is watched")
	}
	b.Close()
	if _, err := b.Watch(os.Getpid(), func(Cause) {}); err == nil {
		t.Fatal("a closed budget watches")
	}
}

func BenchmarkRound(b *testing.B) {
	budget := mustBudget(b, Config{Limit: 1 << 30, Parked: time.Hour})
	for range 4 {
		if _, err := budget.Watch(os.Getpid(), func(Cause) {}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		budget.round(time.Now())
	}
}

func BenchmarkBusy(b *testing.B) {
	budget := mustBudget(b, Config{Limit: 1 << 30})
	w, err := budget.Watch(os.Getpid(), func(Cause) {})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w.Busy(true)
		w.Busy(false)
	}
}
