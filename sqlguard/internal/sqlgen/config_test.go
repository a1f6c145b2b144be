package sqlgen

import (
	"strings"
	"testing"
)

func generator(postgres bool, seed uint64) *Generator {
	return New(Config{
		Postgres: postgres, Seed: seed, Corpus: []string{"SELECT 'it''s' FROM t WHERE a IN (1, 2)", ""},
		Functions: []Function{{Name: "upper", Args: []Type{Text}, Result: Text}, {Name: "count", Kind: Aggregate, Result: Int}, {Name: "rank", Kind: Window, Result: Int}},
	})
}

// A statement follows from seed and number alone, whatever was made before it.
func TestStatementsCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	for _, postgres := range []bool{false, true} {
		first, second, other := generator(postgres, 1), generator(postgres, 1), generator(postgres, 2)
		differ := 0
		for n := uint64(2_000); n > 0; n-- {
			one := second.Statement(n, n%2 == 0)
			if got := first.Statement(n, n%2 == 0); got != one {
				t.Fatalf("%d: %q, then %q", n, got.SQL, one.SQL)
			}
			if one != other.Statement(n, n%2 == 0) {
				differ++
			}
		}
		if differ < 1_900 {
			t.Errorf("only %d statements depend on the seed", differ)
		}
	}
}

// What the differential is about comes up.
func TestStatementsHaveEveryConstruct(t *testing.T) {
	t.Parallel()
	for postgres, words := range map[bool][]string{
		true:  {"U&'", "E'", "$q1$", "LATERAL", "DISTINCT ON", "FETCH FIRST", " ~* ", "::jsonb", "ARRAY[", "public.", "nextval('numbers')", "INTO stolen", "FOR UPDATE", "lo_create"},
		false: {"QUALIFY", "EXCLUDE", "GROUP BY ALL", "ASOF JOIN", "POSITIONAL", "SEMI JOIN", " // ", " GLOB ", "BY NAME", "REPLACE (", "TRY_CAST", "PRAGMA", "ATTACH", "read_csv"},
	} {
		words = append(words, "JOIN", "FULL JOIN", "NATURAL", "USING (", "CROSS JOIN", "WITH ", "UNION", "EXCEPT", "OVER (", "PARTITION BY", "ROWS BETWEEN", "ROLLUP", "CUBE", "GROUPING SETS", "EXISTS",
			"ORDER BY", "LIMIT", "OFFSET", "$1", "CASE", "CAST(", "SIMILAR TO", "upper(", "FILTER (", "WITHIN GROUP", "archive.", `"Product Name"`, "IS NOT DISTINCT FROM", "HAVING", "EXPLAIN")
		var all strings.Builder
		mutated, g := 0, generator(postgres, 3)
		for n := range uint64(10_000) {
			s := g.Statement(n, n%2 == 1)
			all.WriteString(s.SQL + "\n")
			if s.Mutated {
				mutated++
			}
		}
		for _, word := range words {
			if !strings.Contains(all.String(), word) {
				t.Errorf("postgres %v: no %q", postgres, word)
			}
		}
		if mutated < 3_500 || mutated > 4_500 {
			t.Errorf("%d of 10,000 are mutated", mutated)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"SELECT 1": 3, "'it''s'": 1, `"a""b"`: 1, `E'\''x`: 2, "$$a b$$c": 2, "$q1$ $$ $q1$": 1, "U&'\\0061' é": 3, "a.b": 3, "$1,2": 3, "'open": 1, "E'": 1, "$": 1, "$a": 1, "  \n": 1, "": 0,
	} {
		list := tokens(text)
		if len(list) != want || strings.Join(list, "") != text {
			t.Errorf("%q: %q", text, list)
		}
	}
}
