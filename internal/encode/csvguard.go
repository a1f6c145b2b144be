package encode

import "bytes"

// formulaStarts are the characters at which a spreadsheet may begin to read a formula: those of
// OWASP's "CSV Injection", the full-width forms that East Asian locales take for them, and NUL,
// which the OWASP Application Security Verification Standard 5.0 adds (1.2.10).
var formulaStarts = [][]byte{
	[]byte("="), []byte("+"), []byte("-"), []byte("@"), []byte("\t"), []byte("\r"), []byte("\n"), []byte("\x00"),
	[]byte("＝"), []byte("＋"), []byte("－"), []byte("＠"),
}

// appendGuarded appends s quoted, so that a spreadsheet which separates cells by another character
// finds none in it, and behind an apostrophe if it could be taken for a formula. Leading spaces are
// looked past, since some spreadsheets trim them.
func appendGuarded(dst, s []byte) []byte {
	dst = append(dst, '"')
	start := bytes.TrimLeft(s, " ")
	for _, f := range formulaStarts {
		if bytes.HasPrefix(start, f) {
			dst = append(dst, '\'')
			break
		}
	}
	return append(appendCSVValid(dst, s), '"')
}

// guardedBlob appends base64, which may begin with a plus sign, behind an apostrophe if it does.
func (c csvCells) guardedBlob(dst []byte, v *Vector, row int) []byte {
	start := len(dst) + 2
	dst = c.json.budget.base64(append(dst, `"'`...), v, row)
	if len(dst) > start && dst[start] == '+' {
		return append(dst, '"')
	}
	copy(dst[start-1:], dst[start:])
	dst[len(dst)-1] = '"'
	return dst
}
