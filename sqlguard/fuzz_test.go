package sqlguard_test

import (
	"context"
	"errors"
	"strings"
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
		"SELECT * FROM flights LIMIT least(CAST($1 AS BIGINT), 1000)", "SELECT * FROM (SELECT * FROM flights LIMIT 5%) AS limited LIMIT 1000",
		"SELECT e'\\x41\\u0042', $a$b$a$, \"a\"\"b\"", "FROM main.flights SELECT (a).b[1:2].c(1)", "WITH a(b) AS (VALUES (1)) FROM a",
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

// FuzzReadOnly: what the guard accepts and a database that may be written
// runs, leaves it as it was.
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
		rows, err := s.run(q.SQL(), params)
		if took := time.Since(start); took > scratchDeadline+2*time.Second {
			t.Errorf("%q ran %v beyond its deadline", q.SQL(), took-scratchDeadline)
		}
		if err != nil {
			if text := err.Error(); strings.Contains(text, "INTERNAL") {
				t.Errorf("%q: %v", q.SQL(), err)
				s.close()
				s.open(t)
			}
			return
		}
		if !q.Explain() && isQuery(q) && len(rows) > sqlguard.DefaultMaxRows {
			t.Errorf("%q: %d rows", q.SQL(), len(rows))
		}
		s.unchanged(t, q.SQL())
	})
}
