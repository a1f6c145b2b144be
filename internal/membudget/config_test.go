package membudget

import (
	"strings"
	"testing"
	"time"
)

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := New(Config{Limit: 1, Server: -1, Threads: -1, Growth: -1, Shortest: -1, Longest: -1, Parked: -1})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"Limit", "Server", "Threads", "Growth", "Shortest", "Longest", "Parked"} {
		if !strings.Contains(err.Error(), "membudget: "+name+": ") {
			t.Errorf("nothing about %s: %v", name, err)
		}
	}
	if _, err := New(Config{Limit: 1 << 30, Server: 2 << 30}); err == nil {
		t.Error("a server larger than the budget is accepted")
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	c, err := Config{Limit: 1 << 30, Threads: 1, Growth: 8e9}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	if c.Shortest.Round(10*time.Microsecond) != 3360*time.Microsecond {
		t.Errorf("shortest %v", c.Shortest)
	}
	if over := c.overshoot(); over < 66e6 || over > 68e6 {
		t.Errorf("overshoot %d", over)
	}
	for _, w := range []struct {
		headroom int64
		late     time.Duration
		want     time.Duration
	}{
		{-1 << 40, 0, c.Shortest},
		{0, 0, c.Shortest},
		{80e6, 0, 10 * time.Millisecond},
		{80e6, 3 * time.Millisecond, 7 * time.Millisecond},
		{80e6, time.Second, c.Shortest},
		{800e6, 0, 100 * time.Millisecond},
		{1 << 62, 0, 200 * time.Millisecond},
	} {
		if got := c.interval(w.headroom, w.late); got != w.want {
			t.Errorf("interval(%d, %v) = %v, want %v", w.headroom, w.late, got, w.want)
		}
	}
	for limit, want := range map[int64]time.Duration{64 << 20: time.Millisecond, 64 << 30: 5 * time.Millisecond} {
		if got := shortest(limit, 8e9); got != want {
			t.Errorf("shortest of %d: %v", limit, got)
		}
	}
}

// What was seen of growth and of delays is not forgotten at once, nor kept.
func TestJudge(t *testing.T) {
	t.Parallel()
	c := Config{Limit: 1 << 30, Shortest: 5 * time.Millisecond}
	var s speed
	s.asked = 10 * time.Millisecond
	s.judge(40e6, 20*time.Millisecond)
	if s.growth != 2e9 || s.late != 10*time.Millisecond {
		t.Fatalf("%+v", s)
	}
	if got := c.ahead(s); got != 30e6 {
		t.Errorf("ahead %d", got)
	}
	s.judge(0, 10*time.Millisecond)
	if s.growth < 1.8e9 || s.late < 9*time.Millisecond {
		t.Errorf("forgotten at once: %+v", s)
	}
	for range 100 {
		s.judge(-5e6, 10*time.Millisecond)
	}
	if s.growth > 1e8 || s.late != leastLate {
		t.Errorf("kept: %+v", s)
	}
	s.judge(1<<40, time.Hour)
	if s.late != latest || c.ahead(speed{growth: 1e15}) != c.Limit/10+c.Limit/20 {
		t.Errorf("unbounded: %+v", s)
	}
	s.judge(1, 0) // a clock that stands still
}

func TestUnsupported(t *testing.T) {
	t.Parallel()
	none := system{
		meter:   func(int) (meter, error) { return nil, errUnsupported },
		process: func(int) process { return nobody{} },
	}
	b, err := start(Config{Limit: 1 << 30}, none)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	w, err := b.Watch(1, func(Cause) { t.Error("ended") })
	if err != nil {
		t.Fatal(err)
	}
	w.Busy(false)
	w.Busy(true)
	if _, ended := w.Ended(); ended {
		t.Error("ended")
	}
	w.Done()
	if u := b.Usage(); u.Supported || u.Limit != 1<<30 || u.Server != 0 {
		t.Errorf("%+v", u)
	}
}

func TestCauseAndSizes(t *testing.T) {
	t.Parallel()
	c := Cause{Reason: Query, Total: 1100 << 20, Limit: 1 << 30, Worker: 700 << 20, Grown: 600 << 20}
	if got := c.String(); got != "server and workers take 1100MiB of 1GiB; this worker 700MiB, its query 600MiB" {
		t.Error(got)
	}
	if got := (Cause{Reason: Vanished}).String(); got != "the worker's memory cannot be read any more" {
		t.Error(got)
	}
	for reason, want := range map[Reason]string{Kept: "kept", Query: "query", Vanished: "vanished", unknown: "unknown", 9: "unknown"} {
		if reason.String() != want {
			t.Errorf("%d: %s", reason, reason)
		}
	}
	if floor(3<<20-1) != "2MiB" || ceil(2<<20+1) != "3MiB" || size(2<<30) != "2GiB" {
		t.Error("sizes")
	}
}
