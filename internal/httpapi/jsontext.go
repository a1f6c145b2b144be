package httpapi

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	errNotJSON   = errors.New("the body is not one JSON value")
	errWrongType = errors.New("a member of the body has the wrong type")
	errHalf      = errors.New("the body has half of a surrogate pair")
)

// jsonText reads JSON (RFC 8259) that is known to be UTF-8, from the beginning
// to the end.
type jsonText struct {
	text []byte
	at   int
}

// next is the next byte that is no white space; 0 at the end, and in a text
// that has one there.
func (t *jsonText) next() byte {
	for ; t.at < len(t.text); t.at++ {
		switch c := t.text[t.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take takes c, which is not 0, if it is what comes next.
func (t *jsonText) take(c byte) bool {
	if t.next() != c {
		return false
	}
	t.at++
	return true
}

// atEnd says whether nothing is left but white space.
func (t *jsonText) atEnd() bool {
	t.next()
	return t.at == len(t.text)
}

// string reads a string.
func (t *jsonText) string() (string, error) {
	s, err := t.characters()
	return string(s), err
}

// member reads the name of a member.
func (t *jsonText) member() (member, error) {
	name, err := t.characters()
	return memberOf(name), err
}

// boolean reads true or false.
func (t *jsonText) boolean() (bool, error) {
	switch t.next() {
	case 't':
		return true, t.word("true")
	case 'f':
		return false, t.word("false")
	default:
		return false, errWrongType
	}
}

// characters reads a string. They may be part of the text, not a copy.
func (t *jsonText) characters() ([]byte, error) {
	if t.next() != '"' {
		return nil, errWrongType
	}
	t.at++
	begin := t.at
	for ; t.at < len(t.text); t.at++ {
		switch c := t.text[t.at]; {
		case c == '"':
			t.at++
			return t.text[begin : t.at-1], nil
		case c == '\\':
			return t.escaped(begin)
		case c < ' ':
			return nil, errNotJSON
		}
	}
	return nil, errNotJSON
}

// escaped reads a string from its first escape on. What was read of it before
// began at begin.
func (t *jsonText) escaped(begin int) ([]byte, error) {
	decoded := append([]byte(nil), t.text[begin:t.at]...)
	for t.at < len(t.text) {
		c := t.text[t.at]
		t.at++
		switch {
		case c == '"':
			return decoded, nil
		case c < ' ':
			return nil, errNotJSON
		case c != '\\':
			decoded = append(decoded, c)
		default:
			r, err := t.escape()
			if err != nil {
				return nil, err
			}
			decoded = utf8.AppendRune(decoded, r)
		}
	}
	return nil, errNotJSON
}

// escape reads what follows a backslash.
func (t *jsonText) escape() (rune, error) {
	if t.at == len(t.text) {
		return 0, errNotJSON
	}
	c := t.text[t.at]
	t.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return t.unicode()
	default:
		return 0, errNotJSON
	}
}

// unicode reads the digits of an escape such as \u00e9, and the whole of a
// second one where the first is half a character (RFC 8259, section 7).
func (t *jsonText) unicode() (rune, error) {
	first, ok := t.unit()
	switch {
	case !ok:
		return 0, errNotJSON
	case !utf16.IsSurrogate(first):
		return first, nil
	case t.at+1 >= len(t.text) || t.text[t.at] != '\\' || t.text[t.at+1] != 'u':
		return 0, errHalf
	}
	t.at += 2
	second, ok := t.unit()
	if !ok {
		return 0, errNotJSON
	}
	r := utf16.DecodeRune(first, second)
	if r == utf8.RuneError { // no pair of halves stands for this
		return 0, errHalf
	}
	return r, nil
}

// unit reads four hexadecimal digits.
func (t *jsonText) unit() (rune, bool) {
	if len(t.text)-t.at < 4 {
		return 0, false
	}
	var unit rune
	for _, c := range t.text[t.at : t.at+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		unit = unit<<4 | rune(c)
	}
	t.at += 4
	return unit, true
}

// scalar reads null, a boolean, a number or a string.
func (t *jsonText) scalar() (any, error) {
	switch c := t.next(); {
	case c == '"':
		return t.string()
	case c == '-', '0' <= c && c <= '9':
		return t.number()
	case c == 'n':
		return nil, t.word("null")
	case c == 't':
		return true, t.word("true")
	case c == 'f':
		return false, t.word("false")
	case c == '{', c == '[':
		return nil, errors.New("a parameter is neither null, boolean, number nor string")
	default:
		return nil, errNotJSON
	}
}

// word reads one of JSON's three words.
func (t *jsonText) word(word string) error {
	end := t.at + len(word)
	if end > len(t.text) || string(t.text[t.at:end]) != word {
		return errNotJSON
	}
	t.at = end
	return nil
}

// number reads a number (RFC 8259, section 6).
func (t *jsonText) number() (any, error) {
	begin := t.at
	t.skip('-', '-')
	if !t.skip('0', '0') && !t.digits() {
		return nil, errNotJSON
	}
	if t.skip('.', '.') && !t.digits() {
		return nil, errNotJSON
	}
	if t.skip('e', 'E') {
		t.skip('+', '-')
		if !t.digits() {
			return nil, errNotJSON
		}
	}
	return exactNumber(string(t.text[begin:t.at]))
}

// skip skips one byte that is a or b.
func (t *jsonText) skip(a, b byte) bool {
	if t.at == len(t.text) || t.text[t.at] != a && t.text[t.at] != b {
		return false
	}
	t.at++
	return true
}

// digits skips at least one digit.
func (t *jsonText) digits() bool {
	begin := t.at
	for t.at < len(t.text) && '0' <= t.text[t.at] && t.text[t.at] <= '9' {
		t.at++
	}
	return t.at > begin
}
