package ratelimit

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

// Limit is how many events are allowed: Events in each Period when they come
// evenly, and Burst at once after a quiet time. The zero Limit allows nothing,
// and [New] refuses it.
type Limit struct {
	// Events is the number of events, 1 to 1,000,000,000.
	Events int
	// Period is the time in which Events come, 1 ms to 24 h.
	Period time.Duration
	// Burst is how many events may come at once. Zero is Events. Events that
	// come at once use up what would have come later, so over any time no more
	// than Burst and that time's share of Events are allowed.
	Burst int
}

// PerSecond allows n events a second, and as many at once.
func PerSecond(n int) Limit { return Limit{Events: n, Period: time.Second} }

// PerMinute allows n events a minute, and as many at once.
func PerMinute(n int) Limit { return Limit{Events: n, Period: time.Minute} }

// PerHour allows n events an hour, and as many at once.
func PerHour(n int) Limit { return Limit{Events: n, Period: time.Hour} }

// units are the periods that have a name in a text.
var units = map[string]time.Duration{
	"second": time.Second,
	"minute": time.Minute,
	"hour":   time.Hour,
	"day":    24 * time.Hour,
}

var (
	limitText = regexp.MustCompile(`^([1-9][0-9]{0,8})/(second|minute|hour|day)(?: burst ([1-9][0-9]{0,8}))?$`)
	// otherUnit is a limit but for its unit.
	otherUnit = regexp.MustCompile(`^[1-9][0-9]{0,8}/[A-Za-z]+(?: burst [1-9][0-9]{0,8})?$`)
)

// maxLimitText is longer than any limit.
const maxLimitText = 64

// ParseLimit reads a limit: "30/minute", "5/second", "1000/hour", "100/day",
// "30/minute burst 10". There is one way to write each.
func ParseLimit(text string) (Limit, error) {
	if len(text) > maxLimitText {
		return Limit{}, noLimit(text[:maxLimitText] + "…")
	}
	parts := limitText.FindStringSubmatch(text)
	if parts == nil {
		return Limit{}, noLimit(text)
	}
	l := Limit{Events: number(parts[1]), Period: units[parts[2]], Burst: number(parts[3])}
	if err := l.validate(); err != nil {
		return Limit{}, fmt.Errorf("ratelimit: %q is not a rate that can be counted: %w", text, err)
	}
	return l, nil
}

// noLimit says why a text is no limit, and shows one.
func noLimit(text string) error {
	if otherUnit.MatchString(text) {
		return fmt.Errorf("ratelimit: %q is not a rate: the unit is second, minute, hour or day, such as 30/minute", text)
	}
	return fmt.Errorf("ratelimit: %q is not a rate: write a number from 1 to 999999999, a slash and second, minute, hour or day, "+
		`such as 30/minute, or "30/minute burst 10"`, text)
}

// number reads at most nine digits; none are zero.
func number(digits string) int {
	n, _ := strconv.Atoi(digits) // the expression has seen to it
	return n
}

// String writes the limit as [ParseLimit] reads it, or, where Period has no
// name of its own, with the period as a duration: "30/1m30s".
func (l Limit) String() string {
	text := strconv.Itoa(l.Events) + "/" + l.unit()
	if l.Burst != 0 {
		text += " burst " + strconv.Itoa(l.Burst)
	}
	return text
}

func (l Limit) unit() string {
	for name, period := range units {
		if period == l.Period {
			return name
		}
	}
	return l.Period.String()
}

func (l Limit) validate() error { return l.rate().Validate() }

// rate is the limit as it is counted.
func (l Limit) rate() gcra.Rate {
	r := gcra.Rate{Events: l.Events, Period: l.Period, Burst: l.Burst}
	if r.Burst == 0 {
		r.Burst = r.Events
	}
	return r
}
