package encode

// jsonNull appends null or what f appends.
func jsonNull(dst []byte, f appendFunc, v *Vector, row int) []byte {
	if v.null(row) {
		return append(dst, "null"...)
	}
	return f(dst, v, row)
}

func (j jsonCells) list(elem *Type) appendFunc {
	span := j.span(elem)
	return func(dst []byte, v *Vector, row int) []byte {
		l := v.Lists[row]
		return span(dst, v.Child, int(l.Offset), int(l.Length))
	}
}

func (j jsonCells) array(elem *Type, size int) appendFunc {
	span := j.span(elem)
	return func(dst []byte, v *Vector, row int) []byte {
		return span(dst, v.Child, row*size, size)
	}
}

// span returns a function that appends some rows of a child vector as a JSON array.
func (j jsonCells) span(elem *Type) func(dst []byte, child *Vector, from, n int) []byte {
	f := j.value(elem)
	return func(dst []byte, child *Vector, from, n int) []byte {
		dst = append(dst, '[')
		for i := from; i < from+n; i++ {
			if j.budget.exceeded(len(dst)) {
				return dst
			}
			if i > from {
				dst = append(dst, ',')
			}
			dst = jsonNull(dst, f, child, i)
		}
		return append(dst, ']')
	}
}

// structure returns the appender of a struct: an object, or an array if no field has a name, as in
// SQL's row(1, 2).
func (j jsonCells) structure(fields []Field) appendFunc {
	names := make([]string, len(fields))
	values := make([]appendFunc, len(fields))
	named := false
	for i := range fields {
		names[i] = fields[i].Name
		values[i] = j.value(fields[i].Type)
		named = named || names[i] != ""
	}
	prefixes := make([]string, len(fields))
	opening, closing := "[", byte(']')
	if named {
		opening, closing = "{", '}'
		prefixes = jsonKeys(names)
	}
	for i := range prefixes {
		if i == 0 {
			prefixes[i] = opening + prefixes[i]
		} else {
			prefixes[i] = "," + prefixes[i]
		}
	}
	return func(dst []byte, v *Vector, row int) []byte {
		for i, f := range values {
			dst = append(dst, prefixes[i]...)
			dst = jsonNull(dst, f, v.Fields[i], row)
		}
		return append(dst, closing)
	}
}

// jsonKeys returns the names as keys of one JSON object, each with its colon.
func jsonKeys(names []string) []string {
	keys := uniqueNames(names)
	for i := range keys {
		keys[i] = string(append(appendJSONString(nil, []byte(keys[i])), ':'))
	}
	return keys
}

// mapping returns the appender of a map: an array of {"key":…,"value":…}, since keys are not
// always text and their order means something.
func (j jsonCells) mapping(key, value *Type) appendFunc {
	k, val := j.value(key), j.value(value)
	return func(dst []byte, v *Vector, row int) []byte {
		l, entries := v.Lists[row], v.Child
		from, to := int(l.Offset), int(l.Offset+l.Length)
		dst = append(dst, '[')
		for i := from; i < to; i++ {
			if j.budget.exceeded(len(dst)) {
				return dst
			}
			if i > from {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"key":`...)
			dst = jsonNull(dst, k, entries.Fields[0], i)
			dst = append(dst, `,"value":`...)
			dst = jsonNull(dst, val, entries.Fields[1], i)
			dst = append(dst, '}')
		}
		return append(dst, ']')
	}
}
