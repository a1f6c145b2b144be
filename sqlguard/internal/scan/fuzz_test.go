package scan

import (
	"strings"
	"testing"
)

// FuzzScan: the scanner never panics, and its tokens with the blanks between
// them are the text, so that no piece of it goes unread.
func FuzzScan(f *testing.F) {
	for _, sql := range []string{
		"", "SELECT 1", "SELECT 'it''s', e'\\'', $$a$$, $t$b$t$, \"a\"\"b\"", "1e+5.5", ".5 a.b $1 ? $x :y", "-- c", "a/*b*/", "a+-b<=>c||d", "'", "\"", "$a$", "e'\\", "SELECT\u00a01", "\xff", "a\x00", "x'ab' b'01' n'c' U&'d'", "'\\' || '", "CASE WHEN a THEN b END ) ] }",
	} {
		f.Add(sql)
	}
	limits := Limits{Tokens: 2_500, Word: 128, Number: 64}
	f.Fuzz(func(t *testing.T, sql string) {
		tokens, err := Scan(sql, limits)
		if err != nil {
			return
		}
		rest := sql
		for _, token := range tokens {
			i := strings.Index(rest, token.Text)
			if token.Text == "" || i < 0 || strings.Trim(rest[:i], " \t\r\n") != "" {
				t.Fatalf("token %q is not next in %q", token.Text, rest)
			}
			rest = rest[i+len(token.Text):]
		}
		if strings.Trim(rest, " \t\r\n") != "" {
			t.Fatalf("%q goes unread", rest)
		}
		if shape := Measure(tokens); shape.Depth < 0 || shape.Depth > len(tokens) || shape.Operators > len(tokens) || shape.Selects > len(tokens) {
			t.Fatalf("shape %+v of %d tokens", shape, len(tokens))
		}
	})
}
