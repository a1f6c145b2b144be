package encode

import "math"

const (
	secondsPerDay = 24 * 60 * 60
	infinityText  = "infinity"
)

// civil returns the proleptic Gregorian date that is so many days after 1970-01-01; year 0 is 1 BC.
// It is exact for every day that a second in 64 bits can name.
func civil(days int64) (year int64, month, day uint64) {
	const (
		march1st0000 = -719468 // as a day
		cycle        = 146097  // days of 400 years
	)
	n := days - march1st0000
	era := int64(0)
	if n < 0 || n >= 25*cycle {
		if era = n / cycle; n%cycle < 0 {
			era--
		}
		n -= era * cycle
	}
	year, month, day = civilNear(uint64(n))
	return year + 400*era, month, day
}

// civilNear is civil for days from 0000-03-01 on, within 10,000 years. Years here begin in March.
// After Neri and Schneider, "Euclidean affine functions and their application to calendar
// algorithms" (2022), whose constants replace divisions.
func civilNear(n uint64) (year int64, month, day uint64) {
	n = 4*n + 3
	century := n / 146097
	n = n%146097 | 3
	p := 2939745 * n // 2^32 / 1461, the days of four years
	yearOfCentury := p >> 32
	dayOfYear := p & (1<<32 - 1) / 2939745 / 4
	m := 2141*dayOfYear + 197913
	year, month, day = int64(100*century+yearOfCentury), m>>16, m&(1<<16-1)/2141+1
	if dayOfYear >= 306 { // January and February
		return year + 1, month - 12, day
	}
	return year, month, day
}

// appendDate appends an ISO 8601 date. A year outside 0000 to 9999 is in the expanded form, with a
// sign and six digits as in ECMAScript (ECMA-262, "Expanded Years"), or more if it needs more.
func appendDate(dst []byte, days int64) []byte {
	year, month, day := civil(days)
	if year < 0 || year > 9999 {
		return appendExpandedDate(dst, year, month, day)
	}
	dst = append(dst, "0000-00-00"...)
	putDate(dst[len(dst)-10:], uint64(year), month, day)
	return dst
}

func putDate(b []byte, year, month, day uint64) {
	_ = b[9]
	put2(b, year/100)
	put2(b[2:], year%100)
	put2(b[5:], month)
	put2(b[8:], day)
}

func appendExpandedDate(dst []byte, year int64, month, day uint64) []byte {
	sign, abs := byte('+'), uint64(year)
	if year < 0 {
		sign, abs = '-', -abs
	}
	dst = appendPadded(append(dst, sign), abs, expandedDigits(abs))
	dst = append(dst, "-00-00"...)
	b := dst[len(dst)-5:]
	put2(b, month)
	put2(b[3:], day)
	return dst
}

// expandedDigits returns how many digits an expanded year has.
func expandedDigits(year uint64) int {
	n := 6
	for n < len(pow10) && year >= pow10[n] {
		n++
	}
	return n
}

func appendDateCell(dst []byte, v *Vector, row int) []byte {
	days := v.Int32s[row]
	if days == Infinity32 {
		return append(dst, infinityText...)
	}
	if days <= -Infinity32 {
		return append(append(dst, '-'), infinityText...)
	}
	return appendDate(dst, int64(days))
}

// split divides n by how many of the unit make a second, rounding down, and says in how many
// digits the rest counts. The divisors are constants, which is several times as fast.
func (u TimeUnit) split(n int64) (seconds, rest int64, digits int) {
	switch u {
	case Millisecond:
		seconds, rest, digits = n/1e3, n%1e3, 3
		if rest < 0 {
			return seconds - 1, rest + 1e3, digits
		}
	case Microsecond:
		seconds, rest, digits = n/1e6, n%1e6, 6
		if rest < 0 {
			return seconds - 1, rest + 1e6, digits
		}
	case Nanosecond:
		seconds, rest, digits = n/1e9, n%1e9, 9
		if rest < 0 {
			return seconds - 1, rest + 1e9, digits
		}
	default: // Second; a type without unit does not get past New
		return n, 0, 0
	}
	return seconds, rest, digits
}

// timestamp returns the appender of a Timestamp or, with zone, a TimestampTZ: the date-time of
// RFC 3339, section 5.6, the former without its offset, for it has none.
func timestamp(unit TimeUnit, zone bool) appendFunc {
	last := dateTime{days: noDay}
	return func(dst []byte, v *Vector, row int) []byte {
		n := v.Int64s[row]
		if n == Infinity64 {
			return append(dst, infinityText...)
		}
		if n <= -Infinity64 {
			return append(append(dst, '-'), infinityText...)
		}
		seconds, rest, digits := unit.split(n)
		days, clock := seconds/secondsPerDay, seconds%secondsPerDay
		if clock < 0 {
			clock += secondsPerDay
			days--
		}
		dst = last.append(dst, days, uint64(clock))
		dst = appendFraction(dst, uint64(rest), digits)
		if zone {
			dst = append(dst, 'Z')
		}
		return dst
	}
}

// dateTime remembers the last date it has appended, since rows that follow each other are often of
// one day.
type dateTime struct {
	days int64
	text [19]byte // the date, and room for the time
}

// noDay is no date with a year of four digits.
const noDay = math.MinInt64

// append appends a date, T and a time of day in seconds.
func (d *dateTime) append(dst []byte, days int64, clock uint64) []byte {
	if days != d.days {
		year, month, day := civil(days)
		if year < 0 || year > 9999 {
			dst = append(appendExpandedDate(dst, year, month, day), "T00:00:00"...)
			putClock(dst[len(dst)-8:], clock)
			return dst
		}
		d.days = days
		copy(d.text[:], "0000-00-00T00:00:00")
		putDate(d.text[:], uint64(year), month, day)
	}
	dst = append(dst, d.text[:]...)
	putClock(dst[len(dst)-8:], clock)
	return dst
}

// putClock writes hours, below 100, minutes and seconds.
func putClock(b []byte, s uint64) {
	_ = b[7]
	put2(b, s/3600)
	put2(b[3:], s/60%60)
	put2(b[6:], s%60)
}

// appendClock appends seconds since midnight as hours, minutes and seconds.
func appendClock(dst []byte, s uint64) []byte {
	if hours := s / 3600; hours > 99 { // no time of day; written as it stands rather than as a wrong one
		dst = append(appendUint(dst, hours/100), "00:00:00"...)
		s -= hours / 100 * 100 * 3600
	} else {
		dst = append(dst, "00:00:00"...)
	}
	putClock(dst[len(dst)-8:], s)
	return dst
}

// timeOfDay returns the appender of a Time: the partial-time of RFC 3339, and 24:00:00.
func timeOfDay(unit TimeUnit) appendFunc {
	return func(dst []byte, v *Vector, row int) []byte {
		n := v.Int64s[row]
		if n < 0 { // no time of day either
			dst = append(dst, '-')
			n = -max(n, -Infinity64)
		}
		seconds, rest, digits := unit.split(n)
		return appendFraction(appendClock(dst, uint64(seconds)), uint64(rest), digits)
	}
}

// appendTimeTZ appends the full-time of RFC 3339, its offset with seconds where it has any.
func appendTimeTZ(dst []byte, v *Vector, row int) []byte {
	packed := v.Uint64s[row]
	micros, offset := packed>>24, timeTZMaxOffset-int64(packed&(1<<24-1))
	dst = appendClock(dst, micros/1e6)
	dst = appendFraction(dst, micros%1e6, 6)
	if offset == 0 {
		return append(dst, 'Z')
	}
	sign, abs := byte('+'), uint64(offset)
	if offset < 0 {
		sign, abs = '-', -abs
	}
	dst = appendClock(append(dst, sign), abs)
	if abs%60 == 0 {
		dst = dst[:len(dst)-3]
	}
	return dst
}
