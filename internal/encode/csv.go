package encode

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// csvCells chooses appenders of CSV cells.
type csvCells struct {
	json  jsonCells // for nested values
	guard bool
}

// newCSV returns the encoder of CSV (RFC 4180): a header row, lines ended by CRLF, quotes where
// they are needed. NULL is an empty cell, and empty text is a quoted one.
func newCSV(cols []Column, o Options) *table {
	b := &budget{}
	t := &table{
		end:    []byte("\r\n"),
		cells:  make([]cell, len(cols)),
		maxRow: o.MaxRowBytes,
		budget: b,
	}
	c := csvCells{json: jsonCells{big: o.BigIntegers, budget: b}, guard: o.CSVFormulaGuard}
	for i := range cols {
		if i > 0 {
			t.header = append(t.header, ',')
			t.cells[i].prefix = []byte(",")
		}
		t.header = c.appendText(t.header, []byte(cols[i].Name))
		t.cells[i].value = c.value(cols[i].Type)
	}
	t.header = append(t.header, "\r\n"...)
	return t
}

func (c csvCells) value(t *Type) appendFunc {
	switch t.Kind {
	case Text:
		return c.text
	case Bit, BigNum: // the characters 0 to 9, sign, point: nothing to quote, and no formula
		return csvCells{json: c.json}.text
	case Blob:
		if c.guard {
			return c.guardedBlob
		}
		return c.blob
	case List, Array, Struct, Map:
		f := c.json.value(t)
		return func(dst []byte, v *Vector, row int) []byte {
			start := len(dst) + 1
			dst = f(append(dst, '"'), v, row)
			return append(doubleFrom(dst, start, '"'), '"')
		}
	case Null:
		return constant("")
	case Union:
		return union(t.Fields, c.value, nil)
	default:
		return plain(t)
	}
}

func (c csvCells) text(dst []byte, v *Vector, row int) []byte {
	s := v.Text(row)
	if c.json.budget.exceeded(len(dst) + len(s)) {
		return dst
	}
	return c.appendText(dst, s)
}

// blob appends base64, quoted if it is empty, since NULL is an empty cell.
func (c csvCells) blob(dst []byte, v *Vector, row int) []byte {
	start := len(dst)
	dst = c.json.budget.base64(dst, v, row)
	if len(dst) == start {
		return append(dst, `""`...)
	}
	return dst
}

func (c csvCells) appendText(dst, s []byte) []byte {
	if c.guard {
		return appendGuarded(dst, s)
	}
	if !csvMisread(s) {
		n := plainPrefix(s, '"', ',')
		if n == len(s) {
			return append(dst, s...)
		}
		if !bytes.ContainsAny(s[n:], "\",\r\n") {
			return appendCSVValid(dst, s)
		}
	}
	return append(appendCSVValid(append(dst, '"'), s), '"')
}

// csvMisread reports whether s, unquoted, would be taken for something else: for NULL, for text
// without the space at an end of it that many readers trim, or for PostgreSQL's end of data.
func csvMisread(s []byte) bool {
	if len(s) == 0 {
		return true
	}
	first, last := s[0], s[len(s)-1]
	return first == ' ' || first == '\t' || last == ' ' || last == '\t' || string(s) == `\.`
}

// appendCSVValid appends s in valid UTF-8 with its quotation marks doubled.
func appendCSVValid(dst, s []byte) []byte {
	for len(s) > 0 {
		switch c := s[0]; {
		case c >= utf8.RuneSelf:
			var size int
			dst, size = appendRune(dst, s)
			s = s[size:]
		case c == '"':
			dst = append(dst, `""`...)
			s = s[1:]
		case c < 0x20:
			dst = append(dst, c)
			s = s[1:]
		default:
			n := plainPrefix(s, '"', '"')
			dst = append(dst, s[:n]...)
			s = s[n:]
		}
	}
	return dst
}

// doubleFrom doubles every c in dst[start:].
func doubleFrom(dst []byte, start int, c byte) []byte {
	n := bytes.Count(dst[start:], []byte{c})
	if n == 0 {
		return dst
	}
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	for to := len(dst); to > from; { // once they meet, the rest is in place
		from--
		to--
		dst[to] = dst[from]
		if dst[from] == c {
			to--
			dst[to] = c
		}
	}
	return dst
}
