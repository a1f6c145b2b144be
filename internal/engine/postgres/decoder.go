package postgres

import (
	"errors"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// errWire is a value that is not as its type's binary format says.
var errWire = errors.New("postgres: a value in an unknown form")

// errLong is a row whose texts alone are longer than a row may be.
var errLong = errors.New("postgres: a row is too long")

// decoder collects values in their binary format into a vector.
type decoder interface {
	// vector is filled by the others; the pointer stays the same.
	vector() *encode.Vector
	// reset forgets the values there are, and keeps their room.
	reset()
	// put appends a value, of which it keeps nothing but copies. Text of more
	// than limit bytes is errLong: a few bytes can stand for a text that fills
	// the memory. n is how long the text is, 0 for values without one.
	put(b []byte, limit int) (n int, err error)
	null()
	// count is how many values there are.
	count() int
}

// validity is the part that all decoders share.
type validity struct {
	vec  encode.Vector
	rows int
	bits []uint64 // room for vec.Valid, which is nil as long as nothing is NULL
}

func (v *validity) vector() *encode.Vector { return &v.vec }

func (v *validity) count() int { return v.rows }

func (v *validity) reset() {
	if v.vec.Valid != nil {
		v.bits = v.vec.Valid
	}
	v.rows, v.vec.Valid = 0, nil
}

func (v *validity) null() {
	if v.vec.Valid == nil {
		words := v.bits[:0]
		for range v.rows >> 6 {
			words = append(words, ^uint64(0))
		}
		if rest := v.rows & 63; rest > 0 {
			words = append(words, 1<<rest-1)
		}
		v.vec.Valid = words
	}
	v.push(0)
}

func (v *validity) valid() {
	if v.vec.Valid == nil {
		v.rows++
		return
	}
	v.push(1)
}

func (v *validity) push(bit uint64) {
	if v.rows&63 == 0 {
		v.vec.Valid = append(v.vec.Valid, 0)
	}
	v.vec.Valid[v.rows>>6] |= bit << (v.rows & 63)
	v.rows++
}

// fixed decodes values of one size.
type fixed[T any] struct {
	validity
	values *[]T // in vec
	size   int
	read   func(b []byte) (T, error)
}

func newFixed[T any](t *encode.Type, size int, values func(*encode.Vector) *[]T, read func([]byte) (T, error)) decoder {
	f := &fixed[T]{size: size, read: read}
	f.vec.Type = t
	f.values = values(&f.vec)
	return f
}

func (f *fixed[T]) reset() {
	f.validity.reset()
	*f.values = (*f.values)[:0]
}

func (f *fixed[T]) put(b []byte, _ int) (int, error) {
	if len(b) != f.size {
		return 0, errWire
	}
	v, err := f.read(b)
	*f.values = append(*f.values, v)
	f.valid()
	return 0, err
}

func (f *fixed[T]) null() {
	var none T
	*f.values = append(*f.values, none)
	f.validity.null()
}

// text decodes values into bytes.
type text struct {
	validity
	data []byte // of all rows
	ends []int  // of each row's, in data
	// write appends the text of a value; nil: the value is its own text. It
	// heeds the limit if one value can make megabytes of text.
	write func(dst, b []byte, limit int) ([]byte, error)
}

func newText(t *encode.Type, write func(dst, b []byte, limit int) ([]byte, error)) decoder {
	d := &text{write: write}
	d.vec.Type = t
	d.vec.Text, d.vec.Texts = d.row, d.appendRows
	return d
}

func (d *text) reset() {
	d.validity.reset()
	d.data, d.ends = d.data[:0], d.ends[:0]
}

// begin is where a row's text begins.
func (d *text) begin(row int) int {
	if row == 0 {
		return 0
	}
	return d.ends[row-1]
}

func (d *text) row(row int) []byte { return d.data[d.begin(row):d.ends[row]] }

// appendRows is the vector's Texts: all rows lie side by side.
func (d *text) appendRows(dst []byte, ends []uint32, from, to, limit int) ([]byte, bool) {
	if from == to {
		return dst, true
	}
	begin, end := d.begin(from), d.ends[to-1]
	if end-begin > limit-len(dst) {
		return dst, false
	}
	for i, e := range d.ends[from:to] {
		ends[i] = uint32(e - begin) //nolint:gosec // less than the limit of dst, whose offsets have 32 bits
	}
	return append(dst, d.data[begin:end]...), true
}

func (d *text) put(b []byte, limit int) (int, error) {
	n := len(b)
	if d.write == nil {
		if n > limit {
			return 0, errLong
		}
		d.data = append(d.data, b...)
	} else {
		start := len(d.data)
		var err error
		if d.data, err = d.write(d.data, b, limit); err != nil {
			return 0, err
		}
		if n = len(d.data) - start; n > limit {
			return 0, errLong
		}
	}
	d.ends = append(d.ends, len(d.data))
	d.valid()
	return n, nil
}

func (d *text) null() {
	d.ends = append(d.ends, len(d.data))
	d.validity.null()
}

// either decodes values that are mostly of one kind and now and then a word,
// such as NaN in a column of decimals. It is a union of the two.
type either struct {
	validity
	usual decoder
	words decoder
	// word returns the word that a value is, nil if it is none.
	word func(b []byte) []byte
}

func newEither(usual decoder, word func(b []byte) []byte) decoder {
	t := usual.vector().Type
	e := &either{usual: usual, words: newPlain(&encode.Type{Kind: encode.Text, Name: t.Name}), word: word}
	e.vec.Type = &encode.Type{Kind: encode.Union, Name: t.Name, Fields: []encode.Field{{Type: t}, {Type: e.words.vector().Type}}}
	e.vec.Fields = []*encode.Vector{usual.vector(), e.words.vector()}
	return e
}

func (e *either) reset() {
	e.validity.reset()
	e.vec.Tags = e.vec.Tags[:0]
	e.usual.reset()
	e.words.reset()
}

func (e *either) put(b []byte, limit int) (int, error) {
	row := e.rows
	e.valid()
	if w := e.word(b); w != nil {
		e.vec.Tags = append(e.vec.Tags, 1)
		return putAt(e.words, row, w, limit)
	}
	e.vec.Tags = append(e.vec.Tags, 0)
	return putAt(e.usual, row, b, limit)
}

// putAt puts a value of a union's member where the union has its row. What is
// between belongs to other members, and nobody asks the member for it.
func putAt(member decoder, row int, b []byte, limit int) (int, error) {
	for range row - member.count() {
		member.null()
	}
	return member.put(b, limit)
}

func (e *either) null() {
	e.validity.null()
	e.vec.Tags = append(e.vec.Tags, 0)
}
