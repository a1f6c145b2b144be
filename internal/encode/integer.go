package encode

func appendInt(dst []byte, i int64) []byte {
	if i < 0 {
		return appendUint(append(dst, '-'), -uint64(i))
	}
	return appendUint(dst, uint64(i))
}

// integer returns the appender of an integer kind, as a bare number.
func integer(k Kind) appendFunc {
	switch k {
	case Int8:
		return func(dst []byte, v *Vector, row int) []byte { return appendInt(dst, int64(v.Int8s[row])) }
	case Int16:
		return func(dst []byte, v *Vector, row int) []byte { return appendInt(dst, int64(v.Int16s[row])) }
	case Int32:
		return func(dst []byte, v *Vector, row int) []byte { return appendInt(dst, int64(v.Int32s[row])) }
	case Int64:
		return func(dst []byte, v *Vector, row int) []byte { return appendInt(dst, v.Int64s[row]) }
	case Uint8:
		return func(dst []byte, v *Vector, row int) []byte { return appendUint(dst, uint64(v.Uint8s[row])) }
	case Uint16:
		return func(dst []byte, v *Vector, row int) []byte { return appendUint(dst, uint64(v.Uint16s[row])) }
	case Uint32:
		return func(dst []byte, v *Vector, row int) []byte { return appendUint(dst, uint64(v.Uint32s[row])) }
	case Uint64:
		return func(dst []byte, v *Vector, row int) []byte { return appendUint(dst, v.Uint64s[row]) }
	case Int128:
		return func(dst []byte, v *Vector, row int) []byte { return appendInt128(dst, v.Int128s[row]) }
	default: // Uint128
		return func(dst []byte, v *Vector, row int) []byte {
			n := v.Int128s[row]
			return appendUint128(dst, uint64(n.Hi), n.Lo)
		}
	}
}

// maxSafe is the largest n for which every integer from -n to n is exact in a double.
const maxSafe = 1<<53 - 1

// safeInteger returns the appender of an integer of 64 bits or more in JSON: a number where every
// double is exact, a string beyond.
func safeInteger(k Kind) appendFunc {
	bare := integer(k)
	text := quoted(bare)
	var safe func(v *Vector, row int) bool
	switch k {
	case Int64:
		return func(dst []byte, v *Vector, row int) []byte {
			i := v.Int64s[row]
			if i <= maxSafe && i >= -maxSafe {
				return appendInt(dst, i)
			}
			return text(dst, v, row)
		}
	case Uint64:
		return func(dst []byte, v *Vector, row int) []byte {
			u := v.Uint64s[row]
			if u <= maxSafe {
				return appendUint(dst, u)
			}
			return text(dst, v, row)
		}
	case Int128:
		safe = func(v *Vector, row int) bool {
			n := v.Int128s[row]
			return n.Hi == 0 && n.Lo <= maxSafe || n.Hi == -1 && -n.Lo <= maxSafe && n.Lo != 0
		}
	default: // Uint128
		safe = func(v *Vector, row int) bool {
			n := v.Int128s[row]
			return n.Hi == 0 && n.Lo <= maxSafe
		}
	}
	return func(dst []byte, v *Vector, row int) []byte {
		if safe(v, row) {
			return bare(dst, v, row)
		}
		return text(dst, v, row)
	}
}
