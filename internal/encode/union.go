package encode

// union returns the appender of a union: the value of the member that is set, as a column of that
// member's type would show it. value chooses the members' appenders.
func union(members []Field, value func(*Type) appendFunc, null []byte) appendFunc {
	values := make([]appendFunc, len(members))
	for i := range members {
		values[i] = value(members[i].Type)
	}
	return func(dst []byte, v *Vector, row int) []byte {
		tag := v.Tags[row]
		member := v.Fields[tag]
		if member.null(row) {
			return append(dst, null...)
		}
		return values[tag](dst, member, row)
	}
}
