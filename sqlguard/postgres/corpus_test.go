package postgres_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

func attacks(t testing.TB) []guardtest.Entry {
	t.Helper()
	return guardtest.ReadAttacks(t, "../testdata/attacks/postgres.jsonl", 300)
}

func benign(t testing.TB) []guardtest.Entry {
	t.Helper()
	return guardtest.ReadBenign(t, "../testdata/benign/postgres.jsonl", 150)
}

func TestAttacksAreRefused(t *testing.T) {
	t.Parallel()
	guardtest.Attacks(t, adapter, attacks(t))
}

func TestBenignQueriesPass(t *testing.T) {
	t.Parallel()
	guardtest.Benign(t, adapter, benign(t))
}
