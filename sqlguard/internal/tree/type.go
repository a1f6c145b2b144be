package tree

import "strconv"

// maxElements is more elements than any bound on them.
const maxElements = 1 << 30

// Elements is how many values one value of the type holds at least: those of
// its arrays, which are as long as the type says even where the value is NULL,
// multiplied along nested ones, and added over the fields of a struct.
func (t *Type) Elements() int {
	total := 0
	for i := range t.Fields {
		total += t.Fields[i].Type.Elements()
	}
	if t.Elem != nil {
		total += t.Elem.Elements()
	}
	if t.Size != "" { // it costs less to look than to be told that it is no number
		if size, err := strconv.Atoi(t.Size); err == nil && size > 0 {
			total *= min(size, maxElements)
		}
	}
	return max(1, min(total, maxElements))
}

// Holds reports whether the type or one that is nested in it is called name.
func (t *Type) Holds(name string) bool {
	if t.Name == name || t.Elem != nil && t.Elem.Holds(name) {
		return true
	}
	for i := range t.Fields {
		if t.Fields[i].Type.Holds(name) {
			return true
		}
	}
	return false
}
