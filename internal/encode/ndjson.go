package encode

// endKey is the only key of the object that ends an NDJSON answer.
const endKey = "$end"

// ndjson is the encoder of NDJSON.
type ndjson struct {
	table
	marker bool
}

// newNDJSON returns the encoder of NDJSON: each row an object whose keys are the columns' names,
// made unique, since most readers keep only the last of equal keys.
func newNDJSON(cols []Column, o Options) *ndjson {
	b := &budget{}
	t := table{
		first:  []byte("{"),
		next:   []byte("{"),
		end:    []byte("}\n"),
		null:   []byte("null"),
		cells:  make([]cell, len(cols)),
		maxRow: o.MaxRowBytes,
		budget: b,
	}
	// With an end marker its key is taken, so that no row can be mistaken for it.
	names := make([]string, 0, 1+len(cols))
	if o.EndMarker {
		names = append(names, endKey)
	}
	taken := len(names)
	for i := range cols {
		names = append(names, cols[i].Name)
	}
	j := jsonCells{big: o.BigIntegers, budget: b}
	for i, key := range jsonKeys(names)[taken:] {
		if i > 0 {
			key = "," + key
		}
		t.cells[i] = cell{prefix: []byte(key), value: j.value(cols[i].Type)}
	}
	return &ndjson{table: t, marker: o.EndMarker}
}

// End implements [Encoder].
func (n *ndjson) End(dst []byte, s Summary) []byte {
	if !n.marker || n.err != nil {
		return dst
	}
	dst = append(dst, `{"$end":{"status":"complete","rows":`...)
	dst = appendInt(dst, s.Rows)
	dst = append(dst, `,"truncated":`...)
	dst = appendTrueFalse(dst, s.Truncated)
	return append(dst, "}}\n"...)
}

// AppendFailure appends the line that ends an NDJSON answer which broke off in the middle: what
// [Options.EndMarker] gives a whole one, with the rule that ended this one.
func AppendFailure(dst []byte, rule string) []byte {
	dst = append(dst, `{"$end":{"status":"failed","rule":`...)
	dst = appendJSONString(dst, []byte(rule))
	return append(dst, "}}\n"...)
}
