package postgres_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// corpusEntry is one line of a corpus file; Rule is empty for what must pass.
type corpusEntry struct {
	ID, SQL, Why string
	Rule         sqlguard.Rule
}

func readCorpus(t testing.TB, path string, atLeast int) []corpusEntry {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var list []corpusEntry
	ids, statements := map[string]bool{}, map[string]bool{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e corpusEntry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v: %.100s", path, err, lines.Text())
		}
		if e.ID == "" || e.Why == "" || ids[e.ID] || statements[e.SQL] {
			t.Errorf("%s: entry %q lacks an id or a reason, or stands there twice", path, e.ID)
		}
		ids[e.ID], statements[e.SQL] = true, true
		list = append(list, e)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if len(list) < atLeast {
		t.Fatalf("%s: %d entries, want at least %d", path, len(list), atLeast)
	}
	return list
}

func attacks(t testing.TB) []corpusEntry {
	t.Helper()
	return readCorpus(t, "../testdata/attacks/postgres.jsonl", 300)
}

func benign(t testing.TB) []corpusEntry {
	t.Helper()
	return readCorpus(t, "../testdata/benign/postgres.jsonl", 150)
}

// Every attack is refused, with the rule that a reader of docs/rules.md
// expects, whether or not the guard knows what the source holds.
func TestAttacksAreRefused(t *testing.T) {
	t.Parallel()
	unknown := newGuard(t, sqlguard.Policy{}, nil)
	known := newGuard(t, sqlguard.Policy{}, &sqlguard.Catalog{Tables: []string{"flights", "airports", "a", "b", "t"}})
	used := map[sqlguard.Rule]bool{}
	for _, e := range attacks(t) {
		used[e.Rule] = true
		if got := ruleOf(t, unknown, e.SQL); got != e.Rule {
			t.Errorf("%s: rule %q, want %q (%s)\n%.300q", e.ID, got, e.Rule, e.Why, e.SQL)
		}
		if got := ruleOf(t, known, e.SQL); got != e.Rule {
			t.Errorf("%s: with the catalog known: rule %q, want %q\n%.300q", e.ID, got, e.Rule, e.SQL)
		}
	}
	// Columns are hidden by policy and the last rules belong to engines.
	for _, rule := range sqlguard.Rules()[:18] {
		if !used[rule] && rule != sqlguard.RuleColumn && rule != sqlguard.RuleUnkeyedJoin {
			t.Errorf("no attack for %s", rule)
		}
	}
}

// What an honest user writes passes, and what it becomes passes again
// unchanged: the guard's own SQL is a fixed point.
func TestBenignQueriesPass(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	for _, e := range benign(t) {
		first, err := g.Check(context.Background(), e.SQL)
		if err != nil {
			t.Errorf("%s: %v: %v (%s)\n%q", e.ID, err, errors.Unwrap(err), e.Why, e.SQL)
			continue
		}
		second, err := g.Check(context.Background(), first.SQL())
		if err != nil {
			t.Errorf("%s: its own rendering is refused: %v: %v\n%q\n%q", e.ID, err, errors.Unwrap(err), e.SQL, first.SQL())
			continue
		}
		if second.SQL() != first.SQL() || second.Fingerprint() != first.Fingerprint() {
			t.Errorf("%s: not a fixed point:\n%q\n%q", e.ID, first.SQL(), second.SQL())
		}
	}
}
