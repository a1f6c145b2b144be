package sqlguard_test

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Whatever the guard accepts of the corpora leaves a database that may be
// written as it was, byte for byte, and answers what its text asked for.
func TestAcceptedQueriesChangeNothing(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{MaxRows: 1 << 40}, nil)
	s := openScratch(t)
	s.close()
	before, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	s.open(t)
	answered := 0
	for _, e := range slices.Concat(benign(t), attacks(t)) {
		q, err := g.Check(context.Background(), e.SQL)
		if err != nil {
			continue
		}
		params := make([]string, q.NumParams())
		for i := range params {
			params[i] = "1"
		}
		if _, err := s.run(q.SQL(), params); err == nil {
			answered++
		}
		s.unchanged(t, q.SQL())
		if isQuery(q) && len(params) == 0 && deterministic(e.SQL) {
			s.sameAnswer(t, e, q)
		}
	}
	if answered < 200 {
		t.Errorf("only %d queries of the corpus ran at all", answered)
	}
	s.close()
	after, err := os.ReadFile(s.path)
	s.open(t)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file's bytes have changed: %v", err)
	}
}

// sameAnswer compares what the rendering answers with what the text does.
func (s *scratch) sameAnswer(t *testing.T, e corpusEntry, q sqlguard.Query) {
	t.Helper()
	want, err := s.answer(strings.TrimRight(e.SQL, "; \n"))
	if err != nil {
		return // not a statement of this schema
	}
	got, err := s.answer(q.SQL())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: the rendering answers otherwise (%v)\n%q\n%q\nwant %.300s\ngot  %.300s", e.ID, err, e.SQL, q.SQL(), strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
}

// deterministic leaves out samples, the clock and rows in no order.
func deterministic(sql string) bool {
	for _, word := range []string{"SAMPLE", "now()", "LIMIT", "OFFSET", "FETCH", "first(", "any_value", "mode("} {
		if strings.Contains(sql, word) {
			return false
		}
	}
	return true
}
