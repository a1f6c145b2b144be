package postgres

import (
	"encoding/binary"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// numeric is the binary format: digits to the base 10000, of which the first
// counts 10000^weight, and the number of decimal digits after the point.
type numeric struct {
	digits []byte // two bytes each
	weight int
	sign   uint16
	scale  int
}

const (
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericInfinity = 0xD000
	numericMinusInf = 0xF000
)

func parseNumeric(b []byte) (numeric, error) {
	if len(b) < 8 {
		return numeric{}, errWire
	}
	n := numeric{
		digits: b[8:], weight: int(int16At(b[2:])),
		sign: binary.BigEndian.Uint16(b[4:]), scale: int(binary.BigEndian.Uint16(b[6:])),
	}
	if len(n.digits) != 2*int(binary.BigEndian.Uint16(b)) || n.scale > 0x3FFF {
		return numeric{}, errWire
	}
	return n, nil
}

// digit is the digit that counts 10000^(weight-i), 0 where none is stored.
func (n numeric) digit(i int) int64 {
	if i < 0 || 2*i >= len(n.digits) {
		return 0
	}
	return int64(binary.BigEndian.Uint16(n.digits[2*i:]))
}

// numericWord returns what a numeric that is no number is called.
func numericWord(b []byte) []byte {
	if len(b) < 8 {
		return nil
	}
	switch binary.BigEndian.Uint16(b[4:]) {
	case numericNaN:
		return []byte("NaN")
	case numericInfinity:
		return []byte("Infinity")
	case numericMinusInf:
		return []byte("-Infinity")
	}
	return nil
}

// appendNumeric appends the plain decimal text, with all digits of the scale.
// Ten bytes can stand for 130,000 digits, and not for more than 150,000.
func appendNumeric(dst, b []byte, _ int) ([]byte, error) {
	if word := numericWord(b); word != nil {
		return append(dst, word...), nil
	}
	n, err := parseNumeric(b)
	if err != nil {
		return dst, err
	}
	if n.sign == numericNegative {
		dst = append(dst, '-')
	}
	start := len(dst)
	for i := range n.weight + 1 {
		d := n.digit(i)
		if len(dst) == start { // no zeros in front
			dst = appendLeading(dst, d)
			continue
		}
		dst = append(dst, byte('0'+d/1000%10), byte('0'+d/100%10), byte('0'+d/10%10), byte('0'+d%10))
	}
	if len(dst) == start {
		dst = append(dst, '0')
	}
	if n.scale == 0 {
		return dst, nil
	}
	dst = append(dst, '.')
	end := len(dst) + n.scale
	for i := n.weight + 1; len(dst) < end; i++ {
		d := n.digit(i)
		dst = append(dst, byte('0'+d/1000%10), byte('0'+d/100%10), byte('0'+d/10%10), byte('0'+d%10))
	}
	return dst[:end], nil
}

func appendLeading(dst []byte, d int64) []byte {
	for unit := int64(1000); unit > 0; unit /= 10 {
		if d >= unit {
			for ; unit > 0; unit /= 10 {
				dst = append(dst, byte('0'+d/unit%10))
			}
		}
	}
	return dst
}

// unscaled is the value times 10^scale, if it has at most 18 digits.
func (n numeric) unscaled(scale int) (int64, error) {
	units := [...]int64{1, 10, 100, 1000, 10000}
	if n.weight >= 5 {
		return 0, errWire
	}
	const most = 1e18
	var v int64
	for i := range n.weight + 1 {
		if v = v*10000 + n.digit(i); v > most/10000 && i < n.weight {
			return 0, errWire
		}
	}
	for i, left := n.weight+1, scale; left > 0; i++ {
		step := min(left, 4)
		if v > most/units[step] {
			return 0, errWire
		}
		v = v*units[step] + n.digit(i)/units[4-step]
		left -= step
	}
	if n.sign == numericNegative {
		v = -v
	}
	return v, nil
}

// newNumeric decodes by the column's precision and scale. Up to 15 digits it
// is a number (or NaN), beyond and without a precision it is text.
func newNumeric(t *encode.Type, typmod int32) decoder {
	width, scale, declared := numericModifier(typmod)
	if !declared || width > 15 {
		t.Kind = encode.BigNum
		return newText(t, appendNumeric)
	}
	t.Kind, t.Width, t.Scale = encode.Decimal, uint8(width), uint8(scale) //nolint:gosec // at most 15
	usual := newFixedNumeric(t, scale)
	return newEither(usual, numericWord)
}

// fixedNumeric decodes numerics of few digits.
type fixedNumeric struct {
	validity
	scale int
}

func newFixedNumeric(t *encode.Type, scale int) decoder {
	f := &fixedNumeric{scale: scale}
	f.vec.Type = t
	return f
}

func (f *fixedNumeric) reset() {
	f.validity.reset()
	f.vec.Int64s = f.vec.Int64s[:0]
}

func (f *fixedNumeric) put(b []byte, _ int) (int, error) {
	n, err := parseNumeric(b)
	if err != nil {
		return 0, err
	}
	v, err := n.unscaled(f.scale)
	f.vec.Int64s = append(f.vec.Int64s, v)
	f.valid()
	return 0, err
}

func (f *fixedNumeric) null() {
	f.vec.Int64s = append(f.vec.Int64s, 0)
	f.validity.null()
}

// numericModifier is how many digits a column shows, and how many of them
// after the point. From PostgreSQL 15 on the scale may be negative, and
// greater than the precision.
func numericModifier(typmod int32) (width, scale int, declared bool) {
	if typmod < 4 {
		return 0, 0, false
	}
	precision, scale := int(typmod-4)>>16&0xFFFF, int(typmod-4)&0x7FF
	if scale >= 1024 {
		scale -= 2048
	}
	if scale < 0 {
		return precision - scale, 0, true
	}
	return max(precision, scale), scale, true
}
