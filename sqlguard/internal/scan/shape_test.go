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
		"a.case.end.when":      {Operators: 3, Sets: 1},
		"a.select.union.or":    {Operators: 3, Sets: 1},
		"a AS case, b AS (c)":  {Depth: 1, Operators: 1, Sets: 1},
		"a.as case b when end": {Depth: 1, Operators: 2, Sets: 1},
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
