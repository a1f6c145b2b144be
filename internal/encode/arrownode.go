package encode

import "math"

// arrowNode is one field node of a batch: a column or a part of one. It collects rows until a batch
// is written.
type arrowNode interface {
	// count adds the node's field nodes and buffers, parts included.
	count(c *arrowCount)
	// flat reports whether the node has no parts.
	flat() bool
	// nullSize is the size of one row that is NULL, as measure counts it.
	nullSize() int
	// measure takes the size of the rows [from, to) off m, and stops once nothing is left.
	measure(m *arrowMeasure, v *Vector, from, to int)
	// add collects the rows [from, to).
	add(v *Vector, from, to int)
	// addNulls collects n rows that are NULL.
	addNulls(n int)
	// write appends what has been collected.
	write(b *arrowBody)
	// direct appends the rows [from, to) alone. Nothing must have been collected.
	direct(b *arrowBody, v *Vector, from, to int)
	// reset forgets what has been collected.
	reset()
}

// arrowMeasure is how much more a batch may hold. Padding and validity are not counted.
type arrowMeasure struct{ left int }

// take takes n items of some size off and reports whether that was too much.
func (m *arrowMeasure) take(n, size int) bool {
	if size > 0 && n > m.left/size {
		m.left = -1
	} else {
		m.left -= n * size
	}
	return m.left < 0
}

// maxNullSize is more than any row may have, and far from overflowing.
const maxNullSize = math.MaxInt32 + 1

// node returns the node of a type.
func (a *arrowStream) node(t *Type) arrowNode {
	switch t.Kind {
	case Null:
		return &arrowNulls{}
	case Bool:
		return &arrowBools{}
	case Text, Bit, BigNum, Blob:
		return &arrowTexts{owner: a, raw: t.Kind == Blob}
	case Uint128, TimeTZ:
		return &arrowTexts{owner: a, format: plain(t)}
	case List:
		return &arrowLists{owner: a, child: a.node(t.Elem)}
	case Map:
		return &arrowLists{owner: a, child: &arrowStructs{fields: a.members(t.Fields), never: true}}
	case Array:
		return &arrowArrays{child: a.node(t.Elem), rowSize: t.Size}
	case Struct:
		return &arrowStructs{fields: a.members(t.Fields)}
	case Union:
		return &arrowUnions{fields: a.members(t.Fields), counts: make([]uint32, len(t.Fields))}
	default:
		width, put := a.fixed(t)
		return &arrowFixed{width: width, put: put}
	}
}

func (a *arrowStream) members(fields []Field) []arrowNode {
	nodes := make([]arrowNode, len(fields))
	for i := range fields {
		nodes[i] = a.node(fields[i].Type)
	}
	return nodes
}
