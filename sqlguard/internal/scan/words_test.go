package scan

import "testing"

func TestWords(t *testing.T) {
	t.Parallel()
	set := WordSet("SET", "COMMIT")
	for _, c := range []struct {
		token  Token
		in, as bool
	}{
		{Token{Kind: Word, Text: "SET"}, true, true},
		{Token{Kind: Word, Text: "set"}, true, true},
		{Token{Kind: Word, Text: "CoMmIt"}, true, true},
		{Token{Kind: Name, Text: "set"}, false, false},
		{Token{Kind: String, Text: "SET"}, false, false},
		{Token{Kind: Word, Text: "sets"}, false, false},
		{Token{Kind: Word, Text: "ſet"}, false, true},
		{Token{Kind: Name, Text: "ſet"}, false, false},
		{Token{Kind: Word, Text: "a_word_of_sixteen"}, false, false},
		{Token{Kind: Word}, false, false},
	} {
		if in, as := c.token.In(set), c.token.MayBeIn(set); in != c.in || as != c.as {
			t.Errorf("%v %q: %v, %v", c.token.Kind, c.token.Text, in, as)
		}
	}
}
