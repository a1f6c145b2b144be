package scan

import "unicode"

// printable refuses control, format and unusual space characters: they make a
// query read differently to a person than to a parser (DuckDB, for one, takes
// every Unicode space for a blank).
func printable(text string) error {
	for _, r := range text {
		if r < unicode.MaxASCII && r >= ' ' {
			continue
		}
		// unicode.IsPrint knows letters, marks, numbers, punctuation, symbols
		// and the ASCII space, which is just what may be seen; of these the
		// variation selectors, the fillers and the braille blank show nothing.
		if !unicode.IsPrint(r) || invisible(r) {
			return ErrEncoding
		}
	}
	return nil
}

// invisible lists characters with a visible category that draw nothing
// (Unicode's Default_Ignorable_Code_Point, and the braille blank).
func invisible(r rune) bool {
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Variation_Selector, r) || r == '\u2800'
}
