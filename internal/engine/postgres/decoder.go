package postgres

import (
	"errors"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// errWire is a value that is not as its type's binary format says.
var errWire = errors.New("postgres: a value in an unknown form")

// decoder turns values in their binary format into a vector. The bytes given
// to put are borrowed: they are valid until the row has been encoded.
type decoder interface {
	// vector is filled by the others; the pointer stays the same.
	vector() *encode.Vector
	// room makes space for n values, forgetting those there were.
	room(n int)
	put(row int, b []byte) error
	null(row int)
}

// validity is the part that all decoders share.
type validity struct{ vec encode.Vector }

func (v *validity) vector() *encode.Vector { return &v.vec }

func (v *validity) null(row int) { v.vec.Valid[row>>6] &^= 1 << (row & 63) }

func (v *validity) valid(row int) { v.vec.Valid[row>>6] |= 1 << (row & 63) }

func (v *validity) room(n int) { v.vec.Valid = resized(v.vec.Valid, (n+63)/64) }

// resized returns a slice of length n, the same if it is long enough.
func resized[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n)
}

// fixed decodes values of one size.
type fixed[T any] struct {
	validity
	values []T
	size   int
	read   func(b []byte) (T, error)
	attach func(v *encode.Vector, values []T)
}

func newFixed[T any](t *encode.Type, size int, attach func(*encode.Vector, []T), read func([]byte) (T, error)) decoder {
	f := &fixed[T]{size: size, read: read, attach: attach}
	f.vec.Type = t
	return f
}

func (f *fixed[T]) room(n int) {
	f.validity.room(n)
	f.values = resized(f.values, n)
	f.attach(&f.vec, f.values)
}

func (f *fixed[T]) put(row int, b []byte) error {
	if len(b) != f.size {
		return errWire
	}
	v, err := f.read(b)
	f.values[row] = v
	f.valid(row)
	return err
}

// text decodes values into bytes.
type text struct {
	validity
	values  [][]byte
	scratch []byte
	// write appends the text of a value; nil: the value is its own text.
	write func(dst, b []byte) ([]byte, error)
}

func newText(t *encode.Type, write func(dst, b []byte) ([]byte, error)) decoder {
	d := &text{write: write}
	d.vec.Type = t
	d.vec.Text = func(row int) []byte { return d.values[row] }
	return d
}

func (d *text) room(n int) {
	d.validity.room(n)
	d.values = resized(d.values, n)
	d.scratch = d.scratch[:0]
}

func (d *text) put(row int, b []byte) error {
	d.valid(row)
	if d.write == nil {
		d.values[row] = b
		return nil
	}
	if len(d.values) == 1 {
		d.scratch = d.scratch[:0] // a column: what was there is encoded
	}
	start := len(d.scratch)
	var err error
	// Where it grows, the texts before stay where they are.
	if d.scratch, err = d.write(d.scratch, b); err != nil {
		return err
	}
	d.values[row] = d.scratch[start:]
	return nil
}

// either decodes values that are mostly of one kind and now and then a word,
// such as NaN in a column of decimals. It is a union of the two.
type either struct {
	validity
	usual decoder
	words text
	// word returns the word that a value is, nil if it is none.
	word func(b []byte) []byte
}

func newEither(usual decoder, word func(b []byte) []byte) decoder {
	t := usual.vector().Type
	e := &either{usual: usual, word: word}
	e.words.vec.Type = &encode.Type{Kind: encode.Text, Name: t.Name}
	e.words.vec.Text = func(row int) []byte { return e.words.values[row] }
	e.vec.Type = &encode.Type{Kind: encode.Union, Name: t.Name, Fields: []encode.Field{{Type: t}, {Type: e.words.vec.Type}}}
	e.vec.Fields = []*encode.Vector{usual.vector(), e.words.vector()}
	return e
}

func (e *either) room(n int) {
	e.validity.room(n)
	e.vec.Tags = resized(e.vec.Tags, n)
	e.usual.room(n)
	e.words.room(n)
}

func (e *either) put(row int, b []byte) error {
	e.valid(row)
	if w := e.word(b); w != nil {
		e.vec.Tags[row] = 1
		return e.words.put(row, w)
	}
	e.vec.Tags[row] = 0
	return e.usual.put(row, b)
}
