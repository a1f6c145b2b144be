package encode

import (
	"encoding/binary"
	"math"
)

// arrowAlign is what the length of every buffer is padded to; the format asks for 8, and arrow-cpp
// writes no more either.
const arrowAlign = 8

// arrowBody appends one record batch: the metadata, whose numbers are filled in along the way, then
// the buffers.
type arrowBody struct {
	dst    []byte
	head   int // where the message begins
	start  int // where its body begins
	open   int // where the buffer that is being appended begins
	limit  int // the length that dst may reach
	over   bool
	m      *arrowMessage
	node   int // where the next field node is
	buffer int // where the next buffer's place is noted
}

func (b *arrowBody) begin(dst []byte, m *arrowMessage, limit int) {
	head := len(dst)
	dst = append(dst, m.bytes...)
	start := len(dst)
	*b = arrowBody{
		dst: dst, head: head, start: start, m: m, node: head + m.nodesAt, buffer: head + m.buffersAt,
		limit: start + min(limit, math.MaxInt/2), // the sum cannot overflow
	}
}

// end completes the batch and lets go of the output.
func (b *arrowBody) end(rows int) []byte {
	dst := b.dst
	binary.LittleEndian.PutUint64(dst[b.head+b.m.rowsAt:], uint64(rows))
	binary.LittleEndian.PutUint64(dst[b.head+b.m.bodySizeAt:], uint64(len(dst)-b.start))
	b.dst = nil
	return dst
}

// field notes the next field node.
func (b *arrowBody) field(rows, nulls int) {
	binary.LittleEndian.PutUint64(b.dst[b.node:], uint64(rows))
	binary.LittleEndian.PutUint64(b.dst[b.node+8:], uint64(nulls))
	b.node += 16
}

// opened begins a buffer.
func (b *arrowBody) opened() { b.open = len(b.dst) }

// closed ends it.
func (b *arrowBody) closed() {
	n := len(b.dst) - b.open
	binary.LittleEndian.PutUint64(b.dst[b.buffer:], uint64(b.open-b.start))
	binary.LittleEndian.PutUint64(b.dst[b.buffer+8:], uint64(n))
	b.buffer += 16
	b.dst = appendZeros(b.dst, -n&(arrowAlign-1))
	b.over = b.over || len(b.dst) > b.limit
}

// bytes appends a whole buffer.
func (b *arrowBody) bytes(p []byte) {
	b.opened()
	b.dst = append(b.dst, p...)
	b.closed()
}

// valid appends a field node and its validity, which is left out where nothing is NULL.
func (b *arrowBody) valid(v *arrowBitmap) {
	b.field(v.n, v.zeros)
	b.opened()
	if v.zeros > 0 {
		for _, w := range v.words {
			b.dst = binary.LittleEndian.AppendUint64(b.dst, w)
		}
		b.dst = b.dst[:b.open+(v.n+7)/8]
	}
	b.closed()
}
