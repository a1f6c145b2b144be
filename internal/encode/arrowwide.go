package encode

import (
	"encoding/binary"
	"math"
)

// The appenders of values of sixteen bytes, and of those that may not fit their Arrow type.

func put128(dst []byte, hi int64, lo uint64) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, lo)
	return binary.LittleEndian.AppendUint64(dst, uint64(hi))
}

// putDecimal widens decimals of up to 64 bits.
func putDecimal(dst []byte, v *Vector, from, to int) []byte {
	switch {
	case v.Int64s != nil:
		return widen(dst, v.Int64s[from:to])
	case v.Int32s != nil:
		return widen(dst, v.Int32s[from:to])
	case v.Int128s != nil:
		for _, n := range v.Int128s[from:to] {
			dst = put128(dst, n.Hi, n.Lo)
		}
		return dst
	default:
		return widen(dst, v.Int16s[from:to])
	}
}

func widen[T int16 | int32 | int64](dst []byte, s []T) []byte {
	for _, n := range s {
		dst = put128(dst, int64(n)>>63, uint64(int64(n)))
	}
	return dst
}

// 10^38, which has one digit more than Arrow's decimals of 128 bits.
const (
	ten38Hi = 0x4b3b4ca85a86c47a
	ten38Lo = 0x098a224000000000
)

func (a *arrowStream) putInt128(dst []byte, v *Vector, from, to int) []byte {
	for row := from; row < to; row++ {
		n := v.Int128s[row]
		_, hi, lo := abs128(n)
		if (hi > ten38Hi || hi == ten38Hi && lo >= ten38Lo) && !v.null(row) {
			a.err = ErrOutOfRange
		}
		dst = put128(dst, n.Hi, n.Lo)
	}
	return dst
}

// putUUID appends the octets in the order of RFC 9562.
func putUUID(dst []byte, v *Vector, from, to int) []byte {
	for _, n := range v.Int128s[from:to] {
		dst = binary.BigEndian.AppendUint64(dst, uint64(n.Hi))
		dst = binary.BigEndian.AppendUint64(dst, n.Lo)
	}
	return dst
}

// putInterval appends months, days and nanoseconds.
func (a *arrowStream) putInterval(dst []byte, v *Vector, from, to int) []byte {
	const most = math.MaxInt64 / 1000
	for row := from; row < to; row++ {
		i := v.Intervals[row]
		if (i.Micros > most || i.Micros < -most) && !v.null(row) {
			a.err = ErrOutOfRange
		}
		dst = binary.LittleEndian.AppendUint32(dst, uint32(i.Months))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(i.Days))
		dst = binary.LittleEndian.AppendUint64(dst, uint64(i.Micros*1000))
	}
	return dst
}

// putTime32 appends times in seconds or milliseconds.
func (a *arrowStream) putTime32(dst []byte, v *Vector, from, to int) []byte {
	for row := from; row < to; row++ {
		n := v.Int64s[row]
		if n != int64(int32(n)) && !v.null(row) {
			a.err = ErrOutOfRange
		}
		dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	return dst
}
