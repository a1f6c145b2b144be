package encode

import "unicode/utf8"

// tsvCells chooses appenders of TSV cells.
type tsvCells struct{ json jsonCells }

// newTSV returns the encoder of TSV: a header row, lines ended by LF. The media type knows no way
// to write a tab or a line end in a cell, so they are escaped as in PostgreSQL's COPY text format:
// \t, \n, \r, \\, and \N for NULL.
func newTSV(cols []Column, o Options) *table {
	b := &budget{}
	t := &table{
		end:    []byte("\n"),
		null:   []byte(`\N`),
		cells:  make([]cell, len(cols)),
		maxRow: o.MaxRowBytes,
		budget: b,
	}
	c := tsvCells{jsonCells{big: o.BigIntegers, budget: b}}
	for i := range cols {
		if i > 0 {
			t.header = append(t.header, '\t')
			t.cells[i].prefix = []byte("\t")
		}
		t.header = appendTSVText(t.header, []byte(cols[i].Name))
		t.cells[i].value = c.value(cols[i].Type)
	}
	t.header = append(t.header, '\n')
	return t
}

func (c tsvCells) value(t *Type) appendFunc {
	switch t.Kind {
	case Text, Bit, BigNum:
		return c.text
	case Blob:
		return c.json.budget.base64
	case List, Array, Struct, Map:
		f := c.json.value(t) // JSON has no raw tabs and line ends
		return func(dst []byte, v *Vector, row int) []byte {
			start := len(dst)
			return doubleFrom(f(dst, v, row), start, '\\')
		}
	case Null:
		return constant(`\N`)
	case Union:
		return union(t.Fields, c.value, []byte(`\N`))
	default:
		return plain(t)
	}
}

func (c tsvCells) text(dst []byte, v *Vector, row int) []byte {
	s := v.Text(row)
	if c.json.budget.exceeded(len(dst) + len(s)) {
		return dst
	}
	return appendTSVText(dst, s)
}

func appendTSVText(dst, s []byte) []byte {
	for {
		n := plainPrefix(s, '\\', '\\')
		dst = append(dst, s[:n]...)
		if n == len(s) {
			return dst
		}
		s = s[n:]
		size := 1
		switch c := s[0]; {
		case c >= utf8.RuneSelf:
			dst, size = appendRune(dst, s)
		case c == '\\':
			dst = append(dst, `\\`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, c)
		}
		s = s[size:]
	}
}
