package encode

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// arrowFixed is a node whose values all have the same width.
type arrowFixed struct {
	validity arrowBitmap
	data     []byte
	width    int
	put      arrowPut
}

// arrowPut appends the values of the rows [from, to). Values of rows that are NULL are blanked afterwards.
type arrowPut func(dst []byte, v *Vector, from, to int) []byte

func (f *arrowFixed) count(c *arrowCount) { c.nodes, c.buffers = c.nodes+1, c.buffers+2 }
func (f *arrowFixed) flat() bool          { return true }
func (f *arrowFixed) reset()              { f.validity.reset(); f.data = f.data[:0] }

func (f *arrowFixed) nullSize() int { return f.width }

func (f *arrowFixed) measure(m *arrowMeasure, _ *Vector, from, to int) { m.take(to-from, f.width) }

func (f *arrowFixed) add(v *Vector, from, to int) {
	f.data = f.append(f.data, v, from, to)
}

func (f *arrowFixed) addNulls(n int) {
	f.validity.addZeros(n)
	f.data = appendZeros(f.data, n*f.width)
}

func (f *arrowFixed) write(b *arrowBody) {
	b.valid(&f.validity)
	b.bytes(f.data)
}

func (f *arrowFixed) direct(b *arrowBody, v *Vector, from, to int) {
	f.validity.add(v.Valid, from, to)
	b.valid(&f.validity)
	f.validity.reset()
	b.opened()
	b.dst = f.values(b.dst, v, from, to)
	b.closed()
}

func (f *arrowFixed) append(dst []byte, v *Vector, from, to int) []byte {
	f.validity.add(v.Valid, from, to)
	return f.values(dst, v, from, to)
}

// values appends values without validity. What a vector holds at a row that is NULL must not reach
// a client: it may be left over from anything.
func (f *arrowFixed) values(dst []byte, v *Vector, from, to int) []byte {
	nulls := countNulls(v.Valid, from, to)
	if nulls == to-from {
		return appendZeros(dst, nulls*f.width)
	}
	start := len(dst)
	dst = f.put(dst, v, from, to)
	if nulls > 0 {
		for i := from; i < to; i += 64 {
			w := ^bitsFrom(v.Valid, i) & (^uint64(0) >> uint(64-min(64, to-i)))
			for ; w != 0; w &= w - 1 {
				at := start + (i-from+bits.TrailingZeros64(w))*f.width
				clear(dst[at : at+f.width])
			}
		}
	}
	return dst
}

func appendZeros(dst []byte, n int) []byte {
	dst, room := grown(dst, n)
	clear(room)
	return dst
}

// fixed returns the width and the appender of a kind of fixed width.
func (a *arrowStream) fixed(t *Type) (int, arrowPut) {
	switch t.Kind {
	case Int8:
		return 1, func(dst []byte, v *Vector, from, to int) []byte { return put8(dst, v.Int8s[from:to]) }
	case Uint8:
		return 1, func(dst []byte, v *Vector, from, to int) []byte { return append(dst, v.Uint8s[from:to]...) }
	case Int16:
		return 2, func(dst []byte, v *Vector, from, to int) []byte { return put16(dst, v.Int16s[from:to]) }
	case Uint16:
		return 2, func(dst []byte, v *Vector, from, to int) []byte { return put16(dst, v.Uint16s[from:to]) }
	case Int32, Date:
		return 4, func(dst []byte, v *Vector, from, to int) []byte { return put32(dst, v.Int32s[from:to]) }
	case Uint32:
		return 4, func(dst []byte, v *Vector, from, to int) []byte { return put32(dst, v.Uint32s[from:to]) }
	case Float32:
		return 4, func(dst []byte, v *Vector, from, to int) []byte { return putFloat32(dst, v.Float32s[from:to]) }
	case Uint64:
		return 8, func(dst []byte, v *Vector, from, to int) []byte { return put64(dst, v.Uint64s[from:to]) }
	case Float64:
		return 8, func(dst []byte, v *Vector, from, to int) []byte { return putFloat64(dst, v.Float64s[from:to]) }
	case Decimal:
		return 16, putDecimal
	case Int128:
		return 16, a.putInt128
	case UUID:
		return 16, putUUID
	case Interval:
		return 16, a.putInterval
	case Time:
		if t.Unit <= Millisecond {
			return 4, a.putTime32
		}
	}
	// Int64, Time, Timestamp, TimestampTZ
	return 8, func(dst []byte, v *Vector, from, to int) []byte { return put64(dst, v.Int64s[from:to]) }
}

// grown returns dst longer by n bytes, and these, all of which must be written.
func grown(dst []byte, n int) (all, room []byte) {
	all = slices.Grow(dst, n)[:len(dst)+n]
	return all, all[len(dst):]
}

func put8(dst []byte, s []int8) []byte {
	dst, room := grown(dst, len(s))
	for i, n := range s {
		room[i] = byte(n)
	}
	return dst
}

func put16[T int16 | uint16](dst []byte, s []T) []byte {
	dst, room := grown(dst, 2*len(s))
	for _, n := range s {
		binary.LittleEndian.PutUint16(room, uint16(n))
		room = room[2:]
	}
	return dst
}

func put32[T int32 | uint32](dst []byte, s []T) []byte {
	dst, room := grown(dst, 4*len(s))
	copy32(room, s)
	return dst
}

// copy32 fills room with s. It is as near to a copy as Go gets without unsafe, which this package
// does without: four values a turn.
func copy32[T int32 | uint32](room []byte, s []T) {
	for len(s) >= 4 && len(room) >= 16 {
		binary.LittleEndian.PutUint64(room, uint64(uint32(s[0]))|uint64(uint32(s[1]))<<32)
		binary.LittleEndian.PutUint64(room[8:], uint64(uint32(s[2]))|uint64(uint32(s[3]))<<32)
		s, room = s[4:], room[16:]
	}
	for i, n := range s {
		binary.LittleEndian.PutUint32(room[4*i:], uint32(n))
	}
}

func put64[T int64 | uint64](dst []byte, s []T) []byte {
	dst, room := grown(dst, 8*len(s))
	for len(s) >= 4 && len(room) >= 32 {
		binary.LittleEndian.PutUint64(room, uint64(s[0]))
		binary.LittleEndian.PutUint64(room[8:], uint64(s[1]))
		binary.LittleEndian.PutUint64(room[16:], uint64(s[2]))
		binary.LittleEndian.PutUint64(room[24:], uint64(s[3]))
		s, room = s[4:], room[32:]
	}
	for i, n := range s {
		binary.LittleEndian.PutUint64(room[8*i:], uint64(n))
	}
	return dst
}

func putFloat32(dst []byte, s []float32) []byte {
	dst, room := grown(dst, 4*len(s))
	for _, n := range s {
		binary.LittleEndian.PutUint32(room, math.Float32bits(n))
		room = room[4:]
	}
	return dst
}

func putFloat64(dst []byte, s []float64) []byte {
	dst, room := grown(dst, 8*len(s))
	for _, n := range s {
		binary.LittleEndian.PutUint64(room, math.Float64bits(n))
		room = room[8:]
	}
	return dst
}
