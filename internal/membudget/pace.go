package membudget

import "time"

const (
	// defaultGrowth is more than what page faults of 4 KiB were measured at
	// (2.6 GB/s on a core), less than what huge pages are (10 GB/s).
	defaultGrowth = 4e9
	// wakeUp is by how late a timer is taken to find its goroutine running, until
	// it is known how late it does.
	wakeUp = 5 * time.Millisecond
	// latest bounds what is learnt from one long delay.
	latest = 50 * time.Millisecond
	// leastLate is a delay that is always reckoned with.
	leastLate = 3 * time.Millisecond
	// forgetting is in how long half of what was learnt is forgotten.
	forgetting = 500 * time.Millisecond
)

// speed is what the readings have taught about time.
type speed struct {
	growth float64       // of workers, in bytes a second
	late   time.Duration // by how much readings come later than they were asked for
	asked  time.Duration // when the next was asked for
}

// judge learns from a reading. The most of both counts, for a while: a worker
// that another has kept from running for 10 ms has not stopped growing.
func (s *speed) judge(grown int64, elapsed time.Duration) {
	if elapsed <= 0 {
		return
	}
	keep := float64(forgetting) / float64(forgetting+elapsed)
	s.growth = max(float64(grown)/elapsed.Seconds(), s.growth*keep*keep)
	late := min(elapsed-s.asked, latest)
	s.late = max(late, time.Duration(float64(s.late)*keep), leastLate)
}

// shortest is the interval in which the sum grows by a quarter of its tolerance
// at most, as far as timers are as good as that and readings so cheap.
func shortest(limit int64, rate float64) time.Duration {
	return min(max(seconds(float64(limit)/10/4/rate), time.Millisecond), 5*time.Millisecond)
}

// interval is how long after a reading the budget cannot have been passed, even
// if the next is late.
func (c Config) interval(headroom int64, late time.Duration) time.Duration {
	return min(max(seconds(float64(headroom)/c.rate())-late, c.Shortest), c.Longest)
}

// ahead is what growth as it was adds until the next reading can have acted.
func (c Config) ahead(s speed) int64 {
	return int64(min(s.growth*(c.Shortest+s.late).Seconds(), float64(c.tolerance()+c.tolerance()/2)))
}

// overshoot is by how much the sum passes the budget in the worst case.
func (c Config) overshoot() int64 {
	return int64(c.rate() * (c.Shortest + wakeUp).Seconds())
}

// seconds converts, and does not overflow: no interval is longer than an hour.
func seconds(s float64) time.Duration {
	return time.Duration(min(max(s, 0), 3600) * float64(time.Second))
}
