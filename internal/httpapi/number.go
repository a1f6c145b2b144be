package httpapi

import (
	"errors"
	"strconv"
	"strings"
)

// maxNumber bounds the text of a number in bytes: a double has at most 309
// digits before its point, and whoever writes more digits than this after it
// does not mean a double.
const maxNumber = 320

var errInexact = errors.New("a number that neither int64 nor float64 holds")

// exactNumber turns a JSON number into an int64 if it is written as an integer
// that fits, else into the float64 that has the same digits. A number that
// would change on the way (2^64+1, 0.12345678901234567890, 1e400) is an error,
// because a comparison with it would quietly find other rows.
func exactNumber(text string) (any, error) {
	if len(text) > maxNumber {
		return nil, errInexact
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil { // too large
		return nil, errInexact
	}
	digits := significant(text)
	if digits == "" {
		return f, nil // a zero with a point or an exponent
	}
	// The same number of digits of f must be the same digits.
	back := strconv.FormatFloat(f, 'e', len(digits)-1, 64)
	mantissa, _, _ := strings.Cut(back, "e")
	if onlyDigits(mantissa) != digits {
		return nil, errInexact
	}
	return f, nil
}

// significant is the digits of a number from the first that is not zero. Zeros
// at the end count where they say how large an integer is, not behind a point
// or before an exponent.
func significant(text string) string {
	mantissa, _, scaled := strings.Cut(strings.ToLower(text), "e")
	fraction := strings.Contains(mantissa, ".")
	digits := strings.TrimLeft(onlyDigits(mantissa), "0")
	if fraction || scaled {
		digits = strings.TrimRight(digits, "0")
	}
	return digits
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
