package scan

import (
	"strings"
	"testing"
)

func measured(t *testing.T, sql string) Shape {
	t.Helper()
	tokens, err := Scan(sql, testLimits)
	if err != nil {
		t.Fatalf("%q: %v", sql, err)
	}
	return Measure(tokens)
}

// The operand of a simple CASE counts once more, with its WHEN, for each branch
// after the first, and what is in it multiplies.
func TestCopied(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{
		"CASE a WHEN 1 THEN 1 END":                                                        0,
		"CASE a WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                          2,
		"CASE a + b WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 3 THEN 3 END":                        8,
		"CASE WHEN a THEN 1 WHEN b THEN 2 END":                                            0,
		"CASE a.end WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                      4,
		"CASE a.case WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                     4,
		"CASE a.when.when WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                6,
		"CASE \"end\" WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                    2,
		"CASE a . end WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                    4,
		"CASE (x AS end) WHEN 1 THEN 1 WHEN 2 THEN 2 END":                                 6,
		"CASE '" + strings.Repeat("a", 638) + "' WHEN 1 THEN 1 WHEN 2 THEN 2 END":         12,
		"CASE CASE a WHEN 1 THEN 1 WHEN 2 THEN 2 END WHEN 3 THEN 3 WHEN 4 THEN 4 END":     2 + 14,
		"CASE CASE a.end WHEN 1 THEN 1 WHEN 2 THEN 2 END WHEN 3 THEN 3 WHEN 4 THEN 4 END": 4 + 18,
	} {
		if got := measured(t, sql).Copied; got != want {
			t.Errorf("%q: %d tokens copied, want %d", sql, got, want)
		}
	}
}

func TestNamesAreNoKeywords(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]Shape{
		"a.case.end.when":      {Sets: 1},
		"a.select.union.or":    {Sets: 1},
		"a AS case, b AS (c)":  {Depth: 1, Operators: 1, Sets: 1},
		"a.as case b when end": {Depth: 1, Operators: 1, Sets: 1},
	} {
		if got := measured(t, sql); got != want {
			t.Errorf("%q: %+v, want %+v", sql, got, want)
		}
	}
}

func TestGroupingSets(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{
		"GROUP BY a, b":                                                     1,
		"GROUP BY CUBE(a)":                                                  2,
		"GROUP BY CUBE(a, b, c)":                                            8,
		"GROUP BY cube((a, b), f(c, d))":                                    4,
		"GROUP BY ROLLUP(a, b, c)":                                          4,
		"GROUP BY ROLLUP (a), Rollup (b, c), d":                             6,
		"GROUP BY CUBE(a, b), ROLLUP(c)":                                    8,
		"GROUP BY (CUBE(a, b)), ((ROLLUP(c)))":                              8,
		"GROUP BY GROUPING SETS (a, (b, c), ())":                            3,
		"GROUP BY GROUPING SETS (CUBE(a, b), ROLLUP(c))":                    6,
		"GROUP BY GROUPING SETS (GROUPING SETS (a, b), CUBE(c)), ROLLUP(d)": 8,
		"GROUP BY ROLLUP(a, CUBE(b))":                                       6,
		"GROUP BY CUBE(" + strings.Repeat("a,", 100) + "a)":                 1 << 30,
		"GROUP BY ROLLUP(" + strings.Repeat("a,", 99) + "a), ROLLUP(b, c)":  303,
		"GROUP BY CUBE(a, b) UNION SELECT 1 GROUP BY CUBE(c)":               4,
		"GROUP BY CUBE(a) UNION SELECT 1 GROUP BY CUBE(b, c)":               4,
		"FROM (SELECT 1 GROUP BY CUBE(a, b, c)) GROUP BY CUBE(d, e)":        8,
		"SELECT (SELECT 1 GROUP BY CUBE(a)), (SELECT 1 GROUP BY CUBE(a))":   2,
		"GROUP BY (SELECT 1 GROUP BY CUBE(a)), CUBE(b)":                     2,
		"GROUP BY x, t.cube, \"cube\"(a, b), cube, CUBE(c)":                 2,
		"GROUP BY CUBE(a, b), t.group BY ROLLUP(c)":                         8,
		"GROUP BY CUBE(a, b), f(x) WITHIN GROUP (ORDER BY y), ROLLUP(c)":    8,
		"GROUP BY CUBE(a, b), x AS group, BY ROLLUP(c)":                     8,
		"SELECT sum(a) FILTER (WHERE b), c FROM t, u GROUP BY ROLLUP(a, b)": 3,
		"SELECT rollup, cube FROM t WHERE cube = 1 AND sets IN (1, 2, 3)":   1,
	} {
		if got := measured(t, sql).Sets; got != want {
			t.Errorf("%q: %d sets, want %d", sql, got, want)
		}
	}
}

// The dots within a name are no operators; those that chain are.
func TestSeparators(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{
		"a.b":               0,
		"a.b.c.d":           0,
		`"a"."b"."c"`:       0,
		"a . b":             0,
		"pg_catalog.f":      0,
		"a.b + a.b + a.b":   2,
		"a.b.c.d.e":         1,
		"a.b.c.d.e.f.g":     3,
		"(a).b.c":           3,
		"(a).b.c.d.e":       5,
		"a[1].b":            2,
		"$1.b":              1,
		"'a'.b":             1,
		"a..b":              1,
		".b":                1,
		"a.*":               1,
		"1 = a.b.c AND 2=3": 1,
	} {
		if got := measured(t, sql).Operators; got != want {
			t.Errorf("%q: %d operators, want %d", sql, got, want)
		}
	}
	many := strings.TrimPrefix(strings.Repeat("+pg_catalog.abs(a)", 60), "+")
	if got := measured(t, many).Operators; got != 119 {
		t.Errorf("60 calls: %d operators, want 59 and a bracket each", got)
	}
	if got := measured(t, "(a)"+strings.Repeat(".b", 200)).Operators; got < 200 {
		t.Errorf("200 fields: %d operators", got)
	}
	if got := measured(t, "a"+strings.Repeat(".b", 200)).Operators; got < 190 {
		t.Errorf("a name of 201 parts: %d operators", got)
	}
}

// A named window counts as often as the statement has OVER.
func TestWindows(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]int{
		"SELECT sum(a) OVER (ORDER BY b)":                                                       0,
		"SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY b)":                                  7,
		"SELECT sum(a) OVER w, b OVER w, c OVER (w) FROM t WINDOW w AS (ORDER BY b)":            21,
		"SELECT a OVER w FROM t WINDOW w AS (ORDER BY b), v AS (w)":                             7 + 6,
		"SELECT a OVER w FROM t WINDOW w AS (ORDER BY b) ORDER BY c, d, e":                      7,
		"SELECT a OVER w FROM t WINDOW w AS (ORDER BY b) LIMIT 5":                               7,
		"(SELECT a OVER w FROM t WINDOW w AS (ORDER BY b)) UNION SELECT 1":                      7,
		"SELECT a OVER w FROM t WINDOW w AS () UNION SELECT a OVER w FROM t WINDOW w AS ()":     16,
		"SELECT a OVER w FROM t WINDOW w AS ('" + strings.Repeat("a", 638) + "')":               5 + 10,
		"SELECT a AS over, t.over, \"over\" FROM t WINDOW w AS (ORDER BY b)":                    0,
		"SELECT a OVER w, t.window, a AS window, \"window\"":                                    0,
		"SELECT a OVER w FROM t WINDOW w AS (PARTITION BY (SELECT b OVER v WINDOW v AS ()))":    1 << 30,
		"SELECT a OVER w FROM t WINDOW w AS (), v AS (ORDER BY (SELECT 1 LIMIT 1), x, y)":       5 + 16,
		"SELECT a OVER w FROM t WINDOW w AS (), qualify AS (ORDER BY x, y, z)":                  4 + 12,
		strings.Repeat("a OVER w,", 400) + " WINDOW w AS (" + strings.Repeat("a,", 400) + " a)": 400 * (4 + 801),
	} {
		if got := measured(t, sql).Windows; got != want {
			t.Errorf("%.100q: %d tokens, want %d", sql, got, want)
		}
	}
}
