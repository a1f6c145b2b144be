package duckdb

import (
	"strings"
	"testing"
	"time"
)

// flat are statements that repeat one piece of syntax, by how often.
var flat = map[string]func(n int) string{
	"IN":            func(n int) string { return "SELECT a IN (" + listOf("1", n) + ") FROM t" },
	"CASE":          func(n int) string { return "SELECT CASE a" + strings.Repeat(" WHEN 1 THEN 1", n/4) + " END FROM t" },
	"casts":         func(n int) string { return "SELECT " + listOf("1::int", n/4) },
	"structs":       func(n int) string { return "SELECT " + listOf("{a:1}", n/6) },
	"struct type":   func(n int) string { return "SELECT " + listOf("1::STRUCT(a int, b int[])", n/13) },
	"BETWEEN":       func(n int) string { return "SELECT " + listOf("1 BETWEEN 1 AND 2", n/6) },
	"intervals":     func(n int) string { return "SELECT " + listOf("INTERVAL 1 DAY", n/4) },
	"LIKE":          func(n int) string { return "SELECT " + listOf("a SIMILAR TO 'b'", n/5) + " FROM t" },
	"ESCAPE":        func(n int) string { return "SELECT " + listOf("a NOT ILIKE 'b' ESCAPE 'c'", n/7) + " FROM t" },
	"IS":            func(n int) string { return "SELECT " + listOf("a IS NOT DISTINCT FROM b", n/7) + " FROM t" },
	"IS TRUE":       func(n int) string { return "SELECT " + listOf("a IS NOT TRUE", n/5) + " FROM t" },
	"rows":          func(n int) string { return "VALUES " + listOf("(1)", n/4) },
	"lists":         func(n int) string { return "SELECT " + listOf("[1]", n/4) },
	"comprehension": func(n int) string { return "SELECT " + listOf("[x+1 for x in [1] if x>0]", n/14) },
	"nested comprehension": func(n int) string {
		return "SELECT " + strings.Repeat("[x for x in [1] if ", 18) + "1" + strings.Repeat("]", 18) + ", " + listOf("1", n/3)
	},
	"nullif": func(n int) string {
		return "SELECT " + strings.Repeat("nullif(", 39) + "a" + strings.Repeat(", 2)", 39) + " FROM t"
	},
	"if": func(n int) string {
		return "SELECT " + strings.Repeat("if(", 39) + "a" + strings.Repeat(", 2, 3)", 39) + " FROM t"
	},
	"coalesce":   func(n int) string { return "SELECT coalesce(" + listOf("a", n/2) + ") FROM t" },
	"row IN":     func(n int) string { return "SELECT (" + listOf("a", n/5) + ") IN ((" + listOf("1", n/5) + ")) FROM t" },
	"row equal":  func(n int) string { return "SELECT (" + listOf("a", n/5) + ") = (" + listOf("1", n/5) + ") FROM t" },
	"ANY":        func(n int) string { return "SELECT " + listOf("1 = ANY ([1])", n/9) },
	"windows":    func(n int) string { return "SELECT " + listOf("f() OVER (ORDER BY a)", n/9) + " FROM t" },
	"parameters": func(n int) string { return "SELECT " + listOf("?", n/2) },
	"stars":      func(n int) string { return "SELECT " + listOf("* EXCLUDE (a)", n/6) + " FROM t" },
	"literals":   func(n int) string { return "SELECT " + listOf("'\\\"\\\"\\\"\\\"'", n/2) },
	"PIVOT":      func(n int) string { return "FROM t PIVOT (sum(x) FOR " + strings.Repeat("a IN (1, 2, 3) ", n/10) + ")" },
}

func listOf(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }

// No piece of syntax is written out to much more than its text, and the whole
// stays far below the bound on trees: that bound refuses nothing honest.
func TestTreesGrowWithTheText(t *testing.T) {
	t.Parallel()
	const perByte = 300
	for name, write := range flat {
		sql := write(2_400)
		start := time.Now()
		tree := serialized(t, sql)
		if strings.HasPrefix(tree, `{"error":true`) {
			t.Errorf("%s: %.200s", name, tree)
		}
		if n := len(tree); n > perByte*len(sql) || n > maxTree*3/4 {
			t.Errorf("%s: a tree of %d bytes for a text of %d", name, n, len(sql))
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}
