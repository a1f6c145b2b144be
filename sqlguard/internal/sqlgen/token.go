package sqlgen

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokens cuts a text into words, literals, numbers, blanks and single
// characters, whose concatenation it is. It is no scanner of SQL: it must
// only keep most literals whole.
func tokens(text string) []string {
	var list []string
	for text != "" {
		n := tokenLength(text)
		list = append(list, text[:n])
		text = text[n:]
	}
	return list
}

func tokenLength(text string) int {
	first, size := utf8.DecodeRuneInString(text)
	switch {
	case first == '\'' || first == '"':
		return quotedLength(text, size, first, false)
	case (first == 'E' || first == 'e') && strings.HasPrefix(text[1:], "'"):
		return quotedLength(text, 2, '\'', true)
	case (first == 'U' || first == 'u') && (strings.HasPrefix(text[1:], "&'") || strings.HasPrefix(text[1:], "&\"")):
		return quotedLength(text, 3, rune(text[2]), false)
	case first == '$':
		if end := strings.IndexByte(text[1:], '$'); end >= 0 && strings.IndexFunc(text[1:end+1], notWord) < 0 {
			tag := text[:end+2]
			if rest := strings.Index(text[len(tag):], tag); rest >= 0 {
				return len(tag) + rest + len(tag)
			}
		}
		return 1 + wordLength(text[1:])
	case !notWord(first):
		return wordLength(text)
	case unicode.IsSpace(first):
		n := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
		if n < 0 {
			return len(text)
		}
		return n
	default:
		return size
	}
}

func notWord(r rune) bool {
	return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func wordLength(text string) int {
	if n := strings.IndexFunc(text, notWord); n >= 0 {
		return n
	}
	return len(text)
}

func quotedLength(text string, from int, quote rune, escapes bool) int {
	for i := from; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case rune(text[i]) == quote && strings.HasPrefix(text[i+1:], string(quote)):
			i++
		case rune(text[i]) == quote:
			return i + 1
		}
	}
	return len(text)
}

// isWord reports whether a token is a word without quotes.
func isWord(token string) bool {
	first, _ := utf8.DecodeRuneInString(token)
	return (first == '_' || unicode.IsLetter(first)) && !strings.ContainsAny(token, "'\"")
}

func isBlank(token string) bool { return strings.TrimSpace(token) == "" }
