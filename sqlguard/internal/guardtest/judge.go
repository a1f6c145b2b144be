package guardtest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// Attacks sees that every attack is refused under each preset, with the rule
// that a reader of docs/rules.md expects, whether or not the guard knows what
// the source holds. No rule that a guard raises is without an attack, but for
// those in exempt.
func Attacks(t *testing.T, a dialect.Adapter, list []Entry, exempt ...sqlguard.Rule) {
	t.Helper()
	used := map[sqlguard.Rule]bool{}
	for name, preset := range presets {
		policy := sqlguard.Policy{Preset: preset}
		unknown := NewGuard(t, a, policy, nil)
		known := NewGuard(t, a, policy, &sqlguard.Catalog{Tables: []string{"flights", "airports", "a", "b", "t"}})
		for _, e := range list {
			want := e.Want(preset)
			used[want] = true
			if got := RuleOf(t, unknown, e.SQL); got != want {
				t.Errorf("%s under %s: rule %q, want %q (%s)\n%.300q", e.ID, name, got, want, e.Why, e.SQL)
			}
			// What is no attack may read a table that the catalog lacks.
			if got := RuleOf(t, known, e.SQL); got != want && (want != "" || got != sqlguard.RuleTable) {
				t.Errorf("%s under %s, with the catalog known: rule %q, want %q\n%.300q", e.ID, name, got, want, e.SQL)
			}
		}
	}
	// The last rules belong to engines.
	for _, rule := range sqlguard.Rules()[:18] {
		if !used[rule] && !slices.Contains(exempt, rule) {
			t.Errorf("no attack for %s", rule)
		}
	}
}

// Benign sees that what an honest user writes passes under each preset that is
// meant for it, and that what it becomes passes again unchanged: the guard's
// own SQL is a fixed point.
func Benign(t *testing.T, a dialect.Adapter, list []Entry) {
	t.Helper()
	for name, preset := range presets {
		g := NewGuard(t, a, sqlguard.Policy{Preset: preset}, nil)
		for _, e := range list {
			if want := e.Want(preset); want != "" {
				if got := RuleOf(t, g, e.SQL); got != want {
					t.Errorf("%s under %s: rule %q, want %q (%s)\n%.300q", e.ID, name, got, want, e.Why, e.SQL)
				}
				continue
			}
			q, err := g.Check(context.Background(), e.SQL)
			if err != nil {
				t.Errorf("%s under %s: %v: %v (%s)\n%q", e.ID, name, err, errors.Unwrap(err), e.Why, e.SQL)
				continue
			}
			if err := fixedPoint(g, q); err != nil {
				t.Errorf("%s under %s: %v\n%q", e.ID, name, err, e.SQL)
			}
		}
	}
}
