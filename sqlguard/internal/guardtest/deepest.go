package guardtest

import "strings"

// deepest are texts of every dialect that make a parser recurse, by their size.
var deepest = map[string]func(n int) string{
	"brackets": func(n int) string { return "SELECT " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) },
	"lists":    func(n int) string { return "SELECT " + strings.Repeat("[", n) + "1" + strings.Repeat("]", n) },
	"calls":    func(n int) string { return "SELECT " + strings.Repeat("abs(", n) + "1" + strings.Repeat(")", n) },
	"casts":    func(n int) string { return "SELECT 1" + strings.Repeat("::INT", n) },
	"cast calls": func(n int) string {
		return "SELECT " + strings.Repeat("CAST(", n) + "1" + strings.Repeat(" AS INT)", n)
	},
	"subscripts":  func(n int) string { return "SELECT a" + strings.Repeat("[1]", n) + " FROM t" },
	"slices":      func(n int) string { return "SELECT a" + strings.Repeat("[1:2]", n) + " FROM t" },
	"sum":         func(n int) string { return "SELECT 1" + strings.Repeat("+1", n) },
	"joined text": func(n int) string { return "SELECT 'a'" + strings.Repeat("||'a'", n) },
	"arrows":      func(n int) string { return "SELECT a" + strings.Repeat("->'a'", n) + " FROM t" },
	"comparisons": func(n int) string { return "SELECT 1" + strings.Repeat("=1", n) },
	"minus":       func(n int) string { return "SELECT " + strings.Repeat("- ", n) + "a FROM t" },
	"tilde":       func(n int) string { return "SELECT " + strings.Repeat("~ ", n) + "1" },
	"not":         func(n int) string { return "SELECT " + strings.Repeat("NOT ", n) + "true" },
	"is null":     func(n int) string { return "SELECT 1" + strings.Repeat(" IS NULL", n) },
	"is not true": func(n int) string { return "SELECT 1" + strings.Repeat(" IS NOT TRUE", n) },
	"isnull":      func(n int) string { return "SELECT 1" + strings.Repeat(" ISNULL", n) },
	"like":        func(n int) string { return "SELECT 'a'" + strings.Repeat(" LIKE 'a'", n) },
	"in":          func(n int) string { return "SELECT 1" + strings.Repeat(" IN (1)", n) },
	"between":     func(n int) string { return "SELECT 1" + strings.Repeat(" BETWEEN 1 AND 2", n) },
	"time zones":  func(n int) string { return "SELECT a" + strings.Repeat(" AT TIME ZONE 'UTC'", n) + " FROM t" },
	"and":         func(n int) string { return "SELECT 1 WHERE 1=1" + strings.Repeat(" AND 1=1", n) },
	"or":          func(n int) string { return "SELECT 1 WHERE a" + strings.Repeat(" OR a", n) },
	"and or":      func(n int) string { return "SELECT 1 WHERE a" + strings.Repeat(" OR a AND a", n) },
	"and brackets": func(n int) string {
		return "SELECT 1 WHERE " + strings.Repeat("(a AND ", n) + "a" + strings.Repeat(")", n)
	},
	"case": func(n int) string {
		return "SELECT " + strings.Repeat("CASE WHEN a THEN ", n) + "1" + strings.Repeat(" END", n)
	},
	"case else": func(n int) string {
		return "SELECT " + strings.Repeat("CASE WHEN a THEN 1 ELSE ", n) + "1" + strings.Repeat(" END", n)
	},
	"union":        func(n int) string { return "SELECT 1" + strings.Repeat(" UNION SELECT 1", n) },
	"except":       func(n int) string { return "SELECT 1" + strings.Repeat(" EXCEPT ALL SELECT 1", n) },
	"values union": func(n int) string { return "VALUES (1)" + strings.Repeat(" UNION VALUES (1)", n) },
	"joins":        func(n int) string { return "SELECT 1 FROM a" + strings.Repeat(" JOIN b ON true", n) },
	"commas":       func(n int) string { return "SELECT 1 FROM a" + strings.Repeat(", b", n) },
	"join nests": func(n int) string {
		return "SELECT 1 FROM " + strings.Repeat("(a JOIN ", n) + "b" + strings.Repeat(" ON true)", n)
	},
	"subqueries": func(n int) string { return strings.Repeat("SELECT (", n) + "1" + strings.Repeat(")", n) },
	"exists": func(n int) string {
		return "SELECT 1 WHERE " + strings.Repeat("EXISTS (SELECT 1 WHERE ", n) + "a" + strings.Repeat(")", n)
	},
	"wide nests": func(n int) string { // both caps at once
		return "SELECT " + strings.Repeat("(1"+strings.Repeat("+1", 25)+"+", min(n, 38)) + "1" + strings.Repeat(")", min(n, 38))
	},
	"left nests": func(n int) string {
		return "SELECT " + strings.Repeat("(", min(n, 38)) + "1" + strings.Repeat(strings.Repeat("*1-1", 12)+")", min(n, 38))
	},
	"not nests": func(n int) string {
		return "SELECT " + strings.Repeat(strings.Repeat("NOT ", 50)+"(", min(n, 38)) + "a" + strings.Repeat(")", min(n, 38)) + " FROM t"
	},
	"type brackets": func(n int) string { return "SELECT a::INT" + strings.Repeat("[]", n) },
	"items":         func(n int) string { return "SELECT 1" + strings.Repeat(", 1", n) },
	"in list":       func(n int) string { return "SELECT 1 WHERE a IN (1" + strings.Repeat(",1", n) + ")" },
	"whens":         func(n int) string { return "SELECT CASE" + strings.Repeat(" WHEN a THEN 1", n) + " END" },
	"sets": func(n int) string {
		return "SELECT 1 FROM t GROUP BY GROUPING SETS ((a)" + strings.Repeat(", (a)", n) + ")"
	},
	"cubes": func(n int) string { return "SELECT 1 FROM t GROUP BY CUBE (a" + strings.Repeat(", a", n) + ")" },
	"rollups": func(n int) string {
		return "SELECT 1 FROM t GROUP BY ROLLUP (a)" + strings.Repeat(", ROLLUP (a, b, c, d)", n)
	},
	"text":       func(n int) string { return "SELECT '" + strings.Repeat("a", n) + "'" },
	"blanks":     func(n int) string { return "SELECT" + strings.Repeat(" ", n) + "1" },
	"semicolons": func(n int) string { return "SELECT 1" + strings.Repeat(";", n) },
}
