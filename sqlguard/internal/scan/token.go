package scan

// Kind classes a token.
type Kind uint8

// The kinds of token.
const (
	Word   Kind = iota // keyword or unquoted identifier
	Name               // "identifier", or a word that can be nothing else: after a dot or AS
	String             // any string literal: '…', E'…', $tag$…$tag$
	Number
	Operator // one punctuation character or a run of operator characters
	Param    // ?, $1, $name, :name
	Comment  // -- … or /* …
)

// Token is one token; Text is a piece of the input.
type Token struct {
	Kind Kind
	Text string
	At   int // where it begins in the input, in bytes
}

// Is reports whether the token is the given upper-case word, and may be
// a keyword.
func (t Token) Is(word string) bool {
	if t.Kind != Word || len(t.Text) != len(word) {
		return false
	}
	for i := range len(word) {
		c := t.Text[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}

func (t Token) isDot() bool { return t.Kind == Operator && t.Text == "." }
