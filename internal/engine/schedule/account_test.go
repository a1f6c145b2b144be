package schedule

import (
	"math"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// use makes a client hold a place for d.
func use(t *testing.T, s *Schedule, client string, d time.Duration) {
	t.Helper()
	p, err := s.Acquire(t.Context(), Request{Client: client})
	if err != nil {
		t.Fatal(err)
	}
	<-time.After(d)
	p.Release()
}

func used(s *Schedule, client string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.now()
	c, ok := s.clients[client]
	if !ok {
		return 0
	}
	return c.account.time(m, s.config.HalfLife)
}

// of is the account of one who has always held a place: the integral of a
// weight that halves in d.
func of(d time.Duration) time.Duration { return time.Duration(float64(d) / math.Ln2) }

// near allows for the series that the weights are computed with.
func near(got, want time.Duration) bool { return (got - want).Abs() <= time.Microsecond }

func TestAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 2, HalfLife: 10 * time.Second})
		<-time.After(3 * time.Hour) // accounts do not depend on when it is
		// Half of the weight is in the last half-life.
		whole := of(10*time.Second) / 2
		use(t, s, "a", 10*time.Second)
		if got := used(s, "a"); !near(got, whole) {
			t.Errorf("used %v, want %v", got, whole)
		}
		<-time.After(10 * time.Second)
		if got := used(s, "a"); !near(got, whole/2) {
			t.Errorf("a half-life later: %v, want %v", got, whole/2)
		}
		use(t, s, "b", time.Millisecond)
		if got := used(s, "b"); !near(got, time.Millisecond) {
			t.Errorf("a short use: %v", got)
		}
		// What is running counts.
		p, err := s.Acquire(t.Context(), Request{Client: "c"})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(10 * time.Second)
		if got := used(s, "c"); !near(got, whole) {
			t.Errorf("running: %v, want %v", got, whole)
		}
		// For months: all that it can be is the whole of the past.
		<-time.After(100 * 24 * time.Hour)
		if got, want := used(s, "c"), of(10*time.Second); !near(got, want) {
			t.Errorf("running for ever: %v, want %v", got, want)
		}
		p.Release()
		verify(t, s)
		<-time.After(10 * time.Second)
		if got := used(s, "c"); !near(got, whole) {
			t.Errorf("a half-life after that: %v, want %v", got, whole)
		}
	})
}

// The epoch moves in the middle of what is counted, and nothing changes.
func TestAccountEpochs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 2, HalfLife: time.Second})
		held, err := s.Acquire(t.Context(), Request{Client: "held"})
		if err != nil {
			t.Fatal(err)
		}
		<-time.After(255500 * ms)
		epoch := s.epoch
		use(t, s, "a", time.Second)
		if s.epoch == epoch {
			t.Error("the epoch did not move")
		}
		whole := of(time.Second)
		if got := used(s, "a"); !near(got, whole/2) {
			t.Errorf("used %v, want %v", got, whole/2)
		}
		if got := used(s, "held"); !near(got, whole) {
			t.Errorf("held: used %v, want %v", got, whole)
		}
		held.Release()
		verify(t, s)
	})
}

func TestClientsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSchedule(t, Config{Places: 2, HalfLife: time.Second})
		use(t, s, "heavy", 10*time.Second)
		for i := range 3 * maxIdle {
			use(t, s, strconv.Itoa(i), 10*ms)
		}
		if n := s.Stats().Clients; n > 400 { // those of the last seconds
			t.Errorf("%d clients are remembered", n)
		}
		for i := range 3 * maxIdle { // faster than anything fades
			use(t, s, "fast "+strconv.Itoa(i), time.Microsecond)
		}
		verify(t, s)
		if n := s.Stats().Clients; n != maxIdle {
			t.Errorf("%d clients are remembered, want %d", n, maxIdle)
		}
		<-time.After(time.Minute)
		for i := range maxIdle + 1 {
			use(t, s, "late", ms)
			if i == maxIdle && s.Stats().Clients != 1 {
				t.Errorf("%d clients are remembered, want the last", s.Stats().Clients)
			}
		}
	})
}

// Whoever is refused leaves nothing behind.
func TestRefusedClientsAreNotKept(t *testing.T) {
	s := newSchedule(t, Config{Places: 1})
	p, err := s.Acquire(t.Context(), Request{Client: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		_, err := s.Acquire(t.Context(), Request{Client: strconv.Itoa(i)})
		refused(t, err, ErrQueueFull)
	}
	if n := s.Stats().Clients; n != 1 {
		t.Errorf("%d clients", n)
	}
	p.Release()
	idle(t, s)
}
