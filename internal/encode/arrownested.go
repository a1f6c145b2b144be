package encode

import "math"

// arrowNulls is the node of a column of NULLs, which has no buffers.
type arrowNulls struct{ n int }

func (z *arrowNulls) count(c *arrowCount) { c.nodes++ }
func (z *arrowNulls) flat() bool          { return true }
func (z *arrowNulls) reset()              { z.n = 0 }

func (z *arrowNulls) nullSize() int { return 1 }

// measure counts a byte a row, so that nothing is without end.
func (z *arrowNulls) measure(m *arrowMeasure, _ *Vector, from, to int) { m.take(to-from, 1) }

func (z *arrowNulls) add(_ *Vector, from, to int) { z.n += to - from }
func (z *arrowNulls) addNulls(n int)              { z.n += n }
func (z *arrowNulls) write(b *arrowBody)          { b.field(z.n, z.n) }

func (z *arrowNulls) direct(b *arrowBody, _ *Vector, from, to int) { b.field(to-from, to-from) }

// arrowBools is the node of booleans, which become bits.
type arrowBools struct {
	validity arrowBitmap
	data     []byte // one byte a row, 0 or 1
}

func (l *arrowBools) count(c *arrowCount) { c.nodes, c.buffers = c.nodes+1, c.buffers+2 }
func (l *arrowBools) flat() bool          { return true }
func (l *arrowBools) reset()              { l.validity.reset(); l.data = l.data[:0] }

func (l *arrowBools) nullSize() int { return 1 }

func (l *arrowBools) measure(m *arrowMeasure, _ *Vector, from, to int) { m.take(to-from, 1) }

func (l *arrowBools) add(v *Vector, from, to int) {
	l.validity.add(v.Valid, from, to)
	for row := from; row < to; row++ {
		bit := byte(0)
		if !v.null(row) && v.Bools[row] {
			bit = 1
		}
		l.data = append(l.data, bit)
	}
}

func (l *arrowBools) addNulls(n int) {
	l.validity.addZeros(n)
	l.data = appendZeros(l.data, n)
}

func (l *arrowBools) write(b *arrowBody) {
	b.valid(&l.validity)
	b.opened()
	b.dst = appendZeros(b.dst, (len(l.data)+7)/8)
	for i, bit := range l.data {
		b.dst[b.open+i/8] |= bit << (i % 8)
	}
	b.closed()
}

func (l *arrowBools) direct(b *arrowBody, v *Vector, from, to int) {
	l.add(v, from, to)
	l.write(b)
	l.reset()
}

// arrowLists is the node of lists and of maps, whose child is a struct.
type arrowLists struct {
	owner    *arrowStream
	child    arrowNode
	validity arrowBitmap
	ends     []uint32
	elements int
}

func (l *arrowLists) count(c *arrowCount) {
	c.nodes, c.buffers = c.nodes+1, c.buffers+2
	l.child.count(c)
}

func (l *arrowLists) flat() bool    { return false }
func (l *arrowLists) nullSize() int { return 4 }

func (l *arrowLists) reset() {
	l.validity.reset()
	l.ends, l.elements = l.ends[:0], 0
	l.child.reset()
}

func (l *arrowLists) measure(m *arrowMeasure, v *Vector, from, to int) {
	if m.take(to-from, 4) {
		return
	}
	l.spans(v, from, to, func(from, to int) bool {
		l.child.measure(m, v.Child, from, to)
		return m.left >= 0
	})
}

func (l *arrowLists) add(v *Vector, from, to int) {
	l.validity.add(v.Valid, from, to)
	for row := from; row < to; row++ {
		if !v.null(row) {
			l.elements += int(v.Lists[row].Length)
		}
		l.ends = append(l.ends, uint32(l.elements))
	}
	if l.elements > math.MaxInt32 {
		l.owner.err = ErrRowTooLarge
		return
	}
	l.spans(v, from, to, func(from, to int) bool {
		l.child.add(v.Child, from, to)
		return true
	})
}

// spans calls f for the elements of the rows, joining those that lie side by side.
func (l *arrowLists) spans(v *Vector, from, to int, f func(from, to int) bool) {
	start, end := 0, 0
	for row := from; row < to; row++ {
		if v.null(row) || v.Lists[row].Length == 0 {
			continue
		}
		e := v.Lists[row]
		if int(e.Offset) != end {
			if start < end && !f(start, end) {
				return
			}
			start = int(e.Offset)
		}
		end = int(e.Offset + e.Length)
	}
	if start < end {
		f(start, end)
	}
}

func (l *arrowLists) addNulls(n int) {
	l.validity.addZeros(n)
	for range n {
		l.ends = append(l.ends, uint32(l.elements))
	}
}

func (l *arrowLists) write(b *arrowBody) {
	b.valid(&l.validity)
	b.opened()
	b.dst = appendOffsets(b.dst, l.ends)
	b.closed()
	l.child.write(b)
}

func (l *arrowLists) direct(b *arrowBody, v *Vector, from, to int) {
	l.add(v, from, to)
	l.write(b)
	l.reset()
}

// arrowArrays is the node of arrays, which all have the same size.
type arrowArrays struct {
	child    arrowNode
	rowSize  int
	validity arrowBitmap
}

func (r *arrowArrays) count(c *arrowCount) {
	c.nodes, c.buffers = c.nodes+1, c.buffers+1
	r.child.count(c)
}

func (r *arrowArrays) flat() bool { return false }
func (r *arrowArrays) nullSize() int {
	return min(r.rowSize*r.child.nullSize()+1, maxNullSize)
}

func (r *arrowArrays) reset() { r.validity.reset(); r.child.reset() }

func (r *arrowArrays) measure(m *arrowMeasure, v *Vector, from, to int) {
	if m.take(to-from, 1) {
		return
	}
	v.runs(from, to, func(from, to int) { r.child.measure(m, v.Child, from*r.rowSize, to*r.rowSize) },
		func(n int) { m.take(n, r.nullSize()) }) // a NULL has elements too
}

func (r *arrowArrays) add(v *Vector, from, to int) {
	r.validity.add(v.Valid, from, to)
	v.runs(from, to, func(from, to int) { r.child.add(v.Child, from*r.rowSize, to*r.rowSize) },
		func(n int) { r.child.addNulls(n * r.rowSize) })
}

func (r *arrowArrays) addNulls(n int) {
	r.validity.addZeros(n)
	r.child.addNulls(n * r.rowSize)
}

func (r *arrowArrays) write(b *arrowBody) {
	b.valid(&r.validity)
	r.child.write(b)
}

func (r *arrowArrays) direct(b *arrowBody, v *Vector, from, to int) {
	r.add(v, from, to)
	r.write(b)
	r.reset()
}
