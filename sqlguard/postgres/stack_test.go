package postgres_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

// stackVariable makes the test binary run runWorstCases instead of tests.
const stackVariable = "SALLYPORT_TEST_WORST_CASES"

// deepest are the dialect's own texts that make a parser recurse, by their size.
var deepest = map[string]func(n int) string{
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
	"fields":  func(n int) string { return "SELECT (a)" + strings.Repeat(".b", n) + " FROM t" },
	"power":   func(n int) string { return "SELECT 1" + strings.Repeat("^1", n) },
	"collate": func(n int) string { return "SELECT 'a'" + strings.Repeat(" COLLATE \"C\"", n) },
	"from nests": func(n int) string {
		return strings.Repeat("SELECT * FROM (", n) + "SELECT 1" + strings.Repeat(") q", n)
	},
	"ctes": func(n int) string {
		return strings.Repeat("WITH a AS (", n) + "SELECT 1" + strings.Repeat(") SELECT * FROM a", n)
	},
	"types": func(n int) string {
		return "SELECT " + strings.Repeat("(", n) + "a" + strings.Repeat("::text)", n) + " FROM t"
	},
	"values": func(n int) string { return "VALUES (1)" + strings.Repeat(", (1)", n) },
	"params": func(n int) string { return "SELECT $1" + strings.Repeat(", $1", n) },
}

func runWorstCases() error { return guardtest.WorstCases(adapter, deepest) }

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
