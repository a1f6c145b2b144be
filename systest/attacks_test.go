//go:build linux

package systest

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Every published attack is refused by the real server with the rule that the
// corpus expects, before any worker sees it.
func TestAttacksOverHTTP(t *testing.T) {
	t.Parallel()
	source := database(t,
		"CREATE TABLE flights AS SELECT 1 AS a, 2 AS b, 'x' AS origin", "CREATE TABLE airports AS SELECT 1 AS a, 'x' AS iata",
		"CREATE TABLE a AS SELECT 1 AS a", "CREATE TABLE b AS SELECT 1 AS a", "CREATE TABLE t AS SELECT 1 AS a")
	s := configured(t, "listen: 127.0.0.1:0\nhttp: {max_body: 1MiB}\nsources:\n  data:\n    location: "+source+"\n")
	corpus, err := os.Open(filepath.Join(root, "sqlguard", "testdata", "attacks", "duckdb.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = corpus.Close() }() // only read
	lines := bufio.NewScanner(corpus)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var attack struct{ ID, SQL, Rule, Why string }
		if err := json.Unmarshal(lines.Bytes(), &attack); err != nil {
			t.Fatal(err)
		}
		if a := s.query(t, attack.SQL); a.status != http.StatusBadRequest || a.rule() != attack.Rule {
			t.Errorf("%s (%s): %d %s, want %s\n%.300q", attack.ID, attack.Why, a.status, a.body, attack.Rule, attack.SQL)
		}
		n++
	}
	if err := lines.Err(); err != nil || n < 250 {
		t.Errorf("%d attacks, %v", n, err)
	}
	// The workers have heard of none of it.
	for _, w := range s.workers() {
		if w.ticks > 500 {
			t.Errorf("worker %d has computed for %d ticks", w.pid, w.ticks)
		}
	}
	if got := s.query(t, "SELECT origin FROM flights").rows(t); len(got) != 1 {
		t.Errorf("an honest query afterwards: %v", got)
	}
}
