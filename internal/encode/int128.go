package encode

import "math/bits"

// abs128 splits a 128-bit number into its sign and its magnitude.
func abs128(n Int128Value) (negative bool, hi, lo uint64) {
	hi, lo = uint64(n.Hi), n.Lo
	if n.Hi >= 0 {
		return false, hi, lo
	}
	var borrow uint64
	lo, borrow = bits.Sub64(0, lo, 0)
	hi, _ = bits.Sub64(0, hi, borrow)
	return true, hi, lo
}

// div1e19 divides a 128-bit number by 10^19, the largest power of ten in 64 bits.
func div1e19(hi, lo uint64) (qhi, qlo, rem uint64) {
	qhi, r := hi/1e19, hi%1e19
	qlo, rem = bits.Div64(r, lo, 1e19)
	return qhi, qlo, rem
}

func appendInt128(dst []byte, n Int128Value) []byte {
	negative, hi, lo := abs128(n)
	if negative {
		dst = append(dst, '-')
	}
	return appendUint128(dst, hi, lo)
}

func appendUint128(dst []byte, hi, lo uint64) []byte {
	if hi == 0 {
		return appendUint(dst, lo)
	}
	hi, lo, low := div1e19(hi, lo)
	hi, lo, mid := div1e19(hi, lo)
	_ = hi // 2^128 / 10^38 is 3
	if lo != 0 {
		dst = append(dst, byte('0'+lo))
		dst = appendPadded(dst, mid, 19)
	} else {
		dst = appendUint(dst, mid)
	}
	return appendPadded(dst, low, 19)
}
