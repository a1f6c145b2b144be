package duckdb

import (
	"strings"
	"testing"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/scan"
)

// fragments are pieces of SQL where scanners disagree: what begins or ends a
// literal, a name, a number or a comment.
var fragments = []string{
	",", "'", "E'", "e'", "x'", "b'", "N'", "U&'", "\\", "\\'", "''", "\n", "'\n'", "'\n", "\n'", "\r", "\t", " ", "\"", "\"\"", "U&\"",
	"$", "$$", "$a$", "$1", "$é$", "?", "?1", ":", ":a", "::text", "1", "0x", "0b", "1.", ".5", "1e", "1e5", "1_", "e", "E", "x", "a", "é", "_",
	"as ", " as ", ".", "..", "-", "+", "*", "/", "--", "/*", "*/", "#", "@", "||", "<", "=", "!", "~", "%", "^", "`", "{", "}", "[", "]", "(", ")", ";", "''''", "\u00a0",
}

// script writes fragments by their numbers.
func script(picks []byte) string {
	var b strings.Builder
	for _, p := range picks {
		b.WriteString(fragments[int(p)%len(fragments)])
	}
	return b.String()
}

// picked is the numbers of fragments, for seeds.
func picked(t testing.TB, pieces ...string) []byte {
	t.Helper()
	var picks []byte
	for _, piece := range pieces {
		found := false
		for i, f := range fragments {
			if f == piece {
				picks, found = append(picks, byte(i)), true
				break
			}
		}
		if !found {
			t.Fatalf("no fragment %q", piece)
		}
	}
	return picks
}

// FuzzScannerAgreesWithDuckDB: where the guard's scanner sees the commas of a
// SELECT list, DuckDB sees them too. A comma that only one of them sees is in
// a literal or comment to the other, and what stands there goes unread.
func FuzzScannerAgreesWithDuckDB(f *testing.F) {
	for _, sql := range []string{
		"1e--'\n, 2 AS z, 1e--'\n", "0xe-- comment\n", "1a$$, 2 AS hidden, 1b$$", "E'a'\n'\\'', 5, E'a'\n'\\''", "1, 'a''b', \"c\"\"d\", $$e$$, $t$f$t$", "x'00', b'01', n'a'",
		"$1, ?, $1a", "a, .5, 1., 1.5e+5, 1_000", "a -> 'b', a || 'c', - -1", "'\\', 2, '\\'", "e'\\', 2, '", "U&'a', 1", "{'a': 1}, [1, 2], (1)", "1 AS \"a, b\", 'c, d'",
		"$a$, 1, $b$, $a$, 2", "a.b, a . c, 'x'.upper()", "1..2, 3", "?1, 2", "a::text, 'b'::int", "0b1, 0o7", "1e5e'\\', 2, 1e5e'\\'", "a$$, 2, b$$", "é$$, 2, é$$", "$é$, 2, $é$",
	} {
		f.Add([]byte{}, sql)
	}
	f.Add(picked(f, "1", ",", "E'", "\\'", "'", "\n", "'", ",", "'"), "")
	f.Add(picked(f, "1e", "--", "'", "\n", ",", "1e", "--", "'", "\n"), "")
	f.Add(picked(f, "1", "a", "$$", ",", "1", "a", "$$"), "")
	in, err := openInstance()
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(in.close)
	f.Fuzz(func(t *testing.T, picks []byte, text string) {
		if len(picks) > 40 || len(text) > 200 {
			return
		}
		sql := "SELECT " + script(picks) + text
		commas, plain := commasOf(sql)
		if !plain {
			return
		}
		answer, err := in.serialize(sql)
		if err != nil {
			t.Fatalf("%q: %v", sql, err)
		}
		document, err := fastjson.ParseBytes(answer)
		if err != nil || document.GetBool("error") {
			return // 1e999 is written as Infinity, which is no JSON
		}
		// A comma may stand after the last of the list.
		items := len(document.GetArray("statements", "0", "node", "select_list"))
		if items != commas+1 && items != commas {
			t.Errorf("%q: DuckDB sees %d expressions, the scanner %d commas", sql, items, commas)
		}
		if n := len(document.GetArray("statements")); n != 1 {
			t.Errorf("%q: %d statements of a text without a semicolon", sql, n)
		}
	})
}

// commasOf counts the commas outside brackets. Not plain is what the scanner
// or the text layers refuse, and words that begin another clause.
func commasOf(sql string) (commas int, plain bool) {
	tokens, err := scan.Scan(sql, scan.Limits{Tokens: 1_000, Word: 128, Number: 64})
	if err != nil {
		return 0, false
	}
	depth := 0
	for i, token := range tokens {
		switch {
		case token.Kind == scan.Comment:
			return 0, false
		case token.Kind == scan.Word && i > 0 && isClause(token):
			return 0, false
		case token.Kind != scan.Operator:
		case token.Text == "(", token.Text == "[", token.Text == "{":
			depth++
		case token.Text == ")", token.Text == "]", token.Text == "}":
			depth--
		case token.Text == ";":
			return 0, false
		case token.Text == "," && depth == 0:
			commas++
		}
	}
	return commas, true
}

func isClause(t scan.Token) bool {
	for _, word := range []string{"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "QUALIFY", "ORDER", "LIMIT", "OFFSET", "UNION", "EXCEPT", "INTERSECT", "USING", "DISTINCT", "INTO", "FETCH", "FOR", "SELECT", "VALUES"} {
		if t.Is(word) {
			return true
		}
	}
	return false
}
