package encode

import "time"

// jsonDocument is the encoder of JSON.
type jsonDocument struct{ table }

func newJSON(cols []Column, o Options) *jsonDocument {
	b := &budget{}
	t := table{
		first:  []byte(`[`),
		next:   []byte(`,[`),
		end:    []byte(`]`),
		null:   []byte("null"),
		cells:  make([]cell, len(cols)),
		maxRow: o.MaxRowBytes,
		budget: b,
	}
	j := jsonCells{big: o.BigIntegers, budget: b}
	t.header = append(t.header, `{"columns":[`...)
	for i := range cols {
		if i > 0 {
			t.header = append(t.header, ',')
			t.cells[i].prefix = []byte(",")
		}
		t.header = append(t.header, `{"name":`...)
		t.header = appendJSONString(t.header, []byte(cols[i].Name))
		t.header = append(t.header, `,"type":`...)
		t.header = appendJSONString(t.header, []byte(cols[i].Type.Name))
		t.header = append(t.header, '}')
		t.cells[i].value = j.value(cols[i].Type)
	}
	t.header = append(t.header, `],"rows":[`...)
	return &jsonDocument{t}
}

// End implements [Encoder].
func (d *jsonDocument) End(dst []byte, s Summary) []byte {
	if d.err != nil {
		return dst
	}
	dst = append(dst, `],"row_count":`...)
	dst = appendInt(dst, s.Rows)
	dst = append(dst, `,"truncated":`...)
	dst = appendTrueFalse(dst, s.Truncated)
	dst = append(dst, `,"elapsed_ms":`...)
	micros := uint64(max(0, s.Elapsed/time.Microsecond))
	dst = appendUint(dst, micros/1000)
	dst = appendFraction(dst, micros%1000, 3)
	return append(dst, '}')
}
