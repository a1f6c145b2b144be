package sqlguard_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	if (sqlguard.Query{}).Valid() {
		t.Error("the zero Query is valid")
	}
	g := newGuard(t, sqlguard.Policy{}, nil)
	q, err := g.Check(context.Background(), "EXPLAIN WITH c AS (FROM Airports) SELECT $2 FROM mart.sales WHERE x IN (FROM c) AND y = 'secret'")
	if err != nil {
		t.Fatal(err)
	}
	if !q.Valid() || !q.Explain() || q.NumParams() != 2 || q.CappedAt() != 0 || !slices.Equal(q.Tables(), []string{"airports", "mart.sales"}) {
		t.Errorf("%+v", q)
	}
}

// A fingerprint is the query's shape: literals make no difference, anything
// else does.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	of := func(sql string) string {
		q, err := g.Check(context.Background(), sql)
		if err != nil {
			t.Fatalf("%q: %v", sql, err)
		}
		return q.Fingerprint()
	}
	if a, b := of("SELECT a FROM t WHERE b = 'x' LIMIT 5"), of("select a from t where b='why'  limit 7"); a != b || len(a) != 16 {
		t.Errorf("%q and %q differ", a, b)
	}
	if of("SELECT a FROM t WHERE b = 1") == of("SELECT a FROM t WHERE c = 1") {
		t.Error("different shapes, one fingerprint")
	}
}

// A refusal says its rule and nothing of the statement; the cause is kept.
func TestRefusal(t *testing.T) {
	t.Parallel()
	cause := errors.New("canary")
	err := error(sqlguard.Refuse(sqlguard.RuleTimeout, cause))
	var refusal *sqlguard.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleTimeout || !errors.Is(err, cause) || err.Error() != "sql.timeout" {
		t.Errorf("%v", err)
	}
	if text := sqlguard.Refuse(sqlguard.RuleMemory, nil).Error(); text != string(sqlguard.RuleMemory) {
		t.Errorf("%q", text)
	}
	for _, rule := range sqlguard.Rules() {
		if rule.Hint() == "" || strings.Contains(rule.Hint(), "canary") {
			t.Errorf("%s: hint %q", rule, rule.Hint())
		}
	}
	if sqlguard.Rule("sql.none").Hint() != "" {
		t.Error("a rule that does not exist has a hint")
	}
}

// A guard that cannot ask its parser lets nothing through and says why.
func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	for range 100 {
		// A free parser and a cancelled context: either may win.
		if q, err := g.Check(ctx, "SELECT 1"); err != nil && (q.Valid() || !errors.Is(err, context.Canceled)) {
			t.Fatalf("%v, %v", q, err)
		}
	}
}
