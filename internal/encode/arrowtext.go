package encode

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"
)

// arrowTexts is the node of text and bytes: offsets, and all values in one piece.
type arrowTexts struct {
	owner    *arrowStream
	raw      bool       // bytes, which need not be UTF-8
	format   appendFunc // of values that are no text, but become it
	validity arrowBitmap
	ends     []uint32 // of each row collected
	data     []byte
}

// formattedBytes is at least the length of what any format appends.
const formattedBytes = 48

func (t *arrowTexts) count(c *arrowCount) { c.nodes, c.buffers = c.nodes+1, c.buffers+3 }
func (t *arrowTexts) flat() bool          { return true }

func (t *arrowTexts) nullSize() int { return 4 }

func (t *arrowTexts) reset() {
	t.validity.reset()
	t.ends, t.data = t.ends[:0], t.data[:0]
}

func (t *arrowTexts) measure(m *arrowMeasure, v *Vector, from, to int) {
	if m.take(to-from, 4) {
		return
	}
	for row := from; row < to; row++ {
		n := formattedBytes
		if v.null(row) {
			continue
		} else if t.format == nil {
			n = len(v.Text(row))
		}
		if m.take(1, n) {
			return
		}
	}
}

func (t *arrowTexts) add(v *Vector, from, to int) {
	t.validity.add(v.Valid, from, to)
	first, base := len(t.ends), len(t.data)
	t.data, _ = t.texts(t.data, v, from, to, math.MaxInt)
	for i := first; i < len(t.ends); i++ {
		t.ends[i] += uint32(base)
	}
	t.check(len(t.data))
}

// check ends an answer whose text has become too long for offsets. Only repaired text can.
func (t *arrowTexts) check(n int) {
	if n > math.MaxInt32 {
		t.owner.err = ErrRowTooLarge
	}
}

func (t *arrowTexts) addNulls(n int) {
	t.validity.addZeros(n)
	for range n {
		t.ends = append(t.ends, uint32(len(t.data)))
	}
}

func (t *arrowTexts) write(b *arrowBody) {
	b.valid(&t.validity)
	b.opened()
	b.dst = appendOffsets(b.dst, t.ends)
	b.closed()
	b.bytes(t.data)
}

func (t *arrowTexts) direct(b *arrowBody, v *Vector, from, to int) {
	t.validity.add(v.Valid, from, to)
	b.valid(&t.validity)
	b.opened()
	b.dst = appendZeros(b.dst, 4*(to-from+1))
	offsets := b.open
	b.closed()
	b.opened()
	var ok bool
	b.dst, ok = t.texts(b.dst, v, from, to, b.limit)
	if ok {
		copy32(b.dst[offsets+4:], t.ends)
	}
	t.check(len(b.dst) - b.open)
	b.closed()
	b.over = b.over || !ok
	t.reset()
}

// texts appends the texts of the rows [from, to) to dst, in valid UTF-8, and to t.ends where each
// ends, from the first on. It gives up, and reports false, where dst would pass limit.
func (t *arrowTexts) texts(dst []byte, v *Vector, from, to, limit int) ([]byte, bool) {
	start, first := len(dst), len(t.ends)
	n := to - from
	t.ends = slices.Grow(t.ends, n)[:first+n]
	ends := t.ends[first:]
	if v.Texts != nil && t.format == nil {
		var ok bool
		if dst, ok = v.Texts(dst, ends, from, to, limit); !ok {
			return dst, false
		}
	} else {
		for row := from; row < to; row++ {
			switch {
			case v.null(row):
			case t.format != nil:
				dst = t.format(dst, v, row)
			default:
				s := v.Text(row)
				if len(s) > limit-len(dst) {
					return dst, false
				}
				dst = append(dst, s...)
			}
			ends[row-from] = uint32(len(dst) - start)
		}
	}
	if !t.raw && !validTexts(dst[start:], ends) {
		dst = repairTexts(dst, start, ends)
	}
	return dst, true
}

// validTexts reports whether each of the texts of which s consists is UTF-8: s is, and none of them
// begins within a character.
func validTexts(s []byte, ends []uint32) bool {
	i := asciiPrefix(s)
	if i == len(s) {
		return true
	}
	if !utf8.Valid(s[i:]) {
		return false
	}
	for _, end := range ends {
		if int(end) < len(s) && !utf8.RuneStart(s[end]) {
			return false
		}
	}
	return true
}

// asciiPrefix returns how many bytes at the start of s are ASCII.
func asciiPrefix(s []byte) int {
	i := 0
	for ; i <= len(s)-32; i += 32 {
		b := s[i : i+32]
		w := binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) |
			binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if w&highBits != 0 {
			break
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

// repairTexts replaces, in the texts from dst[start:] on, each byte that is part of no character.
func repairTexts(dst []byte, start int, ends []uint32) []byte {
	broken := append([]byte(nil), dst[start:]...)
	dst = dst[:start]
	from := 0
	for i, end := range ends {
		for s := broken[from:end]; len(s) > 0; {
			n := asciiPrefix(s)
			dst, s = append(dst, s[:n]...), s[n:]
			if len(s) > 0 {
				dst, n = appendRune(dst, s)
				s = s[n:]
			}
		}
		from, ends[i] = int(end), uint32(len(dst)-start)
	}
	return dst
}

// appendOffsets appends where rows begin, and where the last one ends.
func appendOffsets(dst []byte, ends []uint32) []byte {
	dst, room := grown(dst, 4*(len(ends)+1))
	clear(room[:4])
	copy32(room[4:], ends)
	return dst
}
