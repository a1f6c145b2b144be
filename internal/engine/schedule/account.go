package schedule

import (
	"math"
	"time"
)

// What clients have used decays by forward decay: rather than shrink every
// account all the time, what is added weighs more the later it is. Accounts of
// clients who run nothing then keep their order without being touched.

// maxExponent is after how many half-lives the weights start from 1 again,
// long before they leave the range of float64.
const maxExponent = 256

// moment is a point in time, and what it weighs.
type moment struct {
	at     time.Duration // since the Schedule was made
	weight float64       // 2^(half-lives since the epoch)
}

// now reads the clock. Moments of one critical section must come from one
// call: a second might have another epoch.
func (s *Schedule) now() moment {
	at := time.Since(s.start)
	x := float64(at-s.exact.at) / float64(s.config.HalfLife)
	if x < 1.0/1024 { // two terms of the series are good for ten digits, and cheaper
		y := x * math.Ln2
		return moment{at: at, weight: s.exact.weight * (1 + y + y*y/2)}
	}
	x = float64(at-s.epoch) / float64(s.config.HalfLife)
	s.exact = moment{at: at, weight: math.Exp2(x)}
	if x > maxExponent {
		shrink := math.Exp2(-x)
		for _, c := range s.clients {
			c.account.sum *= shrink
		}
		s.epoch, s.exact.weight = at, 1
	}
	return s.exact
}

// account is the time that a client has held places, in weights: the integral
// of the weight over that time, without its constant factor.
type account struct {
	sum  float64
	held int
}

func (a *account) begin(m moment) {
	a.sum -= m.weight
	a.held++
}

func (a *account) end(m moment) {
	a.sum += m.weight
	a.held--
	if a.held == 0 {
		a.sum = max(a.sum, 0) // rounding
	}
}

// used includes what the places held at this moment have cost so far.
func (a *account) used(m moment) float64 { return a.sum + float64(a.held)*m.weight }

// time is used as a time: what was held just now counts in full, what was held
// a half-life ago counts half.
func (a *account) time(m moment, halfLife time.Duration) time.Duration {
	return time.Duration(a.used(m) / m.weight * float64(halfLife) / math.Ln2)
}
