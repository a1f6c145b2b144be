package corpus

import (
	"math/bits"
	"time"
)

// times counts durations in memory that does not grow with their number: those
// under 256 ns exactly, longer ones in steps of less than one percent.
type times struct {
	counts [64 << stepBits]int64
	total  int64
	most   time.Duration
}

const stepBits = 7 // each power of two has 128 steps

func (t *times) add(d time.Duration) {
	d = max(d, 0)
	t.counts[step(uint64(d))]++
	t.total++
	t.most = max(t.most, d)
}

// quantile is the duration that a share of all do not exceed; zero of none.
func (t *times) quantile(share float64) time.Duration {
	rank := int64(share*float64(t.total-1)) + 1
	seen := int64(0)
	for i := range t.counts {
		n := t.counts[i]
		if seen += n; n > 0 && seen >= rank {
			return min(time.Duration(smallest(i)), t.most) //nolint:gosec // at most the largest duration that was added
		}
	}
	return 0
}

func step(v uint64) int {
	exponent := bits.Len64(v) - stepBits - 1
	if exponent <= 0 {
		return int(v) //nolint:gosec // under 256
	}
	return exponent<<stepBits + int(v>>exponent) //nolint:gosec // v>>exponent has 8 bits
}

// smallest is the smallest value of a step.
func smallest(i int) uint64 {
	exponent := i>>stepBits - 1
	if exponent <= 0 {
		return uint64(i) //nolint:gosec // an index
	}
	return uint64(i-exponent<<stepBits) << exponent //nolint:gosec // an index, of which 128 to 255 remain
}
