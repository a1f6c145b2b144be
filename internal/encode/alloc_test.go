package encode_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
)

// TestRowsDoNotAllocate runs every value of the tables through every format, in a buffer that is
// large enough: no kind may cost an allocation. It cannot be parallel, since it counts them.
func TestRowsDoNotAllocate(t *testing.T) {
	cases := append(append(scalarCases[:len(scalarCases):len(scalarCases)], timeCases...), nestedCases...)
	var cols []encode.Column
	c := &encode.Chunk{Rows: 1}
	for _, v := range cases {
		cols = append(cols, encode.Column{Name: v.name, Type: v.typ})
		c.Columns = append(c.Columns, withoutCopies(v.vec))
	}
	for _, f := range formats {
		for _, guard := range []bool{false, true} {
			enc := mustNew(t, f, cols, encode.Options{CSVFormulaGuard: guard})
			buf := enc.Rows(enc.Begin(nil), c, 0, 1)
			buf = append(buf, make([]byte, 1024)...)
			n := testing.AllocsPerRun(100, func() {
				buf = enc.Begin(buf[:0])
				buf = enc.Rows(buf, c, 0, 1)
				buf = enc.End(buf, encode.Summary{Rows: 1})
			})
			if n != 0 {
				t.Errorf("%v, guard %v: %v allocations", f, guard, n)
			}
		}
	}
}

// TestArrowDoesNotAllocate: a batch costs nothing but its bytes, whether it is written at once or collected.
func TestArrowDoesNotAllocate(t *testing.T) {
	cols, c := flights(true)
	for name, step := range map[string]int{"at once": c.Rows, "collected": 100, "single": 1} {
		enc := mustNew(t, encode.Arrow, cols, encode.Options{})
		c.Columns[4].Text = func(int) []byte { return nil }
		if step < c.Rows {
			c.Columns[3].Texts, c.Columns[4].Texts = nil, nil
		}
		var buf []byte
		batch := func() {
			buf = buf[:0]
			for from := 0; from < c.Rows; from += step {
				buf = enc.Rows(buf, c, from, min(from+step, c.Rows))
			}
		}
		batch()
		if n := testing.AllocsPerRun(10, batch); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// withoutCopies replaces the Text functions of the tables, which allocate, by one that does not.
func withoutCopies(v encode.Vector) encode.Vector {
	if v.Text != nil && v.Valid == nil {
		s := v.Text(0)
		v.Text = func(int) []byte { return s }
	} else if v.Text != nil {
		v.Text = func(int) []byte { return nil }
	}
	if v.Child != nil {
		v.Child = ptr(withoutCopies(*v.Child))
	}
	fields := make([]*encode.Vector, len(v.Fields))
	for i, f := range v.Fields {
		fields[i] = ptr(withoutCopies(*f))
	}
	v.Fields = fields
	return v
}
