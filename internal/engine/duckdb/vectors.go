package duckdb

import (
	"unsafe"

	native "github.com/duckdb/duckdb-go-bindings"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/encode"
)

// view points an encode.Vector at DuckDB's memory; nothing is copied but
// UUIDs, whose stored order is not the printed one.
func (c *column) view(v duckdblib.Vector, rows int) encode.Vector {
	out := encode.Vector{Type: c.typ}
	if valid := v.Validity(); valid != nil {
		out.Valid = unsafe.Slice((*uint64)(valid), (rows+63)/64)
	}
	if rows == 0 {
		return out
	}
	if c.labels != nil {
		out.Text = c.enumText(v, rows)
		return out
	}
	switch c.typ.Kind {
	case encode.Null:
		out.Valid = make([]uint64, (rows+63)/64)
	case encode.Text, encode.Blob:
		texts := v.Texts(rows)
		out.Text = func(row int) []byte { return texts[row].Bytes() }
		out.Texts = manyTexts(texts, out.Valid)
	case encode.Bit:
		texts := v.Texts(rows)
		out.Text = func(row int) []byte { return bitText(texts[row].Bytes()) }
	case encode.BigNum:
		texts := v.Texts(rows)
		out.Text = func(row int) []byte { return bigNumText(texts[row].Bytes()) }
	case encode.UUID:
		out.Int128s = flipped(values[encode.Int128Value](v, rows))
	case encode.Int128, encode.Uint128:
		out.Int128s = values[encode.Int128Value](v, rows)
	case encode.Interval:
		out.Intervals = values[encode.IntervalValue](v, rows)
	case encode.Bool:
		out.Bools = values[bool](v, rows)
	case encode.Float32:
		out.Float32s = values[float32](v, rows)
	case encode.Float64:
		out.Float64s = values[float64](v, rows)
	case encode.List, encode.Map:
		child, size := v.ListChild()
		out.Lists = values[encode.ListEntry](v, rows)
		out.Child = c.mapOrElem().viewPtr(child, size)
	case encode.Array:
		out.Child = c.parts[0].viewPtr(v.ArrayChild(), rows*c.typ.Size)
	case encode.Struct:
		for i, part := range c.parts {
			out.Fields = append(out.Fields, part.viewPtr(v.StructChild(i), rows))
		}
	case encode.Union:
		// A union is stored as a struct whose first member is the tag.
		out.Tags = values[uint8](v.StructChild(0), rows)
		for i, part := range c.parts {
			out.Fields = append(out.Fields, part.viewPtr(v.StructChild(i+1), rows))
		}
	default:
		c.integers(v, rows, &out)
	}
	return out
}

// manyTexts appends many texts in one loop: a call for each would take longer
// than the copying.
func manyTexts(texts []duckdblib.Text, valid []uint64) func([]byte, []uint32, int, int, int) ([]byte, bool) {
	return func(dst []byte, ends []uint32, from, to, limit int) ([]byte, bool) {
		start := len(dst)
		for row := from; row < to; row++ {
			if valid == nil || valid[uint(row)>>6]&(1<<(uint(row)&63)) != 0 {
				b := texts[row].Bytes()
				if len(dst)+len(b) > limit {
					return dst, false
				}
				dst = texts[row].AppendTo(dst)
			}
			ends[row-from] = uint32(len(dst) - start) //nolint:gosec // at most limit
		}
		return dst, true
	}
}

func (c *column) viewPtr(v duckdblib.Vector, rows int) *encode.Vector {
	out := c.view(v, rows)
	return &out
}

// mapOrElem is what the child vector of a LIST or MAP holds.
func (c *column) mapOrElem() *column {
	if c.typ.Kind == encode.Map {
		return &column{id: native.TypeStruct, parts: c.parts, typ: &encode.Type{Kind: encode.Struct, Fields: c.typ.Fields}}
	}
	return c.parts[0]
}

// integers views everything that is stored as an integer: numbers, decimals,
// dates and times.
func (c *column) integers(v duckdblib.Vector, rows int, out *encode.Vector) {
	switch c.id {
	case native.TypeTinyInt:
		out.Int8s = values[int8](v, rows)
	case native.TypeSmallInt:
		out.Int16s = values[int16](v, rows)
	case native.TypeInteger, native.TypeDate:
		out.Int32s = values[int32](v, rows)
	case native.TypeUTinyInt:
		out.Uint8s = values[uint8](v, rows)
	case native.TypeUSmallInt:
		out.Uint16s = values[uint16](v, rows)
	case native.TypeUInteger:
		out.Uint32s = values[uint32](v, rows)
	case native.TypeUBigInt, native.TypeTimeTZ:
		out.Uint64s = values[uint64](v, rows)
	case native.TypeHugeInt:
		out.Int128s = values[encode.Int128Value](v, rows)
	default:
		out.Int64s = values[int64](v, rows)
	}
}

// values views a vector's data as a slice.
func values[T any](v duckdblib.Vector, rows int) []T {
	return unsafe.Slice((*T)(v.Data()), rows)
}

func (c *column) enumText(v duckdblib.Vector, rows int) func(int) []byte {
	switch c.id {
	case native.TypeUTinyInt:
		indexes := values[uint8](v, rows)
		return func(row int) []byte { return c.labels[indexes[row]] }
	case native.TypeUSmallInt:
		indexes := values[uint16](v, rows)
		return func(row int) []byte { return c.labels[indexes[row]] }
	default:
		indexes := values[uint32](v, rows)
		return func(row int) []byte { return c.labels[indexes[row]] }
	}
}

// flipped copies UUIDs and turns the top bit, which DuckDB inverts so that
// signed order is the order of the text.
func flipped(stored []encode.Int128Value) []encode.Int128Value {
	out := make([]encode.Int128Value, len(stored))
	for i, u := range stored {
		out[i] = encode.Int128Value{Lo: u.Lo, Hi: u.Hi ^ -1<<63}
	}
	return out
}

// bitText writes a BIT: stored as one byte that counts the unused bits in
// front, then the bits, most significant first.
func bitText(stored []byte) []byte {
	if len(stored) < 2 {
		return nil
	}
	unused := int(stored[0])
	out := make([]byte, 0, (len(stored)-1)*8)
	for i, b := range stored[1:] {
		for bit := 7; bit >= 0; bit-- {
			if i*8+7-bit < unused {
				continue
			}
			out = append(out, '0'+b>>bit&1)
		}
	}
	return out
}
