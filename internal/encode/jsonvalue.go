package encode

// jsonNumberDigits is how many significant decimal digits every double preserves (DBL_DIG). A
// decimal column that is no wider is shown as JSON numbers.
const jsonNumberDigits = 15

// jsonCells chooses appenders of JSON values.
type jsonCells struct {
	big    BigIntegers
	budget *budget
}

// value returns the appender of a type as JSON, to be called for rows that are not NULL.
func (j jsonCells) value(t *Type) appendFunc {
	switch t.Kind {
	case Bool, Int8, Int16, Int32, Uint8, Uint16, Uint32:
		return plain(t)
	case Null:
		return constant("null")
	case Int64, Uint64, Int128, Uint128:
		if j.big == BigIntegersString {
			return quoted(plain(t))
		}
		return safeInteger(t.Kind)
	case Float32, Float64:
		return jsonFloat(t.Kind)
	case Decimal:
		if t.Width <= jsonNumberDigits {
			return plain(t)
		}
		return quoted(plain(t))
	case Text, Bit, BigNum:
		return j.text
	case Blob:
		return quoted(j.budget.base64)
	case List:
		return j.list(t.Elem)
	case Array:
		return j.array(t.Elem, t.Size)
	case Struct:
		return j.structure(t.Fields)
	case Map:
		return j.mapping(t.Fields[0].Type, t.Fields[1].Type)
	case Union:
		return union(t.Fields, j.value, []byte("null"))
	default: // Date, Time, TimeTZ, Timestamp, TimestampTZ, Interval, UUID
		return quoted(plain(t))
	}
}

func (j jsonCells) text(dst []byte, v *Vector, row int) []byte {
	s := v.Text(row)
	if j.budget.exceeded(len(dst) + len(s)) {
		return dst
	}
	return appendJSONString(dst, s)
}
