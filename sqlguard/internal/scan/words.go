package scan

import (
	"strings"
	"unicode/utf8"
)

// Words is a set of upper-case words, none longer than longestWord.
type Words map[string]bool

// longestWord is longer than any word that is looked up.
const longestWord = 16

// WordSet makes a set.
func WordSet(list ...string) Words {
	set := make(Words, len(list))
	for _, w := range list {
		set[w] = true
	}
	return set
}

// In reports whether the token is an unquoted word of the set.
func (t Token) In(set Words) bool { return lookUp(t, set) }

// MayBeIn is In by any rule of Unicode: ſ is taken for an S, which no engine does.
func (t Token) MayBeIn(set Words) bool {
	return t.In(set) || t.Kind == Word && strings.ContainsFunc(t.Text, beyondASCII) && set[strings.ToUpper(t.Text)]
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

// lookUp finds an unquoted word, in whatever case, without making a string of
// it.
func lookUp[M ~map[string]V, V any](t Token, known M) (found V) {
	if t.Kind != Word || len(t.Text) >= longestWord {
		return found
	}
	var upper [longestWord]byte
	for i := range len(t.Text) {
		c := t.Text[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	return known[string(upper[:len(t.Text)])]
}
