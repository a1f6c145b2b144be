package guardtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// Seed adds corpora and further texts to a fuzz target, but for the long
// entries: mutating those finds nothing that the short ones do not.
func Seed(f *testing.F, corpus []Entry, more ...string) {
	f.Helper()
	for _, e := range corpus {
		if len(e.SQL) < 300 {
			f.Add(e.SQL)
		}
	}
	for _, sql := range more {
		f.Add(sql)
	}
}

// FuzzCheck sees that the guard neither panics nor hangs, and that what it
// accepts passes again unchanged.
func FuzzCheck(f *testing.F, a dialect.Adapter) {
	f.Helper()
	narrow := sqlguard.Policy{Tables: []string{"flights"}, HiddenColumns: []string{"delay"}, MaxRows: 10, MaxLength: sqlguard.MaxMaxLength}
	catalog := &sqlguard.Catalog{Tables: []string{"flights"}, Columns: map[string][]string{"flights": {"date", "delay", "origin"}}, Macros: []string{"abs"}}
	var guards []*sqlguard.Guard
	for _, preset := range presets {
		narrow.Preset = preset
		guards = append(guards, NewGuard(f, a, sqlguard.Policy{Preset: preset}, nil), NewGuard(f, a, narrow, catalog))
	}
	f.Fuzz(func(t *testing.T, sql string) {
		for _, g := range guards {
			start := time.Now()
			q, err := g.Check(context.Background(), sql)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if err != nil {
				var refusal *sqlguard.Refusal
				if !errors.As(err, &refusal) || refusal.Rule.Hint() == "" || q.Valid() {
					t.Errorf("%v: %v", err, errors.Unwrap(err))
				}
				continue
			}
			if err := fixedPoint(g, q); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// fixedPoint sees that the guard's own SQL passes again unchanged.
func fixedPoint(g *sqlguard.Guard, q sqlguard.Query) error {
	again, err := g.Check(context.Background(), q.SQL())
	if err != nil {
		return fmt.Errorf("its own rendering is refused: %w: %w: %q", err, errors.Unwrap(err), q.SQL())
	}
	if again.SQL() != q.SQL() || again.Fingerprint() != q.Fingerprint() || again.NumParams() != q.NumParams() {
		return fmt.Errorf("not a fixed point: %q, then %q", q.SQL(), again.SQL())
	}
	return nil
}

// FuzzReadOnly sees that what the guard accepts leaves a database that may be
// written as it was, answers no more rows than it may, and ends by the
// scratch database's deadline.
func FuzzReadOnly(f *testing.F, a dialect.Adapter, s Scratch, deadline time.Duration) {
	f.Helper()
	before, err := s.State()
	if err != nil {
		f.Fatal(err)
	}
	guards := map[sqlguard.Preset]*sqlguard.Guard{}
	for _, preset := range presets {
		guards[preset] = NewGuard(f, a, sqlguard.Policy{Preset: preset}, nil)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		for _, g := range guards {
			q, err := g.Check(context.Background(), sql)
			if err != nil {
				continue
			}
			start := time.Now()
			answer := s.Rendered(q, paramsOf(q))
			if took := time.Since(start); took > deadline+2*time.Second {
				t.Errorf("%q ran %v beyond its deadline", q.SQL(), took-deadline)
			}
			if answer.Err != nil && strings.Contains(answer.Err.Error(), "INTERNAL") {
				t.Errorf("%q: %v", q.SQL(), answer.Err)
			}
			if !q.Explain() && len(answer.Rows) > sqlguard.DefaultMaxRows {
				t.Errorf("%q: %d rows", q.SQL(), len(answer.Rows))
			}
			if after, err := s.State(); err != nil || after != before {
				t.Fatalf("%q changed the database: %v\n%s\n%s", q.SQL(), err, before, after)
			}
		}
	})
}
