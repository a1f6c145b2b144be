package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/corpus"
)

// TestReadPostgresDDL is the forms in which columns are told.
func TestReadPostgresDDL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string // name, whether its case counts, columns; ? where they are not known
	}{
		{`CREATE TABLE t ()`, []string{"t any: "}},
		{`CREATE TABLE public.T (A int, "B" int)`, []string{"t: a,B"}},
		{`CREATE TABLE s.t (a int, PRIMARY KEY (a))`, []string{"s.t: a"}},
		{`CREATE TABLE s.t OF kind`, []string{"s.t: ?"}},
		{`CREATE TABLE s.t () INHERITS (s.gone)`, []string{"s.t: ?"}},
		{`CREATE TABLE s.t (LIKE s.gone)`, []string{"s.t: ?"}},
		{`CREATE TABLE s.t (a int); CREATE TABLE s.u (a int, b int) INHERITS (s.t)`, []string{"s.t: a", "s.u: a,b"}},
		{`CREATE VIEW s.v AS SELECT 1`, []string{"s.v view: ?"}},
		{`CREATE VIEW s.v AS SELECT * FROM s.t`, []string{"s.v view: ?"}},
		{`CREATE VIEW s.v (x) AS SELECT 1`, []string{"s.v view: x"}},
		{`CREATE VIEW s.v (x) AS SELECT 1, t.b FROM t`, []string{"s.v view: x,b"}},
		{`CREATE VIEW s.v AS SELECT a, t.b, 1 AS c FROM t`, []string{"s.v view: a,b,c"}},
		{`CREATE VIEW s.v AS SELECT a FROM t UNION SELECT b FROM t UNION SELECT c FROM t`, []string{"s.v view: a"}},
		{`CREATE VIEW s.v AS WITH x AS (SELECT 1 AS b) SELECT b FROM x`, []string{"s.v view: b"}},
		{`CREATE VIEW s.v AS VALUES (1)`, []string{"s.v view: ?"}},
		{`CREATE MATERIALIZED VIEW s.v (y) AS SELECT a FROM t WITH NO DATA`, []string{"s.v view: y"}},
	} {
		made, err := readPostgresText(t, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		var got []string
		for _, table := range made.Tables {
			line := table.Name
			if table.AnyCase {
				line += " any"
			}
			if table.View {
				line += " view"
			}
			if table.Columns == nil {
				line += ": ?"
			} else {
				line += ": " + strings.Join(table.Columns, ",")
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
}

func readPostgresText(t *testing.T, text string) (corpus.Definitions, error) {
	t.Helper()
	statements, err := corpus.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	return readPostgresDDL().Read(t.Context(), statements)
}

// TestDeepestDDL gives the parser, which is C and has ended whole processes,
// the deepest trees that Split lets through.
func TestDeepestDDL(t *testing.T) {
	t.Parallel()
	const most = 4_980
	for _, text := range []string{
		"CREATE TABLE t (a int DEFAULT 1" + strings.Repeat("+1", most/2) + ")",
		"CREATE TABLE t (a int DEFAULT 1" + strings.Repeat("::int", most/3) + ")",
		"CREATE TABLE t (a int DEFAULT " + strings.Repeat("- ", most) + "1)",
		"CREATE TABLE t (a int DEFAULT " + strings.Repeat("(", most/2) + "1" + strings.Repeat(")", most/2) + ")",
		"CREATE TABLE t (a int CHECK (" + strings.Repeat("NOT ", most-10) + "true))",
		"CREATE VIEW v AS SELECT " + strings.Repeat("(SELECT ", most/3) + "1" + strings.Repeat(")", most/3),
		"CREATE VIEW v AS SELECT 1" + strings.Repeat(" UNION SELECT 1", most/3),
		"CREATE VIEW v AS SELECT 1 FROM t" + strings.Repeat(" CROSS JOIN t", most/3),
		"CREATE VIEW v AS SELECT " + strings.Repeat("f(", most/3) + "1" + strings.Repeat(")", most/3),
		"CREATE VIEW v AS SELECT " + strings.Repeat("CASE WHEN true THEN ", most/5) + "1" + strings.Repeat(" END", most/5),
		"CREATE VIEW v AS SELECT a" + strings.Repeat("[1]", most/3),
		"CREATE VIEW v AS " + strings.Repeat("WITH a AS (", most/7) + "SELECT 1" + strings.Repeat(") SELECT 1", most/7),
	} {
		_, _ = readPostgresText(t, text) // an error is an answer too
	}
	_, _ = corpus.Split("CREATE VIEW v AS SELECT 1" + strings.Repeat("+1", 100_000))
}
