package sqlgen

import "strings"

// spelled writes a statement with another case of its words, or with odd
// blanks, now and then: nothing of it may change its meaning.
func (s *session) spelled(text string) string {
	style := s.rng.IntN(8)
	if style > 3 {
		return text
	}
	list := tokens(text)
	for i, token := range list {
		switch {
		case isWord(token) && style == 0:
			list[i] = strings.ToUpper(token)
		case isWord(token) && style == 1:
			list[i] = strings.ToLower(token)
		case isWord(token) && style == 2:
			list[i] = s.mixed(token)
		case isBlank(token):
			list[i] = pick(s, token, "  ", "\n", "\t ", " \r\n")
		}
	}
	return strings.Join(list, "")
}

func (s *session) mixed(word string) string {
	var b strings.Builder
	for _, r := range word {
		if r < 0x80 && s.one(2, 1) {
			b.WriteString(strings.ToUpper(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
