package encode

import "unicode/utf8"

// appendJSONString appends s as a JSON string (RFC 8259, section 7) in valid UTF-8. Beyond what
// the RFC demands it escapes U+2028 and U+2029, which end a line in some readers, so that an
// NDJSON row is one line to all of them.
func appendJSONString(dst, s []byte) []byte {
	dst = append(dst, '"')
	n := plainPrefix(s, '"', '\\')
	dst = append(dst, s[:n]...)
	if n < len(s) {
		dst = appendJSONEscaped(dst, s[n:])
	}
	return append(dst, '"')
}

// appendJSONEscaped appends the inside of a JSON string.
func appendJSONEscaped(dst, s []byte) []byte {
	for len(s) > 0 {
		switch c := s[0]; {
		case c >= utf8.RuneSelf:
			if len(s) >= 3 && c == 0xE2 && s[1] == 0x80 && s[2]&^1 == 0xA8 { // U+2028 or U+2029
				dst = append(dst, `\u202`...)
				dst = append(dst, hexDigits[s[2]&15])
				s = s[3:]
				continue
			}
			var size int
			dst, size = appendRune(dst, s)
			s = s[size:]
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
			s = s[1:]
		case c < 0x20:
			dst = appendJSONControl(dst, c)
			s = s[1:]
		default:
			n := plainPrefix(s, '"', '\\')
			dst = append(dst, s[:n]...)
			s = s[n:]
		}
	}
	return dst
}

func appendJSONControl(dst []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
