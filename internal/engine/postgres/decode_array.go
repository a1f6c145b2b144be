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
	// levels of member d are the vectors of its d+1 nested lists.
	levels [maxDims][]*encode.Vector
}

// newArray makes a decoder of arrays whose elements leaf decodes. It holds
// one value at a time, which is what a column needs.
func newArray(t *encode.Type, leaf decoder) decoder {
	a := &array{leaf: leaf}
	elem := leaf.vector().Type
	t.Kind = encode.Union
	for d := range maxDims {
		member := &encode.Type{Kind: encode.List, Elem: elem}
		t.Fields = append(t.Fields, encode.Field{Type: member})
		elem = member
		child := leaf.vector()
		for i := d; i >= 0; i-- { // from the innermost out
			child = &encode.Vector{Type: t.Fields[d-i].Type, Child: child}
			a.levels[d] = append(a.levels[d], child)
		}
		a.vec.Fields = append(a.vec.Fields, child)
	}
	a.vec.Type = t
	return a
}

func (a *array) room(n int) {
	if n > 1 {
		panic("postgres: arrays within arrays do not exist")
	}
	a.validity.room(n)
	a.vec.Tags = resized(a.vec.Tags, n)
}

func (a *array) put(row int, b []byte) error {
	a.valid(row)
	const header, dimension = 12, 8 // dimensions, whether there are NULLs, element type; size and lower bound
	if len(b) < header {
		return errWire
	}
	dims := int(int32At(b))
	if dims < 0 || dims > maxDims || len(b) < header+dims*dimension {
		return errWire
	}
	elements := b[header+dims*dimension:]
	most := uint64(len(elements) / 4) // every element takes four bytes at least
	count, sizes := uint64(1), [maxDims]uint64{}
	for d := range dims {
		sizes[d] = uint64(binary.BigEndian.Uint32(b[header+d*dimension:]))
		if count *= sizes[d]; sizes[d] > most || count > most {
			return errWire
		}
	}
	if dims == 0 {
		dims, count = 1, 0
	}
	a.vec.Tags[row] = uint8(dims - 1) //nolint:gosec // at most 5
	lists := uint64(1)
	for d := range dims {
		level := a.levels[dims-1][dims-1-d] // the outermost is the last
		level.Lists = resized(level.Lists, int(lists))
		for i := range lists {
			level.Lists[i] = encode.ListEntry{Offset: i * sizes[d], Length: sizes[d]}
		}
		lists *= sizes[d]
	}
	return a.elements(elements, int(count))
}

func (a *array) elements(b []byte, count int) error {
	a.leaf.room(count)
	for i := range count {
		if len(b) < 4 {
			return errWire
		}
		n := int(int32At(b))
		if b = b[4:]; n == -1 {
			a.leaf.null(i)
			continue
		}
		if n < 0 || n > len(b) {
			return errWire
		}
		if err := a.leaf.put(i, b[:n:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	if len(b) != 0 {
		return errWire
	}
	return nil
}
