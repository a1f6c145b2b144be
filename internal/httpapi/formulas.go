package httpapi

import "errors"

// CSVFormulas is what becomes of text in a CSV answer that a spreadsheet would
// take for a formula (OWASP, "CSV Injection"). Its zero is none of them.
type CSVFormulas uint8

// What may become of formulas.
const (
	// KeepFormulas leaves every value as it is.
	KeepFormulas CSVFormulas = iota + 1
	// EscapeFormulas puts an apostrophe before what a spreadsheet would
	// calculate, and so changes the value.
	EscapeFormulas
)

// ParseCSVFormulas is the setting of exactly this name: "keep" or "escape". The
// error does not repeat the name, which may be a client's.
func ParseCSVFormulas(name string) (CSVFormulas, error) {
	for _, f := range []CSVFormulas{KeepFormulas, EscapeFormulas} {
		if f.String() == name {
			return f, nil
		}
	}
	return 0, errors.New("httpapi: formulas in CSV can be keep or escape")
}

// String is "keep", "escape" or "invalid".
func (f CSVFormulas) String() string {
	switch f {
	case KeepFormulas:
		return "keep"
	case EscapeFormulas:
		return "escape"
	default:
		return "invalid"
	}
}
