package postgres

import (
	"encoding/binary"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// maxDims is PostgreSQL's MAXDIM.
const maxDims = 6

// array decodes an array. Its type does not say how many dimensions a value
// has, so the column is a union of lists, lists of lists, and so on.
type array struct {
	validity
	leaf decoder
	// members are the vectors of each member's nested lists, the innermost first.
	members [maxDims][]*encode.Vector
}

// newArray makes a decoder of arrays whose elements leaf decodes.
func newArray(t *encode.Type, leaf decoder) decoder {
	a := &array{leaf: leaf}
	elem := leaf.vector().Type
	t.Kind = encode.Union
	for d := range maxDims {
		member := &encode.Type{Kind: encode.List, Elem: elem}
		t.Fields = append(t.Fields, encode.Field{Type: member})
		elem = member
		child := leaf.vector()
		for i := range d + 1 {
			child = &encode.Vector{Type: t.Fields[i].Type, Child: child}
			a.members[d] = append(a.members[d], child)
		}
		a.vec.Fields = append(a.vec.Fields, child)
	}
	a.vec.Type = t
	return a
}

func (a *array) reset() {
	a.validity.reset()
	a.vec.Tags = a.vec.Tags[:0]
	a.leaf.reset()
	for _, levels := range a.members {
		for _, level := range levels {
			level.Lists = level.Lists[:0]
		}
	}
}

func (a *array) null() {
	a.vec.Tags = append(a.vec.Tags, 0)
	a.validity.null()
}

func (a *array) put(b []byte, limit int) (int, error) {
	const header, dimension = 12, 8 // dimensions, whether there are NULLs, element type; size and lower bound
	if len(b) < header {
		return 0, errWire
	}
	dims := int(int32At(b))
	if dims < 0 || dims > maxDims || len(b) < header+dims*dimension {
		return 0, errWire
	}
	elements := b[header+dims*dimension:]
	most := uint64(len(elements) / 4) // every element takes four bytes at least
	count, sizes := uint64(1), [maxDims]uint64{}
	for d := range dims {
		sizes[d] = uint64(binary.BigEndian.Uint32(b[header+d*dimension:]))
		if count *= sizes[d]; sizes[d] > most || count > most {
			return 0, errWire
		}
	}
	if dims == 0 {
		dims, count = 1, 0
	}
	a.lists(sizes[:dims])
	a.vec.Tags = append(a.vec.Tags, uint8(dims-1)) //nolint:gosec // at most 5
	a.valid()
	return a.elements(elements, int(count), limit)
}

// lists appends a row to the member of as many dimensions: one list, and
// those in it.
func (a *array) lists(sizes []uint64) {
	levels := a.members[len(sizes)-1]
	outer := levels[len(levels)-1]
	for len(outer.Lists) < a.rows { // rows that other members have
		outer.Lists = append(outer.Lists, encode.ListEntry{})
	}
	count := uint64(1)
	for d, size := range sizes {
		inner := len(sizes) - 1 - d
		offset := uint64(a.leaf.count()) //nolint:gosec // never negative
		if inner > 0 {
			offset = uint64(len(levels[inner-1].Lists))
		}
		for range count {
			levels[inner].Lists = append(levels[inner].Lists, encode.ListEntry{Offset: offset, Length: size})
			offset += size
		}
		count *= size
	}
}

func (a *array) elements(b []byte, count, limit int) (int, error) {
	left := limit
	for range count {
		if len(b) < 4 {
			return 0, errWire
		}
		n := int(int32At(b))
		if b = b[4:]; n == -1 {
			a.leaf.null()
			continue
		}
		if n < 0 || n > len(b) {
			return 0, errWire
		}
		texts, err := a.leaf.put(b[:n:n], left)
		if err != nil {
			return 0, err
		}
		left -= texts
		b = b[n:]
	}
	if len(b) != 0 {
		return 0, errWire
	}
	return limit - left, nil
}
