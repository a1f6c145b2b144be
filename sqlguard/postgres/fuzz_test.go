package postgres_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// addCorpora seeds a fuzz target with both corpora, but for the long texts:
// mutating those finds nothing that the short ones do not.
func addCorpora(f *testing.F) {
	f.Helper()
	for _, list := range [][]corpusEntry{attacks(f), benign(f)} {
		for _, e := range list {
			if len(e.SQL) < 300 {
				f.Add(e.SQL)
			}
		}
	}
	for _, sql := range []string{
		"SELECT * FROM flights LIMIT LEAST(CAST($1 AS pg_catalog.int8), 1000)", "SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND 2 FOLLOWING EXCLUDE TIES) FROM t",
		"SELECT * FROM a LEFT JOIN (b CROSS JOIN t) ON a.a = b.b", "SELECT (a)[1:2][:][3:] FROM t", "SELECT - - 2147483648, -(-(1.5)), - '1'",
		"SELECT E'\\\\''', U&'\\0027' UESCAPE '!', $a$\\$a$",
	} {
		f.Add(sql)
	}
}

// FuzzCheck: the guard neither panics nor hangs, and what it accepts passes
// again unchanged.
func FuzzCheck(f *testing.F) {
	addCorpora(f)
	guards := []*sqlguard.Guard{
		newGuard(f, sqlguard.Policy{}, nil),
		newGuard(f, sqlguard.Policy{Tables: []string{"flights"}, HiddenColumns: []string{"delay"}, MaxRows: 10, MaxLength: sqlguard.MaxMaxLength}, &sqlguard.Catalog{Tables: []string{"flights"}, Macros: []string{"abs"}}),
	}
	f.Fuzz(func(t *testing.T, sql string) {
		for _, g := range guards {
			start := time.Now()
			first, err := g.Check(context.Background(), sql)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			var refusal *sqlguard.Refusal
			if err != nil {
				if !errors.As(err, &refusal) || refusal.Rule.Hint() == "" || first.Valid() {
					t.Errorf("%v: %v", err, errors.Unwrap(err))
				}
				continue
			}
			second, err := g.Check(context.Background(), first.SQL())
			if err != nil {
				t.Fatalf("its own rendering is refused: %v: %v\n%q", err, errors.Unwrap(err), first.SQL())
			}
			if second.SQL() != first.SQL() || second.Fingerprint() != first.Fingerprint() || second.NumParams() != first.NumParams() {
				t.Fatalf("not a fixed point:\n%q\n%q", first.SQL(), second.SQL())
			}
		}
	})
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

// FuzzReadOnly: what the guard accepts leaves a database as it was, and ends by
// its deadline.
func FuzzReadOnly(f *testing.F) {
	addCorpora(f)
	g := newGuard(f, sqlguard.Policy{}, nil)
	s := openScratch(f)
	f.Fuzz(func(t *testing.T, sql string) {
		q, err := g.Check(context.Background(), sql)
		if err != nil {
			return
		}
		params := make([]string, q.NumParams())
		for i := range params {
			params[i] = "1"
		}
		start := time.Now()
		_, rows, err := s.rendered(q.SQL(), params)
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("%q ran %v beyond its deadline", q.SQL(), took-2*time.Second)
		}
		if err == nil && !q.Explain() && len(rows) > sqlguard.DefaultMaxRows {
			t.Errorf("%q: %d rows", q.SQL(), len(rows))
		}
		s.unchanged(t, q.SQL())
	})
}
