package postgres

import (
	"errors"
	"math"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// PostgreSQL counts from 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86400 * 1_000_000
)

// errRange is a moment after the year 294246, which PostgreSQL can name and
// microseconds since 1970 in 64 bits cannot.
var errRange = errors.New("postgres: a timestamp after the year 294246")

func newDate(t *encode.Type) decoder {
	return newFixed(t, 4, func(v *encode.Vector) *[]int32 { return &v.Int32s },
		func(b []byte) (int32, error) {
			switch days := int32At(b); {
			case days == math.MaxInt32:
				return encode.Infinity32, nil
			case days == math.MinInt32:
				return -encode.Infinity32, nil
			case days > math.MaxInt32-epochDays-1:
				return 0, errWire
			default:
				return days + epochDays, nil
			}
		})
}

func newTimestamp(t *encode.Type) decoder {
	t.Unit = encode.Microsecond
	return newFixed(t, 8, func(v *encode.Vector) *[]int64 { return &v.Int64s },
		func(b []byte) (int64, error) {
			switch micros := int64At(b); {
			case micros == math.MaxInt64:
				return encode.Infinity64, nil
			case micros == math.MinInt64:
				return -encode.Infinity64, nil
			case micros > math.MaxInt64-epochMicros-1:
				return 0, errRange
			default:
				return micros + epochMicros, nil
			}
		})
}

func newTime(t *encode.Type) decoder {
	t.Unit = encode.Microsecond
	return newInt64(t)
}

// newTimeTZ decodes a time and its zone in seconds, west of UTC positive.
func newTimeTZ(t *encode.Type) decoder {
	const maxOffset = 16*3600 - 1
	return newFixed(t, 12, func(v *encode.Vector) *[]uint64 { return &v.Uint64s },
		func(b []byte) (uint64, error) {
			micros, zone := int64At(b), int32At(b[8:])
			if micros < 0 || micros > 86400*1_000_000 || zone < -maxOffset || zone > maxOffset {
				return 0, errWire
			}
			return encode.PackTimeTZ(micros, -zone), nil
		})
}

// newInterval decodes microseconds, days and months. All three at their end
// mean infinity, from PostgreSQL 17 on.
func newInterval(t *encode.Type) decoder {
	usual := newFixed(t, 16, func(v *encode.Vector) *[]encode.IntervalValue { return &v.Intervals },
		func(b []byte) (encode.IntervalValue, error) {
			return encode.IntervalValue{
				Micros: int64At(b),
				Days:   int32At(b[8:]),
				Months: int32At(b[12:]),
			}, nil
		})
	infinity, negative := []byte("infinity"), []byte("-infinity")
	return newEither(usual, func(b []byte) []byte {
		if len(b) != 16 {
			return nil
		}
		micros, days, months := int64At(b), int32At(b[8:]), int32At(b[12:])
		switch {
		case micros == math.MaxInt64 && days == math.MaxInt32 && months == math.MaxInt32:
			return infinity
		case micros == math.MinInt64 && days == math.MinInt32 && months == math.MinInt32:
			return negative
		}
		return nil
	})
}
