package encode

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

const (
	everyByte = 0x0101010101010101
	highBits  = everyByte << 7
)

// plainPrefix returns the length of the longest prefix of s that is printable ASCII other than a
// and b (DEL counts as printable: no format has to escape it). It looks at eight bytes at a time:
// in each term below the high bit of a byte is set if the byte is, in turn, not ASCII, below 0x20,
// a, or b; borrows spoil only bytes after the first one found.
func plainPrefix(s []byte, a, b byte) int {
	if len(s) < 8 {
		for i, c := range s {
			if c < 0x20 || c >= utf8.RuneSelf || c == a || c == b {
				return i
			}
		}
		return len(s)
	}
	as, bs := everyByte*uint64(a), everyByte*uint64(b)
	for i := 0; ; i += 8 {
		if i > len(s)-8 {
			if i == len(s) {
				return i
			}
			i = len(s) - 8 // the last eight; those seen before are plain
		}
		w := binary.LittleEndian.Uint64(s[i:])
		found := (w | (w - everyByte*0x20) | ((w ^ as) - everyByte) | ((w ^ bs) - everyByte)) & highBits
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
}

// replacement is U+FFFD in UTF-8; it stands for each byte that is part of no character.
const replacement = "\uFFFD"

// appendRune appends the character at the start of s, which is not ASCII, or the replacement for
// a byte that begins none, and returns how many bytes of s that was.
func appendRune(dst, s []byte) ([]byte, int) {
	r, size := utf8.DecodeRune(s)
	if r == utf8.RuneError && size == 1 {
		return append(dst, replacement...), 1
	}
	return append(dst, s[:size]...), size
}
