package sqlguard_test

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Every mistake of a configuration is reported at once.
func TestPolicyErrors(t *testing.T) {
	t.Parallel()
	_, err := sqlguard.New(sqlguard.Config{Policy: sqlguard.Policy{
		Preset: 9, MaxLength: 40_000, MaxRows: -1, Tables: []string{"*", "t"},
		DenyFunctions: []string{"Abs"}, DangerouslyAllowFunctions: []string{"abs"},
	}})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"Adapter", "Preset: 9", "MaxLength: 40000", "MaxRows: -1", `"*" stands alone`, `"abs" is both`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not speak of %s:\n%v", want, err)
		}
	}
}

// A policy is copied: its owner may change it afterwards.
func TestPolicyIsCopied(t *testing.T) {
	t.Parallel()
	p := sqlguard.Policy{Tables: []string{"flights"}, HiddenColumns: []string{"x"}}
	g := newGuard(t, p, nil)
	p.Tables[0], p.HiddenColumns[0] = "airports", "y"
	judgeAll(t, g, sqlguard.RuleTable, refused{"SELECT y FROM airports"}, accepted{"SELECT y FROM flights"})
}
