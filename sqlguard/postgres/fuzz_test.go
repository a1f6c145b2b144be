package postgres_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

// addCorpora seeds a fuzz target with both corpora.
func addCorpora(f *testing.F) {
	f.Helper()
	guardtest.Seed(f, slices.Concat(attacks(f), benign(f)),
		"SELECT * FROM flights LIMIT LEAST(CAST($1 AS pg_catalog.int8), 1000)", "SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES) FROM t",
		"SELECT * FROM a LEFT JOIN (b CROSS JOIN t) ON a.a = b.b", "SELECT (a)[1:2][:][3:] FROM t", "SELECT - - 2147483648, -(-(1.5)), - '1'",
		"SELECT E'\\\\''', U&'\\0027' UESCAPE '!', $a$\\$a$",
	)
}

func FuzzCheck(f *testing.F) {
	addCorpora(f)
	guardtest.FuzzCheck(f, adapter)
}

// FuzzAdapter: whatever the adapter lowers, also what the rules would refuse,
// is rendered to a text of the same tree, or not at all.
func FuzzAdapter(f *testing.F) {
	addCorpora(f)
	f.Fuzz(func(t *testing.T, sql string) {
		if len(sql) > 2_000 {
			return // the guard's text layer bounds what the parser sees
		}
		first, err := adapter.Parse(context.Background(), sql)
		if err != nil {
			return
		}
		text, err := adapter.Render(first, true)
		if err != nil {
			return // a call that no list knows, SHOW TABLES
		}
		second, err := adapter.Parse(context.Background(), text)
		if err != nil {
			t.Fatalf("%q: rendered %q: %v", sql, text, err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%q: %q is another tree", sql, text)
		}
	})
}

func FuzzReadOnly(f *testing.F) {
	addCorpora(f)
	guardtest.FuzzReadOnly(f, adapter, openScratch(f), scratchDeadline)
}
