package encode

import "fmt"

// table is the part that all formats share: rows of cells. A format fills in what goes between
// them and how each column is appended.
type table struct {
	header []byte // before the first row
	first  []byte // before the first row's first cell
	next   []byte // before every other row's first cell
	end    []byte // after each row
	null   []byte // in place of a NULL
	cells  []cell

	maxRow int
	budget *budget
	begun  bool // a row has been appended
	err    error
}

// cell is how one column is appended.
type cell struct {
	prefix []byte // what goes before the value
	value  appendFunc
}

// Begin implements [Encoder].
func (t *table) Begin(dst []byte) []byte {
	t.begun, t.err = false, nil
	return append(dst, t.header...)
}

// Rows implements [Encoder].
func (t *table) Rows(dst []byte, c *Chunk, from, to int) []byte {
	if len(c.Columns) != len(t.cells) {
		panic(fmt.Sprintf("encode: a chunk of %d columns, where %d were announced", len(c.Columns), len(t.cells)))
	}
	if from < 0 || to > c.Rows {
		panic(fmt.Sprintf("encode: rows %d to %d of a chunk of %d", from, to, c.Rows))
	}
	if t.err != nil {
		return dst
	}
	for row := from; row < to; row++ {
		start := len(dst)
		t.budget.end = start + t.maxRow
		if t.begun {
			dst = append(dst, t.next...)
		} else {
			dst = append(dst, t.first...)
			t.begun = true
		}
		for i := range t.cells {
			cell, v := &t.cells[i], &c.Columns[i]
			dst = append(dst, cell.prefix...)
			if v.null(row) {
				dst = append(dst, t.null...)
			} else {
				dst = cell.value(dst, v, row)
			}
		}
		dst = append(dst, t.end...)
		if t.budget.exceeded(len(dst)) {
			t.err = ErrRowTooLarge
			return dst[:start]
		}
	}
	return dst
}

// End implements [Encoder] for the formats without a closing mark.
func (t *table) End(dst []byte, _ Summary) []byte { return dst }

// Err implements [Encoder].
func (t *table) Err() error { return t.err }
