package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/sqlguard"
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

// newGuard makes a guard for a policy; with no table named, all are allowed.
func newGuard(t testing.TB, p sqlguard.Policy, c *sqlguard.Catalog) *sqlguard.Guard {
	t.Helper()
	if len(p.Tables) == 0 {
		p.Tables = []string{"*"}
	}
	g, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: p, Catalog: c})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// ruleOf is the rule that refuses the statement, empty if none does.
func ruleOf(t testing.TB, g *sqlguard.Guard, sql string) sqlguard.Rule {
	t.Helper()
	_, err := g.Check(context.Background(), sql)
	if err == nil {
		return ""
	}
	var refusal *sqlguard.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("Check(%.300q): %v, which is no refusal", sql, err)
	}
	return refusal.Rule
}
