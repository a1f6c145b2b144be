package gcra

import (
	"errors"
	"fmt"
	"time"
)

// Rate is how many events a key is allowed: Events in each Period when they
// come evenly, and Burst at once after a quiet time. The zero value allows
// nothing and is not valid.
type Rate struct {
	Events int
	Period time.Duration
	Burst  int
}

// The bounds of a [Rate]. Within them no sum of a time and a burst overflows.
const (
	MaxEvents = 1_000_000_000
	MaxPeriod = 24 * time.Hour
	MaxSpan   = 30 * 24 * time.Hour // the time in which a burst fills
)

// Validate says everything that is wrong with r.
func (r Rate) Validate() error {
	var errs []error
	if r.Events < 1 || r.Events > MaxEvents {
		errs = append(errs, fmt.Errorf("%d events are not between 1 and %d", r.Events, MaxEvents))
	}
	if r.Period < time.Millisecond || r.Period > MaxPeriod {
		errs = append(errs, fmt.Errorf("a period of %v is not between 1ms and %v", r.Period, MaxPeriod))
	}
	if r.Burst < 1 {
		errs = append(errs, fmt.Errorf("a burst of %d would allow nothing", r.Burst))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if r.Burst > int(MaxSpan/r.Interval()) {
		return fmt.Errorf("a burst of %d would take more than %v to fill", r.Burst, MaxSpan)
	}
	return nil
}

// Interval is the time that one event uses up: Period/Events, rounded up to
// the nanosecond, so that rounding never allows more.
func (r Rate) Interval() time.Duration {
	n := time.Duration(r.Events)
	return (r.Period + n - 1) / n
}

// Span is the time in which a whole burst fills.
func (r Rate) Span() time.Duration { return r.Interval() * time.Duration(r.Burst) }

// Cell is one key with the rate it is counted against.
type Cell struct {
	// Key is from [Table.Key].
	Key uint64
	// Interval and Span are those of the key's [Rate].
	Interval, Span time.Duration
}

// State is what became of a cell.
type State struct {
	// Allowed says whether this cell alone would have let the event through.
	Allowed bool
	// Remaining is how many more events the key has at once.
	Remaining int64
	// Wait is, where Allowed is false, the time until one event would be
	// allowed.
	Wait time.Duration
	// Reset is the time until the key has its whole burst again.
	Reset time.Duration
}

// judge computes what one event does to a key whose theoretical arrival time
// is tat, and the new theoretical arrival time if the event counts.
func (c *Cell) judge(now, tat int64) (next int64, allowed bool) {
	// No key can be further ahead than its span: where it is, the clock was
	// set back, or the key began in another's place.
	base := max(now, min(tat, now+int64(c.Span)))
	next = base + int64(c.Interval)
	return next, next-now <= int64(c.Span)
}

// state describes a key at tat after a decision.
func (c *Cell) state(now, tat int64, allowed bool) State {
	used := min(max(0, tat-now), int64(c.Span))
	s := State{Allowed: allowed, Remaining: (int64(c.Span) - used) / int64(c.Interval), Reset: time.Duration(used)}
	if !allowed {
		s.Wait = time.Duration(used + int64(c.Interval) - int64(c.Span))
	}
	return s
}
