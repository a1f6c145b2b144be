package sqlguard_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

func attacks(t testing.TB) []guardtest.Entry {
	t.Helper()
	return guardtest.ReadAttacks(t, "testdata/attacks/duckdb.jsonl", 320)
}

func benign(t testing.TB) []guardtest.Entry {
	t.Helper()
	return guardtest.ReadBenign(t, "testdata/benign/duckdb.jsonl", 150)
}

// Columns are hidden by policy: no attack needs that rule.
func TestAttacksAreRefused(t *testing.T) {
	t.Parallel()
	guardtest.Attacks(t, adapter, attacks(t), sqlguard.RuleColumn)
}

func TestBenignQueriesPass(t *testing.T) {
	t.Parallel()
	guardtest.Benign(t, adapter, benign(t))
}
