package encode

import "encoding/binary"

// arrowStructs is the node of structs.
type arrowStructs struct {
	fields   []arrowNode
	never    bool // never NULL: the entries of a map
	validity arrowBitmap
}

func (s *arrowStructs) count(c *arrowCount) {
	c.nodes, c.buffers = c.nodes+1, c.buffers+1
	for _, f := range s.fields {
		f.count(c)
	}
}

func (s *arrowStructs) flat() bool { return false }

func (s *arrowStructs) nullSize() int {
	size := 1
	for _, f := range s.fields {
		size = min(size+f.nullSize(), maxNullSize)
	}
	return size
}

func (s *arrowStructs) reset() {
	s.validity.reset()
	for _, f := range s.fields {
		f.reset()
	}
}

func (s *arrowStructs) measure(m *arrowMeasure, v *Vector, from, to int) {
	if m.take(to-from, 1) {
		return
	}
	s.runs(v, from, to, func(from, to int) {
		for i, f := range s.fields {
			f.measure(m, v.Fields[i], from, to)
		}
	}, func(n int) { m.take(n, s.nullSize()) })
}

// runs is that of the vector, but for the entries of a map.
func (s *arrowStructs) runs(v *Vector, from, to int, valid func(from, to int), null func(n int)) {
	if s.never {
		valid(from, to)
		return
	}
	v.runs(from, to, valid, null)
}

func (s *arrowStructs) add(v *Vector, from, to int) {
	if s.never {
		s.validity.addOnes(to - from)
	} else {
		s.validity.add(v.Valid, from, to)
	}
	s.runs(v, from, to, func(from, to int) {
		for i, f := range s.fields {
			f.add(v.Fields[i], from, to)
		}
	}, func(n int) {
		for _, f := range s.fields {
			f.addNulls(n)
		}
	})
}

func (s *arrowStructs) addNulls(n int) {
	s.validity.addZeros(n)
	for _, f := range s.fields {
		f.addNulls(n)
	}
}

func (s *arrowStructs) write(b *arrowBody) {
	b.valid(&s.validity)
	for _, f := range s.fields {
		f.write(b)
	}
}

func (s *arrowStructs) direct(b *arrowBody, v *Vector, from, to int) {
	s.add(v, from, to)
	s.write(b)
	s.reset()
}

// arrowUnions is the node of unions, in Arrow's dense layout: each member has only its own rows.
// A union has no NULLs of its own there, so that one becomes a NULL of the first member.
type arrowUnions struct {
	fields []arrowNode
	counts []uint32
	tags   []byte
	places []byte
}

func (u *arrowUnions) count(c *arrowCount) {
	c.nodes, c.buffers = c.nodes+1, c.buffers+2
	for _, f := range u.fields {
		f.count(c)
	}
}

func (u *arrowUnions) flat() bool    { return false }
func (u *arrowUnions) nullSize() int { return min(5+u.fields[0].nullSize(), maxNullSize) }

func (u *arrowUnions) reset() {
	clear(u.counts)
	u.tags, u.places = u.tags[:0], u.places[:0]
	for _, f := range u.fields {
		f.reset()
	}
}

func (u *arrowUnions) measure(m *arrowMeasure, v *Vector, from, to int) {
	for row := from; row < to && !m.take(1, 5); row++ {
		if v.null(row) {
			m.take(1, u.fields[0].nullSize())
		} else {
			tag := v.Tags[row]
			u.fields[tag].measure(m, v.Fields[tag], row, row+1)
		}
	}
}

func (u *arrowUnions) add(v *Vector, from, to int) {
	for row := from; row < to; row++ {
		if v.null(row) {
			u.addNulls(1)
			continue
		}
		tag := v.Tags[row]
		u.place(tag)
		u.fields[tag].add(v.Fields[tag], row, row+1)
	}
}

// place notes where in its member the next row is.
func (u *arrowUnions) place(tag uint8) {
	u.tags = append(u.tags, tag)
	u.places = binary.LittleEndian.AppendUint32(u.places, u.counts[tag])
	u.counts[tag]++
}

func (u *arrowUnions) addNulls(n int) {
	for range n {
		u.place(0)
		u.fields[0].addNulls(1)
	}
}

func (u *arrowUnions) write(b *arrowBody) {
	b.field(len(u.tags), 0)
	b.bytes(u.tags)
	b.bytes(u.places)
	for _, f := range u.fields {
		f.write(b)
	}
}

func (u *arrowUnions) direct(b *arrowBody, v *Vector, from, to int) {
	u.add(v, from, to)
	u.write(b)
	u.reset()
}
