package corpus_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/corpus"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// fixed is a reader that finds the same in every file, or fails.
func fixed(dialect string, err error, tables ...corpus.Table) corpus.Reader {
	return corpus.Reader{Dialect: dialect, Read: func(context.Context, []corpus.Statement) (corpus.Definitions, error) {
		return corpus.Definitions{Tables: tables}, err
	}}
}

func TestSchemaTakesTheFirstThatUnderstands(t *testing.T) {
	t.Parallel()
	bad := fixed("one", errors.New("line 1: what is this"))
	empty := fixed("two", nil)
	good := fixed("three", nil, corpus.Table{Name: "t", Columns: []string{"a"}})
	schema := &corpus.Schema{}
	if err := schema.Add(t.Context(), "CREATE TABLE t (a int)", bad, empty, good, bad); err != nil {
		t.Fatal(err)
	}
	if _, _, err := newJudge(t, sqlguard.Strict, schema).Check(t.Context(), corpus.DuckDB, "SELECT * FROM t"); err != nil {
		t.Error(err)
	}
	err := schema.Add(t.Context(), "CREATE TABLE t (a int)", bad, empty)
	for _, want := range []string{"as one: line 1: what is this", "as two: it makes no table"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	good := fixed("any", nil, corpus.Table{Name: "t"})
	for text, want := range map[string]string{
		strings.Repeat(" ", corpus.MaxSchema+1): "longer than 8 MiB",
		"\xff\xfeC\x00":                         "no text in UTF-8",
		"CREATE TABLE t\x00":                    "no text in UTF-8",
		"CREATE TABLE '":                        "line 1: a quote",
	} {
		if err := new(corpus.Schema).Add(t.Context(), text, good); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", text, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := new(corpus.Schema).Add(ctx, "CREATE TABLE t (a int)", corpus.ReadDuckDB()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestSchemaNames: which names of a schema a query may use.
func TestSchemaNames(t *testing.T) {
	t.Parallel()
	schema := &corpus.Schema{}
	for _, table := range []corpus.Table{
		{Name: "Users", Columns: []string{"Id", "Name"}, AnyCase: true},
		{Name: "Strict", Columns: []string{"id"}},
		{Name: "split", Columns: []string{"a"}},
		{Name: "split", Columns: []string{"b"}},
		{Name: "vague"}, // its columns are not known
		{Name: "plan", Columns: []string{"a"}, View: true},
	} {
		if err := schema.Add(t.Context(), "", fixed("any", nil, table)); err != nil {
			t.Fatal(err)
		}
	}
	judge := newJudge(t, sqlguard.Analyst, schema)
	for _, c := range []struct {
		dialect, sql string
		rule         sqlguard.Rule
	}{
		{corpus.DuckDB, "SELECT * FROM uSERS", ""},
		{corpus.DuckDB, "SELECT * FROM strict", ""},
		{corpus.Postgres, "SELECT * FROM users", ""},
		{corpus.Postgres, `SELECT * FROM "Users"`, ""},
		{corpus.Postgres, `SELECT * FROM "USERS"`, sqlguard.RuleTable},
		{corpus.Postgres, "SELECT * FROM strict", sqlguard.RuleTable},
		{corpus.Postgres, `SELECT * FROM "Strict"`, ""},
		{corpus.Postgres, `SELECT 1 FROM users, "Strict" s WHERE name = s.id`, ""},
		{corpus.Postgres, `SELECT 1 FROM "Users", "Strict" s WHERE "Name" = s.id`, ""},
		{corpus.DuckDB, "SELECT 1 FROM split, users WHERE a = name", ""},
		{corpus.DuckDB, "SELECT 1 FROM split, users WHERE b = name", ""},
		{corpus.DuckDB, "SELECT 1 FROM vague v, vague w WHERE a = b", sqlguard.RuleUnkeyedJoin},
		{corpus.DuckDB, "EXPLAIN SELECT a FROM split", ""},
		{corpus.DuckDB, "EXPLAIN SELECT a FROM plan", sqlguard.RuleCatalog},
	} {
		_, _, err := judge.Check(t.Context(), c.dialect, c.sql)
		var refusal *sqlguard.Refusal
		rule := sqlguard.Rule("")
		if errors.As(err, &refusal) {
			rule = refusal.Rule
		} else if err != nil {
			t.Fatal(err)
		}
		if rule != c.rule {
			t.Errorf("%s, as %s: %q, want %q", c.sql, c.dialect, rule, c.rule)
		}
	}
}
