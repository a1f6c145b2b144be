package encode

import (
	"math"
	"strconv"
)

// float returns the appender of a floating-point kind as a bare word.
func float(k Kind) appendFunc {
	if k == Float32 {
		return func(dst []byte, v *Vector, row int) []byte {
			return appendFloat(dst, float64(v.Float32s[row]), 32)
		}
	}
	return func(dst []byte, v *Vector, row int) []byte {
		return appendFloat(dst, v.Float64s[row], 64)
	}
}

// jsonFloat is float for JSON, which has no numbers that are not finite: those are strings.
func jsonFloat(k Kind) appendFunc {
	bare := float(k)
	text := quoted(bare)
	if k == Float32 {
		return func(dst []byte, v *Vector, row int) []byte {
			if !finite(float64(v.Float32s[row])) {
				return text(dst, v, row)
			}
			return bare(dst, v, row)
		}
	}
	return func(dst []byte, v *Vector, row int) []byte {
		if !finite(v.Float64s[row]) {
			return text(dst, v, row)
		}
		return bare(dst, v, row)
	}
}

func finite(f float64) bool { return f-f == 0 }

// appendFloat appends the shortest decimal that reads back as f, with an exponent only where
// ECMAScript's Number.prototype.toString has one (below 1e-6, from 1e21).
func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case f > math.MaxFloat64:
		return append(dst, "Infinity"...)
	case f < -math.MaxFloat64:
		return append(dst, "-Infinity"...)
	}
	abs := math.Abs(f)
	if bits == 64 && abs >= 1e-6 && abs < 1e9 {
		// Most numbers in tables have at most six decimals. If n/10^6 is f, which a division of two
		// exact doubles decides, then n/10^6 is the shortest: n has at most 15 digits, and no two
		// decimals of 15 digits read back as the same double.
		if n := uint64(abs*1e6 + 0.5); float64(n)/1e6 == abs {
			if f < 0 {
				dst = append(dst, '-')
			}
			return appendFraction(appendUint(dst, n/1e6), n%1e6, 6)
		}
	}
	if abs != 0 && (bits == 64 && (abs < 1e-6 || abs >= 1e21) || bits == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		dst = strconv.AppendFloat(dst, f, 'e', -1, bits)
		if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' { // e-09 is e-9
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}
