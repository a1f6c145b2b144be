package ratelimit

import (
	"strings"
	"testing"
	"time"
)

func TestParseLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Limit{
		"30/minute":              {30, time.Minute, 0},
		"5/second":               {5, time.Second, 0},
		"1000/hour":              {1000, time.Hour, 0},
		"1/day":                  {1, 24 * time.Hour, 0},
		"30/minute burst 10":     {30, time.Minute, 10},
		"30/minute burst 30":     {30, time.Minute, 30},
		"999999999/second":       {999_999_999, time.Second, 0},
		"1/second burst 2592000": {1, time.Second, 2_592_000}, // fills in 30 days
	} {
		got, err := ParseLimit(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%q is written back as %q", text, got)
		}
	}
	for _, text := range []string{
		"", "30", "/minute", "30/", "30 / minute", " 30/minute", "30/minute ", "30/minutes", "30/Minute", "30/min", "30/m",
		"0/minute", "030/minute", "-1/minute", "+1/minute", "1.5/minute", "1e3/minute", "1_000/minute", "٣/minute",
		"1000000000/second", "99999999999999999999/second", "30/minute burst", "30/minute burst 0", "30/minute burst -1",
		"30/minute burst 010", "30/minute  burst 10", "30/minute burst 10/second", "30/minute,burst 10", "30/minute\n", "30/week",
		"1/day burst 31", "1/second burst 2592001", strings.Repeat("9", 100),
	} {
		if got, err := ParseLimit(text); err == nil || got != (Limit{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestParseLimitSaysWhatIsMeant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"30/min":                `ratelimit: "30/min" is not a rate: the unit is second, minute, hour or day, such as 30/minute`,
		"30/Minute burst 5":     `ratelimit: "30/Minute burst 5" is not a rate: the unit is second, minute, hour or day, such as 30/minute`,
		"off":                   `ratelimit: "off" is not a rate: write a number from 1 to 999999999, a slash and second, minute, hour or day, such as 30/minute, or "30/minute burst 10"`,
		"1/day burst 31":        `ratelimit: "1/day burst 31" is not a rate that can be counted: a burst of 31 would take more than 720h0m0s to fill`,
		"\x1b[2J":               `ratelimit: "\x1b[2J" is not a rate: write a number from 1 to 999999999, a slash and second, minute, hour or day, such as 30/minute, or "30/minute burst 10"`,
		strings.Repeat("9", 90): `ratelimit: "` + strings.Repeat("9", 64) + `…" is not a rate: write a number from 1 to 999999999, a slash and second, minute, hour or day, such as 30/minute, or "30/minute burst 10"`,
	} {
		if _, err := ParseLimit(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v\nwant %s", text, err, want)
		}
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, seed := range []string{"30/minute", "5/second burst 1", "1/day burst 30", "0/hour", "1/second burst 99999999", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLimit(text)
		if err != nil {
			if l != (Limit{}) {
				t.Errorf("%q: an error and %+v", text, l)
			}
			return
		}
		if l.String() != text {
			t.Errorf("%q is written back as %q", text, l)
		}
		if err := l.validate(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestLimitConstructors(t *testing.T) {
	t.Parallel()
	for text, limit := range map[string]Limit{
		"5/second":  PerSecond(5),
		"30/minute": PerMinute(30),
		"1000/hour": PerHour(1000),
		"7/1m30s":   {Events: 7, Period: 90 * time.Second},
		"0/0s":      {},
	} {
		if limit.String() != text {
			t.Errorf("%+v is written %q, want %q", limit, limit, text)
		}
	}
}
