package encode

const hexDigits = "0123456789abcdef"

// appendUUID appends the text form of RFC 9562, section 4, in lower case.
func appendUUID(dst []byte, v *Vector, row int) []byte {
	n := v.Int128s[row]
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	b := dst[len(dst)-36:]
	hi, lo := uint64(n.Hi), n.Lo
	putHex(b[0:8], hi>>32)
	putHex(b[9:13], hi>>16)
	putHex(b[14:18], hi)
	putHex(b[19:23], lo>>48)
	putHex(b[24:36], lo)
	return dst
}

// putHex writes the last digits of u into the whole of b.
func putHex(b []byte, u uint64) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = hexDigits[u&15]
		u >>= 4
	}
}
