package encode_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// arrowSample is a column of random values and how each row should read, in the notation of readArrow.
type arrowSample struct {
	typ  *encode.Type
	vec  encode.Vector
	want []string
}

// generator makes samples. What it leaves at rows that are NULL or lie in one is meant to be fatal,
// or visible, if anyone reads it.
type generator struct{ *rand.Rand }

var scalarTypes = []*encode.Type{
	kindOf(encode.Bool), kindOf(encode.Int8), kindOf(encode.Int16), kindOf(encode.Int32), kindOf(encode.Int64),
	kindOf(encode.Uint8), kindOf(encode.Uint16), kindOf(encode.Uint32), kindOf(encode.Uint64),
	kindOf(encode.Int128), kindOf(encode.Uint128), kindOf(encode.Float32), kindOf(encode.Float64),
	decimalOf(4, 1), decimalOf(9, 2), decimalOf(18, 3), decimalOf(38, 10), kindOf(encode.BigNum), kindOf(encode.Text),
	kindOf(encode.Blob), kindOf(encode.Bit), kindOf(encode.UUID), kindOf(encode.Date),
	unitOf(encode.Time, encode.Second), unitOf(encode.Time, encode.Millisecond), unitOf(encode.Time, encode.Microsecond),
	unitOf(encode.Time, encode.Nanosecond), kindOf(encode.TimeTZ),
	unitOf(encode.Timestamp, encode.Second), unitOf(encode.Timestamp, encode.Millisecond),
	unitOf(encode.Timestamp, encode.Microsecond), unitOf(encode.Timestamp, encode.Nanosecond),
	unitOf(encode.TimestampTZ, encode.Microsecond), kindOf(encode.Interval), kindOf(encode.Null),
}

// typ returns a random type.
func (g generator) typ(depth int) *encode.Type {
	if depth > 2 || g.IntN(3) > 0 {
		return scalarTypes[g.IntN(len(scalarTypes))]
	}
	fields := func(n int) []encode.Field {
		f := make([]encode.Field, n)
		for i := range f {
			f[i] = encode.Field{Name: fmt.Sprint("f", i/2), Type: g.typ(depth + 1)} // names repeat
		}
		return f
	}
	switch g.IntN(5) {
	case 0:
		return listOf(g.typ(depth + 1))
	case 1:
		return &encode.Type{Kind: encode.Array, Name: "T[2]", Size: 1 + g.IntN(3), Elem: g.typ(depth + 1)}
	case 2:
		return structOf(fields(1 + g.IntN(3))...)
	case 3:
		return unionOf(fields(1 + g.IntN(3))...)
	default:
		return mapOf(kindOf(encode.Text), g.typ(depth+1))
	}
}

// valid returns validity, with more NULLs than not, hardly any, or none; dead rows are left as they come.
func (g generator) valid(rows int) []uint64 {
	one := [...]int{2, 50, 0}[g.IntN(3)]
	if one == 0 {
		return nil
	}
	words := make([]uint64, (rows+63)/64)
	for i := range rows {
		if g.IntN(one) > 0 {
			words[i/64] |= 1 << (i % 64)
		}
	}
	return words
}

func set(valid []uint64, row int) bool { return valid == nil || valid[row/64]>>(row%64)&1 == 1 }

// column makes a column. dead says which rows nobody may look at.
func (g generator) column(t *encode.Type, rows int, dead func(int) bool) arrowSample {
	s := arrowSample{typ: t, vec: encode.Vector{Type: t, Valid: g.valid(rows)}, want: make([]string, rows)}
	if t.Kind == encode.Null {
		s.vec.Valid = make([]uint64, (rows+63)/64)
	}
	live := func(row int) bool { return !dead(row) && set(s.vec.Valid, row) }
	switch t.Kind {
	case encode.List, encode.Map, encode.Array, encode.Struct, encode.Union:
		g.nested(&s, rows, live)
	default:
		g.scalar(&s, rows, live)
	}
	for row := range rows {
		if !set(s.vec.Valid, row) {
			s.want[row] = "null"
			if t.Kind == encode.Union {
				s.want[row] = "0:null"
				if k := t.Fields[0].Type.Kind; k == encode.Union {
					s.want[row] = "0:" + nullOf(t.Fields[0].Type)
				}
			}
		}
	}
	return s
}

// nullOf is how a NULL reads: a union has none, and shows one of its first member.
func nullOf(t *encode.Type) string {
	if t.Kind == encode.Union {
		return "0:" + nullOf(t.Fields[0].Type)
	}
	return "null"
}

func (g generator) nested(s *arrowSample, rows int, live func(int) bool) {
	t := s.typ
	switch t.Kind {
	case encode.List, encode.Map:
		elem, size := t.Elem, 1+g.IntN(3*rows+1)
		if t.Kind == encode.Map {
			elem = structOf(t.Fields...)
		}
		child := g.column(elem, size, func(int) bool { return false })
		if t.Kind == encode.Map { // a map's entries and keys are never NULL
			child = g.entries(t, size)
		}
		s.vec.Child = &child.vec
		at := 0
		for row := range rows {
			if !live(row) {
				s.vec.Lists = append(s.vec.Lists, encode.ListEntry{Offset: 1 << 60, Length: 1 << 60})
				continue
			}
			if g.IntN(4) == 0 {
				at = g.IntN(size)
			}
			n := min(g.IntN(4), size-at)
			s.vec.Lists = append(s.vec.Lists, encode.ListEntry{Offset: uint64(at), Length: uint64(n)})
			s.want[row] = "[" + strings.Join(child.want[at:at+n], ",") + "]"
			at += n
		}
	case encode.Array:
		child := g.column(t.Elem, rows*t.Size, func(i int) bool { return !live(i / t.Size) })
		s.vec.Child = &child.vec
		for row := range rows {
			s.want[row] = "[" + strings.Join(child.want[row*t.Size:(row+1)*t.Size], ",") + "]"
		}
	case encode.Struct:
		for row := range rows {
			s.want[row] = "{"
		}
		for _, f := range t.Fields {
			child := g.column(f.Type, rows, func(i int) bool { return !live(i) })
			s.vec.Fields = append(s.vec.Fields, &child.vec)
			for row := range rows {
				s.want[row] += child.want[row] + ";"
			}
		}
		for row := range rows {
			s.want[row] += "}"
		}
	default: // Union
		s.vec.Tags = make([]uint8, rows)
		for row := range s.vec.Tags {
			s.vec.Tags[row] = uint8(g.IntN(len(t.Fields)))
			if !live(row) {
				s.vec.Tags[row] = 255
			}
		}
		for tag, f := range t.Fields {
			child := g.column(f.Type, rows, func(i int) bool { return !live(i) || int(s.vec.Tags[i]) != tag })
			s.vec.Fields = append(s.vec.Fields, &child.vec)
			for row := range rows {
				if int(s.vec.Tags[row]) == tag {
					s.want[row] = fmt.Sprint(tag, ":", child.want[row])
				}
			}
		}
	}
}

func (g generator) entries(t *encode.Type, size int) arrowSample {
	never := func(int) bool { return false }
	key := arrowSample{typ: t.Fields[0].Type, want: make([]string, size)}
	g.scalar(&key, size, func(int) bool { return true })
	value := g.column(t.Fields[1].Type, size, never)
	child := arrowSample{vec: encode.Vector{Fields: []*encode.Vector{&key.vec, &value.vec}}, want: make([]string, size)}
	for i := range size {
		child.want[i] = "{" + key.want[i] + ";" + value.want[i] + ";}"
	}
	return child
}

func (g generator) text(kind encode.Kind) []byte {
	switch kind {
	case encode.BigNum:
		return fmt.Append(nil, int64(g.Uint64()))
	case encode.Bit:
		return fmt.Appendf(nil, "%b", g.Uint32())
	}
	b := make([]byte, g.IntN(40)*g.IntN(2))
	for i := range b {
		b[i] = "abcdefgh\x00é\xff\xe2\x82"[g.IntN(14)]
		if g.IntN(20) > 0 {
			b[i] &= 0x7f
		}
	}
	if g.IntN(4) == 0 {
		return slices.Concat(b, []byte("€𝄞"))
	}
	return b
}

func (g generator) scalar(s *arrowSample, rows int, live func(int) bool) {
	put := func(row int, format string, args ...any) { s.want[row] = fmt.Sprintf(format, args...) }
	v, t := &s.vec, s.typ
	switch t.Kind {
	case encode.Text, encode.BigNum, encode.Blob, encode.Bit:
		values := make([][]byte, rows)
		for row := range rows {
			values[row] = g.text(t.Kind)
			if put(row, "%q", values[row]); t.Kind != encode.Blob {
				put(row, "%q", repaired(string(values[row])))
			}
		}
		v.Text = func(row int) []byte {
			if !live(row) {
				panic("the text of a row that is NULL has been read")
			}
			return values[row]
		}
		if g.IntN(2) == 0 {
			v.Texts = together(v.Text, live)
		}
	case encode.Null:
	default:
		for row := range rows {
			g.number(s, row, live(row))
		}
	}
}

// together is how an engine might implement Texts.
func together(text func(int) []byte, live func(int) bool) func([]byte, []uint32, int, int, int) ([]byte, bool) {
	return func(dst []byte, ends []uint32, from, to, limit int) ([]byte, bool) {
		start := len(dst)
		for row := from; row < to; row++ {
			if live(row) {
				s := text(row)
				if len(dst)+len(s) > limit {
					return dst, false
				}
				dst = append(dst, s...)
			}
			ends[row-from] = uint32(len(dst) - start)
		}
		return dst, true
	}
}
