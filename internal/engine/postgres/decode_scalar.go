package postgres

import (
	"encoding/binary"
	"math"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// The binary formats are those of the types' send functions in PostgreSQL's
// src/backend/utils/adt. All numbers are big endian.

func newBool(t *encode.Type) decoder {
	return newFixed(t, 1, func(v *encode.Vector) *[]bool { return &v.Bools },
		func(b []byte) (bool, error) { return b[0] != 0, nil })
}

func newInt16(t *encode.Type) decoder {
	return newFixed(t, 2, func(v *encode.Vector) *[]int16 { return &v.Int16s },
		func(b []byte) (int16, error) { return int16At(b), nil })
}

func newInt32(t *encode.Type) decoder {
	return newFixed(t, 4, func(v *encode.Vector) *[]int32 { return &v.Int32s },
		func(b []byte) (int32, error) { return int32At(b), nil })
}

func newInt64(t *encode.Type) decoder {
	return newFixed(t, 8, func(v *encode.Vector) *[]int64 { return &v.Int64s },
		func(b []byte) (int64, error) { return int64At(b), nil })
}

func newUint32(t *encode.Type) decoder {
	return newFixed(t, 4, func(v *encode.Vector) *[]uint32 { return &v.Uint32s },
		func(b []byte) (uint32, error) { return binary.BigEndian.Uint32(b), nil })
}

func newUint64(t *encode.Type) decoder {
	return newFixed(t, 8, func(v *encode.Vector) *[]uint64 { return &v.Uint64s },
		func(b []byte) (uint64, error) { return binary.BigEndian.Uint64(b), nil })
}

func newFloat32(t *encode.Type) decoder {
	return newFixed(t, 4, func(v *encode.Vector) *[]float32 { return &v.Float32s },
		func(b []byte) (float32, error) { return math.Float32frombits(binary.BigEndian.Uint32(b)), nil })
}

func newFloat64(t *encode.Type) decoder {
	return newFixed(t, 8, func(v *encode.Vector) *[]float64 { return &v.Float64s },
		func(b []byte) (float64, error) { return math.Float64frombits(binary.BigEndian.Uint64(b)), nil })
}

func newUUID(t *encode.Type) decoder {
	return newFixed(t, 16, func(v *encode.Vector) *[]encode.Int128Value { return &v.Int128s },
		func(b []byte) (encode.Int128Value, error) {
			return encode.Int128Value{Hi: int64At(b), Lo: binary.BigEndian.Uint64(b[8:])}, nil
		})
}

func newPlain(t *encode.Type) decoder { return newText(t, nil) }

// newJSONB takes the version off that the format begins with.
func newJSONB(t *encode.Type) decoder {
	return newText(t, func(dst, b []byte, _ int) ([]byte, error) {
		if len(b) == 0 || b[0] != 1 {
			return dst, errWire
		}
		return append(dst, b[1:]...), nil
	})
}

// newChar decodes the internal type "char": one byte, of which 0 is the empty
// text and one beyond ASCII is shown in octal, as the server does.
func newChar(t *encode.Type) decoder {
	return newText(t, func(dst, b []byte, _ int) ([]byte, error) {
		switch {
		case len(b) != 1:
			return dst, errWire
		case b[0] == 0:
			return dst, nil
		case b[0] >= 0x80:
			return append(dst, '\\', '0'+b[0]>>6, '0'+b[0]>>3&7, '0'+b[0]&7), nil
		}
		return append(dst, b[0]), nil
	})
}

// newBit decodes a bit string: its length, then the bits, the first on top.
func newBit(t *encode.Type) decoder {
	return newText(t, func(dst, b []byte, limit int) ([]byte, error) {
		if len(b) < 4 {
			return dst, errWire
		}
		n, bits := int64(int32At(b)), b[4:]
		if n < 0 || int64(len(bits)) != (n+7)/8 {
			return dst, errWire
		}
		if n > int64(limit) {
			return dst, errLong
		}
		for i := range n {
			dst = append(dst, '0'+bits[i/8]>>(7-i%8)&1)
		}
		return dst, nil
	})
}
