package encode

// appendFunc appends the value of one row, which is not NULL. It is chosen once per column.
type appendFunc func(dst []byte, v *Vector, row int) []byte

// quoted puts quotation marks around what f appends, which must need no escapes.
func quoted(f appendFunc) appendFunc {
	return func(dst []byte, v *Vector, row int) []byte {
		return append(f(append(dst, '"'), v, row), '"')
	}
}

// plain returns the appender of a kind whose text is the same in every format: all but text,
// bytes and what has parts. Its output is printable ASCII without quotation mark, backslash,
// comma and space. For other kinds it returns nil.
func plain(t *Type) appendFunc {
	switch t.Kind {
	case Bool:
		return appendBool
	case Int8, Int16, Int32, Int64, Int128, Uint8, Uint16, Uint32, Uint64, Uint128:
		return integer(t.Kind)
	case Float32, Float64:
		return float(t.Kind)
	case Decimal:
		return decimal(t.Scale)
	case UUID:
		return appendUUID
	case Date:
		return appendDateCell
	case Time:
		return timeOfDay(t.Unit)
	case TimeTZ:
		return appendTimeTZ
	case Timestamp:
		return timestamp(t.Unit, false)
	case TimestampTZ:
		return timestamp(t.Unit, true)
	case Interval:
		return appendIntervalCell
	}
	return nil
}

func appendBool(dst []byte, v *Vector, row int) []byte {
	return appendTrueFalse(dst, v.Bools[row])
}

func appendTrueFalse(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// constant returns the appender of a column of NULLs, whose vectors need not say so.
func constant(null string) appendFunc {
	return func(dst []byte, _ *Vector, _ int) []byte { return append(dst, null...) }
}
