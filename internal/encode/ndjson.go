package encode

// newNDJSON returns the encoder of NDJSON: each row an object whose keys are the columns' names,
// made unique, since most readers keep only the last of equal keys.
func newNDJSON(cols []Column, o Options) *table {
	b := &budget{}
	t := &table{
		first:  []byte("{"),
		next:   []byte("{"),
		end:    []byte("}\n"),
		null:   []byte("null"),
		cells:  make([]cell, len(cols)),
		maxRow: o.MaxRowBytes,
		budget: b,
	}
	names := make([]string, len(cols))
	for i := range cols {
		names[i] = cols[i].Name
	}
	j := jsonCells{big: o.BigIntegers, budget: b}
	for i, key := range jsonKeys(names) {
		if i > 0 {
			key = "," + key
		}
		t.cells[i] = cell{prefix: []byte(key), value: j.value(cols[i].Type)}
	}
	return t
}
