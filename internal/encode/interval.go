package encode

// appendIntervalCell appends an ISO 8601 duration such as P1Y2M3DT4H5M6.7S. Parts that are zero are
// left out, all of them zero is PT0S, and each part has its own sign, since months, days and time
// are independent. Months make years and seconds make hours; days stay days, however many.
func appendIntervalCell(dst []byte, v *Vector, row int) []byte {
	i := v.Intervals[row]
	if i == (IntervalValue{}) {
		return append(dst, "PT0S"...)
	}
	dst = append(dst, 'P')
	dst = appendPart(dst, int64(i.Months/12), 'Y')
	dst = appendPart(dst, int64(i.Months%12), 'M')
	dst = appendPart(dst, int64(i.Days), 'D')
	if i.Micros == 0 {
		return dst
	}
	dst = append(dst, 'T')
	dst = appendPart(dst, i.Micros/3600e6, 'H')
	dst = appendPart(dst, i.Micros/60e6%60, 'M')
	rest := i.Micros % 60e6
	if rest == 0 {
		return dst
	}
	u := uint64(rest)
	if rest < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = appendUint(dst, u/1e6)
	dst = appendFraction(dst, u%1e6, 6)
	return append(dst, 'S')
}

func appendPart(dst []byte, n int64, letter byte) []byte {
	if n == 0 {
		return dst
	}
	return append(appendInt(dst, n), letter)
}
