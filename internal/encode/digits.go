package encode

import (
	"encoding/binary"
	"math/bits"
)

var pow10 = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// asciiZeros makes characters of the digits in a word.
const asciiZeros = everyByte * '0'

// digits8 returns the eight decimal digits of u, which is below 10^8, in the bytes of a word, the
// first digit in the lowest. It halves the number three times, all parts at once; the divisions by
// 100 and 10 are multiplications whose shifts are exact for parts this small.
func digits8(u uint64) uint64 {
	w := u/1e4 | u%1e4<<32
	q := w * 10486 >> 20 & 0x0000007f_0000007f // below 10^4: 10486/2^20 is 1/100
	w = q | (w-100*q)<<16
	q = w * 103 >> 10 & 0x000f_000f_000f_000f // below 100: 103/2^10 is 1/10
	return q | (w-10*q)<<8
}

// digits4 is digits8 for four digits, in the lower half of a word.
func digits4(u uint64) uint64 {
	q := u * 10486 >> 20
	w := q | (u-100*q)<<16
	q = w * 103 >> 10 & 0x000f_000f
	return q | (w-10*q)<<8
}

// appendWord appends the first n bytes of a word, n ≤ 8, in one store.
func appendWord(dst []byte, w uint64, n int) []byte {
	return binary.LittleEndian.AppendUint64(dst, w)[:len(dst)+n]
}

// appendUint is strconv.AppendUint in base 10, in about half the time.
func appendUint(dst []byte, u uint64) []byte {
	if u >= 1e8 {
		dst = appendUint(dst, u/1e8)
		return appendWord(dst, digits8(u%1e8)|asciiZeros, 8)
	}
	if u < 1e4 {
		w := digits4(u)
		leading := bits.TrailingZeros64(w|1<<24) &^ 7
		return appendWord(dst, (w|asciiZeros)>>leading, 4-leading/8)
	}
	w := digits8(u)
	leading := bits.TrailingZeros64(w|1<<56) &^ 7 // bits of leading zeros; 0 itself has one digit
	return appendWord(dst, (w|asciiZeros)>>leading, 8-leading/8)
}

// appendPadded appends the last n digits of u, n > 0.
func appendPadded(dst []byte, u uint64, n int) []byte {
	if n > 8 {
		dst = appendPadded(dst, u/1e8, n-8)
		n = 8
	}
	return appendWord(dst, (digits8(u%1e8)|asciiZeros)>>(8*(8-n)), n)
}

// appendFraction appends u / 10^n as a point and digits, without zeros at the end; nothing for 0.
// u is below 10^n.
func appendFraction(dst []byte, u uint64, n int) []byte {
	if u == 0 {
		return dst
	}
	dst = append(dst, '.')
	if n <= 8 {
		w := digits8(u) >> (8 * (8 - n))
		return appendWord(dst, w|asciiZeros, 8-bits.LeadingZeros64(w)/8)
	}
	dst = appendPadded(dst, u, n)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// digits2 holds the numbers 00 to 99.
const digits2 = "0001020304050607080910111213141516171819" +
	"2021222324252627282930313233343536373839" +
	"4041424344454647484950515253545556575859" +
	"6061626364656667686970717273747576777879" +
	"8081828384858687888990919293949596979899"

// put2 writes u, below 100, as two digits.
func put2(b []byte, u uint64) {
	_ = b[1]
	b[0], b[1] = digits2[2*u], digits2[2*u+1]
}
