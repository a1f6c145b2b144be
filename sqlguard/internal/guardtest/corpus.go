package guardtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Entry is one line of a corpus file; testdata/README.md describes the format.
type Entry struct {
	ID  string `json:"id"`
	SQL string `json:"sql"`
	// Why says what makes an attack dangerous, or a query an honest one.
	Why string `json:"why"`
	// Rule refuses an attack, under strict and, unless Analyst says otherwise,
	// under analyst. Empty for what is no attack.
	Rule sqlguard.Rule `json:"rule"`
	// Analyst is the rule that refuses an attack under analyst where it is
	// another one, or Allowed.
	Analyst sqlguard.Rule `json:"analyst"`
	// Strict is the rule that refuses an honest query under strict although
	// analyst lets it through; empty: both do.
	Strict sqlguard.Rule `json:"strict"`
}

// Allowed stands in Entry.Analyst for what is an attack under strict only.
const Allowed sqlguard.Rule = "allowed"

// structural are the rules under which analyst lets more through than strict:
// an attack by any other is one under both.
var structural = []sqlguard.Rule{
	sqlguard.RuleTooLong, sqlguard.RuleGenerator, sqlguard.RuleFunction, sqlguard.RuleOrderBy, sqlguard.RuleMultipleSources, sqlguard.RuleDepth,
}

// Want is the rule that refuses the entry under a preset; empty for none.
func (e Entry) Want(p sqlguard.Preset) sqlguard.Rule {
	switch {
	case e.Rule == "" && p == sqlguard.Strict:
		return e.Strict
	case e.Rule == "" || p == sqlguard.Analyst && e.Analyst == Allowed:
		return ""
	case p == sqlguard.Analyst && e.Analyst != "":
		return e.Analyst
	default:
		return e.Rule
	}
}

// ReadAttacks reads a corpus of what must be refused.
func ReadAttacks(t testing.TB, path string, atLeast int) []Entry {
	t.Helper()
	return readCorpus(t, path, atLeast, func(e Entry) error {
		switch {
		case e.Strict != "" || !isRule(e.Rule):
			return fmt.Errorf("an attack names the rule that refuses it, not %q", e.Rule)
		case e.Analyst == e.Rule || e.Analyst != "" && e.Analyst != Allowed && !isRule(e.Analyst):
			return fmt.Errorf("analyst: %q is neither another rule nor %q", e.Analyst, Allowed)
		case e.Analyst == Allowed && !slices.Contains(structural, e.Rule):
			return fmt.Errorf("analyst lets nothing through that strict refuses by %s", e.Rule)
		default:
			return nil
		}
	})
}

// ReadBenign reads a corpus of what must pass.
func ReadBenign(t testing.TB, path string, atLeast int) []Entry {
	t.Helper()
	return readCorpus(t, path, atLeast, func(e Entry) error {
		if e.Rule != "" || e.Analyst != "" || e.Strict != "" && !slices.Contains(structural, e.Strict) {
			return fmt.Errorf("strict: %q is no rule under which analyst lets more through", e.Strict)
		}
		return nil
	})
}

func isRule(r sqlguard.Rule) bool { return slices.Contains(sqlguard.Rules(), r) }

func readCorpus(t testing.TB, path string, atLeast int, sound func(Entry) error) []Entry {
	t.Helper()
	file, err := os.Open(path) //nolint:gosec // a corpus of the tests
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	var list []Entry
	ids, statements := map[string]bool{}, map[string]bool{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e Entry
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&e); err != nil {
			t.Fatalf("%s: %v: %.100s", path, err, lines.Text())
		}
		if e.ID == "" || e.Why == "" || ids[e.ID] || statements[e.SQL] {
			t.Errorf("%s: entry %q lacks an id or a reason, or stands there twice", path, e.ID)
		}
		if err := sound(e); err != nil {
			t.Errorf("%s: entry %q: %v", path, e.ID, err)
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
