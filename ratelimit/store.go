package ratelimit

import (
	"context"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

// Store keeps the counts of one or more limiters. It is a [*MemoryStore] or a
// [*RedisStore].
type Store interface {
	// open returns the counter of a limiter's policies, or every reason why
	// this store cannot count them.
	open(scope string, policies []Policy) (counter, []error)
}

// counter decides about events of one limiter.
type counter interface {
	// take counts the event of d against all policies or none, and says what
	// became of it in d.states. It always decides.
	take(ctx context.Context, d *decision) (allowed bool)
}

// decision is what is known of one event. It is used again and again, so that
// a decision allocates nothing.
type decision struct {
	n      int
	text   []byte           // the partitions, one after the other
	ends   [maxPolicies]int // where each of them ends in text
	cells  [maxPolicies]gcra.Cell
	states [maxPolicies]gcra.State
	header []byte
}

// partition returns what the event is counted under by policy i.
func (d *decision) partition(i int) []byte {
	start := 0
	if i > 0 {
		start = d.ends[i-1]
	}
	return d.text[start:d.ends[i]]
}
