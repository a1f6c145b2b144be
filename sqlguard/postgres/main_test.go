package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// adapter serves all tests of the package.
var adapter *postgres.Adapter

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if adapter, err = postgres.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv(stackVariable) != "" {
		if err := runWorstCases(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	code := m.Run()
	if err := errors.Join(adapter.Close(), goleak.Find()); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func newGuard(t testing.TB, p sqlguard.Policy, c *sqlguard.Catalog) *sqlguard.Guard {
	t.Helper()
	return guardtest.NewGuard(t, adapter, p, c)
}

func ruleOf(t testing.TB, g *sqlguard.Guard, sql string) sqlguard.Rule {
	t.Helper()
	return guardtest.RuleOf(t, g, sql)
}
