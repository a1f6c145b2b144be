package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// stackVariable makes the test binary run runWorstCases instead of tests.
const stackVariable = "SALLYPORT_TEST_WORST_CASES"

// deepest are texts that make a parser recurse, by their size.
var deepest = map[string]func(n int) string{
	"brackets":            func(n int) string { return "SELECT " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n) },
	"lists":               func(n int) string { return "SELECT " + strings.Repeat("[", n) + "1" + strings.Repeat("]", n) },
	"rows":                func(n int) string { return "SELECT " + strings.Repeat("ROW(", n) + "1" + strings.Repeat(")", n) },
	"arrays":              func(n int) string { return "SELECT " + strings.Repeat("ARRAY[", n) + "1" + strings.Repeat("]", n) },
	"operators by schema": func(n int) string { return "SELECT 1" + strings.Repeat(" OPERATOR(pg_catalog.+) 1", n) },
	"distinct from":       func(n int) string { return "SELECT 1" + strings.Repeat(" IS DISTINCT FROM 1", n) },
	"any":                 func(n int) string { return "SELECT 1" + strings.Repeat(" = ANY (a)", n) + " FROM t" },
	"laterals":            func(n int) string { return "SELECT 1 FROM a" + strings.Repeat(", LATERAL (SELECT 1) q", n) },
	"operands": func(n int) string {
		return "SELECT " + strings.Repeat("CASE ", n) + "a" + strings.Repeat(" WHEN 1 THEN 2 END", n) + " FROM t"
	},
	"windows": func(n int) string {
		return "SELECT sum(a) OVER (PARTITION BY " + strings.Repeat("sum(a) OVER (PARTITION BY ", n) + "a" + strings.Repeat(")", n) + ") FROM t"
	},
	"schemas": func(n int) string {
		return "SELECT " + strings.Repeat("pg_catalog.abs(", n) + "1" + strings.Repeat(")", n)
	},
	"calls": func(n int) string { return "SELECT " + strings.Repeat("abs(", n) + "1" + strings.Repeat(")", n) },
	"casts": func(n int) string { return "SELECT 1" + strings.Repeat("::INT", n) },
	"cast calls": func(n int) string {
		return "SELECT " + strings.Repeat("CAST(", n) + "1" + strings.Repeat(" AS INT)", n)
	},
	"subscripts":  func(n int) string { return "SELECT a" + strings.Repeat("[1]", n) + " FROM t" },
	"slices":      func(n int) string { return "SELECT a" + strings.Repeat("[1:2]", n) + " FROM t" },
	"fields":      func(n int) string { return "SELECT (a)" + strings.Repeat(".b", n) + " FROM t" },
	"sum":         func(n int) string { return "SELECT 1" + strings.Repeat("+1", n) },
	"power":       func(n int) string { return "SELECT 1" + strings.Repeat("^1", n) },
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
	"collate":     func(n int) string { return "SELECT 'a'" + strings.Repeat(" COLLATE \"C\"", n) },
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
	"from nests": func(n int) string {
		return strings.Repeat("SELECT * FROM (", n) + "SELECT 1" + strings.Repeat(") q", n)
	},
	"ctes": func(n int) string {
		return strings.Repeat("WITH a AS (", n) + "SELECT 1" + strings.Repeat(") SELECT * FROM a", n)
	},
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
	"types": func(n int) string {
		return "SELECT " + strings.Repeat("(", n) + "a" + strings.Repeat("::text)", n) + " FROM t"
	},
	"type brackets": func(n int) string { return "SELECT a::INT" + strings.Repeat("[]", n) },
	"items":         func(n int) string { return "SELECT 1" + strings.Repeat(", 1", n) },
	"values":        func(n int) string { return "VALUES (1)" + strings.Repeat(", (1)", n) },
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
	"params":     func(n int) string { return "SELECT $1" + strings.Repeat(", $1", n) },
}

// slowest is what no text may take, with much room for a busy machine.
const slowest = time.Second

// runWorstCases sends each text through the guard at sizes around every cap
// and far beyond, up to the longest text that a policy can allow.
func runWorstCases() error {
	g, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{Tables: []string{"*"}, MaxLength: sqlguard.MaxMaxLength}})
	if err != nil {
		return err
	}
	var sizes []int
	for n := 1; n <= 16_384; n *= 2 {
		sizes = append(sizes, n)
	}
	for n := 10; n < 140; n += 3 {
		sizes = append(sizes, n)
	}
	for _, around := range []int{40, 48, 128} { // the caps themselves
		sizes = append(sizes, around-2, around-1, around, around+1)
	}
	sizes = append(sizes, 600, 800, 1_200, 2_490, 9_900, 31_900)
	var problems []error
	for name, text := range deepest {
		for _, n := range sizes {
			start := time.Now()
			_, err := g.Check(context.Background(), text(n))
			if took := time.Since(start); took > slowest {
				problems = append(problems, fmt.Errorf("%s: %d of them took %v", name, n, took))
			}
			var refusal *sqlguard.Refusal
			if err != nil && !errors.As(err, &refusal) {
				problems = append(problems, fmt.Errorf("%s: %d of them: %w", name, n, err))
			}
		}
	}
	return errors.Join(problems...)
}

// The caps keep the engine's parser, which recurses, within a stack of 512
// KiB: a sixteenth of what threads have by default. The process is a new one,
// because a crash would end it and because the limit holds for the threads of
// a process that begins with it.
func TestWorstCasesFitSmallStack(t *testing.T) {
	t.Parallel()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -s 512 && exec "$0"`, binary)
	command.Env = append(os.Environ(), stackVariable+"=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%.3000s", err, output)
	}
}
