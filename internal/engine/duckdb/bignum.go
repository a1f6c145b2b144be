package duckdb

import "math/big"

// bigNumText writes a BIGNUM. It is stored as three bytes of header (the sign
// in the top bit, set for positive, and the length) and the magnitude, big
// endian; every byte of a negative number is inverted.
func bigNumText(stored []byte) []byte {
	const header = 3
	if len(stored) <= header {
		return []byte("0")
	}
	negative := stored[0]&0x80 == 0
	magnitude := append([]byte(nil), stored[header:]...)
	if negative {
		for i := range magnitude {
			magnitude[i] = ^magnitude[i]
		}
	}
	n := new(big.Int).SetBytes(magnitude)
	if negative {
		n.Neg(n)
	}
	return n.Append(nil, 10)
}
