package scan

import (
	"errors"
	"strings"
	"testing"
)

var testLimits = Limits{Tokens: 2_500, Word: 128, Number: 64}

// kindLetters spell the kinds of a token list.
const kindLetters = "wnsd.p-"

func spelled(t *testing.T, sql string) string {
	t.Helper()
	tokens, err := Scan(sql, testLimits)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for i, token := range tokens {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(kindLetters[token.Kind]) + token.Text)
	}
	return b.String()
}

func TestScan(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		"":                                  ``,
		"SELECT a, 'b''c' FROM \"d\"\"e\"":  `wSELECT wa ., s'b''c' wFROM n"d""e"`,
		"1 1.5 .5 1. 1e5 1.5E-7 1_000 1e+5": `d1 d1.5 d.5 d1. d1e5 d1.5E-7 d1_000 d1e+5`,
		"1-2 1 -2 1+2":                      `d1 .- d2 d1 .- d2 d1 .+ d2`,
		"a.b a . b a.* 1.2.3":               `wa .. nb wa .. nb wa .. .* d1.2 d.3`,
		"x AS end, y as AS case":            `wx wAS nend ., wy was nAS wcase`,
		"t.as case":                         `wt .. nas wcase`,
		"e'\\'' x'00' n'a' U&'b'":           "scan: a number, literal or parameter runs into what follows it",
		"e'\\'', x'00', U&'b', $$c'$$":      `se'\'' ., sx'00' ., wU .& s'b' ., s$$c'$$`,
		"$1, $22, ?, ?1, $a":                `p$1 ., p$22 ., p? ., p? d1 ., p$a`,
		"a--b":                              `wa ---b`,
		"a+-b a+--b":                        `wa .+- wb wa .+ ---b`,
	} {
		if got := spelled(t, sql); got != want {
			t.Errorf("%q:\n%s, want\n%s", sql, got, want)
		}
	}
}

// What engines split otherwise is refused rather than guessed.
func TestAmbiguousText(t *testing.T) {
	t.Parallel()
	for _, sql := range []string{
		"1a", "1e", "1e-", "1e+", "1e-- '", "0xe--", "0xFF", "0b1", "1é", "1_a", "1__$$", "1$", "1$$a$$", "1$1", "1.e'a'", ".5x'00'", "1e5e", "1e5$$", "1.5.5a", "$1a", "$1$", "$1$$a$$", "$1e'a'", "$a$b'",
		"'a' 'b'", "'a''b'\n'c'", "e'a'\n'\\''", "'a' e'b'", "$$a$$ 'b'", "'a'\r'b'",
	} {
		if _, err := Scan(sql, testLimits); !errors.Is(err, ErrAmbiguous) && !errors.Is(err, ErrUnterminated) {
			t.Errorf("%q: %v", sql, err)
		}
	}
	for _, sql := range []string{"1\u00a0", "1\u0085", "1\u180e", "$1\u200b", "1e5\u3164"} {
		if _, err := Scan(sql, testLimits); !errors.Is(err, ErrEncoding) {
			t.Errorf("%q: %v", sql, err)
		}
	}
	for _, sql := range []string{"1, 2", "1-2", "1)", "1::int", "1 a", "1'a'", "[1:2]", "a[1]", "1!", "'a', 'b'", "'a' || 'b'", "'a'::text", "'a'.b", "\"a\" 'b'"} {
		if _, err := Scan(sql, testLimits); err != nil {
			t.Errorf("%q: %v", sql, err)
		}
	}
}
