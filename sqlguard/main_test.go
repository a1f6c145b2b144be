package sqlguard_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
)

// adapter is opened once for all tests of the package: it starts DuckDB.
var adapter *duckdb.Adapter

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if adapter, err = duckdb.Open(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv(stackVariable) != "" {
		if err := errors.Join(runWorstCases(), adapter.Close()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	code := m.Run()
	err = errors.Join(adapter.Close(), goleak.Find())
	if code == 0 && err != nil {
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
