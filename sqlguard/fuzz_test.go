package sqlguard_test

import (
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

// addCorpora seeds a fuzz target with both corpora.
func addCorpora(f *testing.F) {
	f.Helper()
	guardtest.Seed(f, slices.Concat(attacks(f), benign(f)),
		"SELECT * FROM flights LIMIT least(CAST($1 AS BIGINT), 1000)", "SELECT * FROM (SELECT * FROM flights LIMIT 5%) AS limited LIMIT 1000",
		"SELECT e'\\x41\\u0042', $a$b$a$, \"a\"\"b\"", "FROM main.flights SELECT (a).b[1:2].c(1)", "WITH a(b) AS (VALUES (1)) FROM a",
	)
}

func FuzzCheck(f *testing.F) {
	addCorpora(f)
	guardtest.FuzzCheck(f, adapter)
}

func FuzzReadOnly(f *testing.F) {
	addCorpora(f)
	guardtest.FuzzReadOnly(f, adapter, openScratch(f), scratchDeadline)
}
