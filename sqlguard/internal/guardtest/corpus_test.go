package guardtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// fatal ends a reader of a corpus, as Fatal would.
type fatal struct{ recorder }

func (f *fatal) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	panic(f)
}

func complaints(t *testing.T, read func(testing.TB, string, int) []Entry, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "corpus.jsonl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := &fatal{recorder{TB: t}}
	func() {
		defer func() { _ = recover() }() // from Fatalf
		read(seen, path, 1)
	}()
	return strings.Join(seen.complaints, "\n")
}

func TestCorpusFormat(t *testing.T) {
	t.Parallel()
	const head = `{"id": "a", "sql": "SELECT 1", "why": "because"`
	for line, want := range map[string]string{
		head + `, "rule": "sql.function"}`:                                                                      "",
		head + `, "rule": "sql.multiple_sources", "analyst": "sql.unkeyed_join"}`:                               "",
		head + `, "rule": "sql.multiple_sources", "analyst": "allowed"}`:                                        "",
		head + `, "rule": "sql.statement", "analyst": "allowed"}`:                                               "lets nothing through",
		head + `, "rule": "sql.function", "analyst": "sql.function"}`:                                           "neither another rule",
		head + `, "rule": "sql.function", "analyst": "sql.nothing"}`:                                            "neither another rule",
		head + `, "rule": "sql.nothing"}`:                                                                       "names the rule",
		head + `}`:                                                                                              "names the rule",
		head + `, "rule": "sql.function", "strict": "sql.depth"}`:                                               "names the rule",
		head + `, "rule": "sql.function", "analysts": "allowed"}`:                                               "unknown field",
		`{"id": "a", "sql": "SELECT 1", "rule": "sql.function"}`:                                                "lacks an id or a reason",
		head + `, "rule": "sql.function"}` + "\n" + `{"id": "a", "sql": "x", "why": "y", "rule": "sql.column"}`: "stands there twice",
		"": "0 entries",
	} {
		if got := complaints(t, ReadAttacks, line); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for line, want := range map[string]string{
		head + `}`: "", head + `, "strict": "sql.multiple_sources"}`: "", head + `, "strict": "sql.statement"}`: "no rule under which", head + `, "rule": "sql.function"}`: "no rule under which",
	} {
		if got := complaints(t, ReadBenign, line); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestWant(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		entry           Entry
		strict, analyst sqlguard.Rule
	}{
		{Entry{Rule: sqlguard.RuleCatalog}, sqlguard.RuleCatalog, sqlguard.RuleCatalog},
		{Entry{Rule: sqlguard.RuleMultipleSources, Analyst: sqlguard.RuleUnkeyedJoin}, sqlguard.RuleMultipleSources, sqlguard.RuleUnkeyedJoin},
		{Entry{Rule: sqlguard.RuleMultipleSources, Analyst: Allowed}, sqlguard.RuleMultipleSources, ""},
		{Entry{}, "", ""},
		{Entry{Strict: sqlguard.RuleDepth}, sqlguard.RuleDepth, ""},
	} {
		if strict, analyst := test.entry.Want(sqlguard.Strict), test.entry.Want(sqlguard.Analyst); strict != test.strict || analyst != test.analyst {
			t.Errorf("%+v: %q and %q", test.entry, strict, analyst)
		}
	}
}
