package httpapi

import "strconv"

// shallow reports whether the text opens at most maxDepth brackets within one
// another. It need not be JSON: what it misjudges is refused by the parser.
func shallow(text []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// loneSurrogate reports whether valid JSON has an escape for half a character
// (RFC 8259, section 8.2), which no string can hold.
func loneSurrogate(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++ // a backslash stands only in strings, and never last
		if text[i] != 'u' {
			continue
		}
		first := escapedUnit(text[i-1:])
		i += 4
		switch {
		case 0xDC00 <= first && first <= 0xDFFF:
			return true
		case 0xD800 <= first && first <= 0xDBFF:
			second := escapedUnit(text[i+1:])
			if second < 0xDC00 || second > 0xDFFF {
				return true
			}
			i += 6
		}
	}
	return false
}

// escapedUnit is the UTF-16 unit of an escape such as \u00e9 with which text
// begins, 0 if it does not.
func escapedUnit(text []byte) uint64 {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return 0
	}
	return unit
}
