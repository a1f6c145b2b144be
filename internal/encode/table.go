package encode

import "math"

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
	dst, _ = t.rows(dst, c, from, to, math.MaxInt)
	return dst
}

// Step implements [Encoder].
func (t *table) Step(dst []byte, c *Chunk, from, to int) ([]byte, int) {
	return t.rows(dst, c, from, to, len(dst)+StepBytes)
}

// rows appends rows until dst is as long as enough, and returns the row after the last one.
func (t *table) rows(dst []byte, c *Chunk, from, to, enough int) ([]byte, int) {
	c.check(len(t.cells), from, to)
	if t.err != nil {
		return dst, to
	}
	row := from
	for ; row < to && len(dst) < enough; row++ {
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
			if len(cell.prefix) == 1 {
				dst = append(dst, cell.prefix[0])
			} else {
				dst = append(dst, cell.prefix...)
			}
			if v.null(row) {
				dst = append(dst, t.null...)
			} else {
				dst = cell.value(dst, v, row)
			}
		}
		dst = append(dst, t.end...)
		if t.budget.exceeded(len(dst)) {
			t.err = ErrRowTooLarge
			return dst[:start], to
		}
	}
	return dst, row
}

// End implements [Encoder] for the formats without a closing mark.
func (t *table) End(dst []byte, _ Summary) []byte { return dst }

// Err implements [Encoder].
func (t *table) Err() error { return t.err }
