package config

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Duration is a span of time that is always written with its unit: 250ms, 15s, 2m, 1h.
type Duration time.Duration

// durationPattern is also the pattern in the JSON Schema.
const durationPattern = `^(0|[1-9][0-9]{0,8})(ms|s|m|h)$`

var (
	durationForm = regexp.MustCompile(durationPattern)

	// durationUnits goes from the largest down: String takes the first that divides.
	durationUnits = []struct {
		name string
		size time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}
)

// Std returns d for use with package time.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes d as it would stand in the file, in the largest unit that needs no fraction. Below a millisecond, which
// a file cannot say, it writes as time.Duration does.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	for _, u := range durationUnits {
		if d.Std()%u.size == 0 {
			return strconv.FormatInt(int64(d.Std()/u.size), 10) + u.name
		}
	}
	return d.Std().String()
}

// ParseDuration reads a whole number with the unit ms, s, m or h.
func ParseDuration(text string) (Duration, error) {
	parts := durationForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("%q is not a duration: write a whole number and its unit, ms, s, m or h, such as 15s", clip(text))
	}
	number, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: %w", clip(text), err)
	}
	for _, u := range durationUnits {
		if u.name == parts[2] {
			if number > int64((1<<63-1)/u.size) {
				return 0, fmt.Errorf("%q is too long a duration", clip(text))
			}
			return Duration(time.Duration(number) * u.size), nil
		}
	}
	return 0, fmt.Errorf("%q has an unknown unit", clip(text))
}

// UnmarshalText reads the form of ParseDuration, so that flags take the same form as the file.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// MarshalText writes the form of String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// clip keeps a wrong value from filling the screen.
func clip(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
