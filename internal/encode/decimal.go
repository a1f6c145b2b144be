package encode

import "math/bits"

// zeros is what is put before a number too short for its scale.
const zeros = "000000000000000000000000000000000000000"

// decimal returns the appender of a Decimal as a bare number with all digits of its scale.
func decimal(scale uint8) appendFunc {
	return func(dst []byte, v *Vector, row int) []byte {
		switch {
		case v.Int64s != nil:
			return appendDecimal(dst, v.Int64s[row], scale)
		case v.Int32s != nil:
			return appendDecimal(dst, int64(v.Int32s[row]), scale)
		case v.Int128s != nil:
			return appendDecimal128(dst, v.Int128s[row], scale)
		default:
			return appendDecimal(dst, int64(v.Int16s[row]), scale)
		}
	}
}

// appendDecimal appends unscaled / 10^scale, 0 ≤ scale ≤ 38.
func appendDecimal(dst []byte, unscaled int64, scale uint8) []byte {
	u := uint64(unscaled)
	if unscaled < 0 {
		dst = append(dst, '-')
		u = -u
	}
	switch {
	case scale == 0:
		return appendUint(dst, u)
	case u < 1e8 && scale < 8:
		return appendShortDecimal(dst, u, int(scale))
	case int(scale) < len(pow10):
		unit := pow10[scale]
		dst = append(appendUint(dst, u/unit), '.')
		return appendPadded(dst, u%unit, int(scale))
	default:
		// 64 bits do not reach the digit before the point, but they have up to 20 digits.
		dst = append(dst, "0."...)
		return appendPadded(dst, u, int(scale))
	}
}

// appendShortDecimal appends u / 10^scale, u < 10^8 and 0 < scale < 8, without dividing by 10^scale.
func appendShortDecimal(dst []byte, u uint64, scale int) []byte {
	w := digits8(u)
	whole := 8 - scale                                           // digits before the point
	leading := bits.TrailingZeros64(w|1<<(8*uint(whole-1))) &^ 7 // of which one stays, if only a 0
	w |= asciiZeros
	dst = append(appendWord(dst, w>>leading, whole-leading/8), '.')
	return appendWord(dst, w>>(8*uint(whole)), scale)
}

// appendDecimal128 is appendDecimal for 128 bits.
func appendDecimal128(dst []byte, n Int128Value, scale uint8) []byte {
	negative, hi, lo := abs128(n)
	if negative {
		dst = append(dst, '-')
	}
	if scale == 0 {
		return appendUint128(dst, hi, lo)
	}
	start := len(dst)
	dst = appendUint128(dst, hi, lo)
	if missing := int(scale) + 1 - (len(dst) - start); missing > 0 { // at least one digit before the point
		dst = append(dst, zeros[:missing]...)
		copy(dst[start+missing:], dst[start:])
		copy(dst[start:], zeros[:missing])
	}
	dst = append(dst, '.')
	point := len(dst) - 1 - int(scale)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst
}
