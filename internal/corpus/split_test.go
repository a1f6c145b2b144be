package corpus_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/corpus"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string // line, kind and text
	}{
		{"nothing", " \n-- x\n/* a /* b */ ; */\n;;", nil},
		{"others", "SET x = 1; INSERT INTO t VALUES (1); DROP TABLE t; ALTER TABLE t OWNER TO x; CREATE INDEX i ON t(a); CREATE EXTENSION e", nil},
		{"no semicolon", "\nCREATE TABLE t (a int)", []string{"2 1 CREATE TABLE t (a int)"}},
		{"kinds", "create unlogged table a(); CREATE OR REPLACE TEMP VIEW b AS SELECT 1; CREATE MATERIALIZED VIEW c AS SELECT 1;" +
			"CREATE TYPE d AS ENUM ('x'); CREATE SCHEMA e; CREATE SEQUENCE f; CREATE FUNCTION g() AS 1; CREATE TABLE h AS SELECT 1; CREATE FOREIGN TABLE i()", []string{
			"1 1 create unlogged table a()", "1 3 CREATE OR REPLACE TEMP VIEW b AS SELECT 1", "1 3 CREATE MATERIALIZED VIEW c AS SELECT 1",
			"1 4 CREATE TYPE d AS ENUM ('x')", "1 5 CREATE SCHEMA e", "1 6 CREATE SEQUENCE f", "1 7 CREATE FUNCTION g() AS 1",
			"1 2 CREATE TABLE h AS SELECT 1", "1 1 CREATE FOREIGN TABLE i()",
		}},
		{"made of a query, with names", "CREATE TABLE h (a, b) AS SELECT 1", []string{"1 2 CREATE TABLE h (a, b) AS SELECT 1"}},
		{"AS within brackets", "CREATE TABLE h (a int GENERATED ALWAYS AS (1) STORED)", []string{"1 1 CREATE TABLE h (a int GENERATED ALWAYS AS (1) STORED)"}},
		{"quotes", `CREATE TABLE t (a text DEFAULT ';''', "b;""" int, c text DEFAULT E'\';', d text DEFAULT $x$;$$;$x$, e text DEFAULT '\'); CREATE SCHEMA s`, []string{
			`1 1 CREATE TABLE t (a text DEFAULT ';''', "b;""" int, c text DEFAULT E'\';', d text DEFAULT $x$;$$;$x$, e text DEFAULT '\')`, "1 5 CREATE SCHEMA s",
		}},
		{"a body of a function", "CREATE FUNCTION f() AS $$ BEGIN; CREATE TABLE x(); END $$ LANGUAGE plpgsql;\nCREATE TABLE t ()", []string{
			"1 7 CREATE FUNCTION f() AS $$ BEGIN; CREATE TABLE x(); END $$ LANGUAGE plpgsql", "2 1 CREATE TABLE t ()",
		}},
		{"semicolons within brackets", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; CREATE TABLE x()); CREATE TABLE t ()", []string{"1 1 CREATE TABLE t ()"}},
		{"commands of psql", "\\restrict a'b\nCREATE TABLE t (a int);\n  \\unrestrict a'b\nCREATE SCHEMA s;", []string{"2 1 CREATE TABLE t (a int)", "4 5 CREATE SCHEMA s"}},
		{"rows", "COPY public.t (a, b) FROM stdin;\n1\tit's; CREATE TABLE x();\n\\N\t2\n\\.\n\nCREATE TABLE t ();", []string{"6 1 CREATE TABLE t ()"}},
		{"no rows", "COPY t FROM stdin;\n\\.\nCREATE TABLE t ();", []string{"3 1 CREATE TABLE t ()"}},
		{"rows without an end", "COPY t FROM stdin;\n1\n2\nCREATE TABLE t ();", nil},
		{"a comment between words", "CREATE/* ; */TABLE t ( -- ;\na int)", []string{"1 1 CREATE/* ; */TABLE t ( -- ;\na int)"}},
	} {
		statements, err := corpus.Split(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, s := range statements {
			got = append(got, strconv.Itoa(s.Line)+" "+strconv.Itoa(int(s.Kind))+" "+s.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\nSELECT 'a":    "line 2: a quote",
		"SELECT \"a":     "line 1: a quote",
		"SELECT $a$ $b$": "line 1: a quote",
		"SELECT E'\\'":   "line 1: a quote",
		"\n\n/* /* */":   "line 3: a comment",
		"\nCREATE TABLE t (a int DEFAULT 1" + strings.Repeat("+1", 4_000) + ")":   "line 2: the statement is too long",
		"CREATE VIEW v AS SELECT 1" + strings.Repeat(" UNION SELECT 1, 2", 2_000): "line 1: the statement is too long",
	} {
		if _, err := corpus.Split(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	// A table of many columns is no deep one, nor are long statements that are not read.
	for _, text := range []string{
		"CREATE TABLE t (a int" + strings.Repeat(", a numeric(10,2) DEFAULT 0", 20_000) + ")",
		"CREATE TYPE t AS ENUM ('a'" + strings.Repeat(", 'a'", 20_000) + ")",
		"INSERT INTO t VALUES (1" + strings.Repeat("+1", 20_000) + ")",
	} {
		if _, err := corpus.Split(text); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestViewNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE VIEW v AS SELECT 1":                              `v`,
		"CREATE OR REPLACE TEMP VIEW v(a) AS SELECT 1":           `v`,
		`CREATE VIEW IF NOT EXISTS db.s."V ""x"".y" AS SELECT 1`: `db|s|V "x".y`,
		"CREATE VIEW": ``,
		"CREATE MATERIALIZED VIEW s.v AS SELECT 1": `s|v`,
	} {
		statements, err := corpus.Split(text)
		if err != nil || len(statements) != 1 {
			t.Fatalf("%s: %v, %v", text, statements, err)
		}
		if got := strings.Join(statements[0].Name, "|"); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// FuzzSplit: whatever the file, the statements are pieces of it in their
// order, on the lines that they say, and none is found within another.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"CREATE TABLE t (a int DEFAULT ';'); CREATE VIEW v AS SELECT $$;$$;", "\\restrict x\nCOPY t FROM stdin;\n1\n\\.\nCREATE SCHEMA s",
		"/* /* */ */ CREATE TYPE t AS ENUM ('a', E'\\'')", "CREATE TABLE \"a;\"\"\" ()\n;;CREATE MACRO m(x) AS x", "\ufeffCREATE TABLE t()",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, err := corpus.Split(text)
		if err != nil {
			return
		}
		rest, before := text, 0
		for _, s := range statements {
			i := strings.Index(rest, s.Text)
			if i < 0 || s.Text == "" || s.Kind == corpus.Other {
				t.Fatalf("%q is not in its place in %q", s.Text, text)
			}
			if s.Line < before+1 && before > 0 && s.Line < before {
				t.Fatalf("line %d after line %d", s.Line, before)
			}
			if lines := strings.Split(text, "\n"); s.Line < 1 || s.Line > len(lines) || !strings.Contains(lines[s.Line-1], strings.SplitN(s.Text, "\n", 2)[0]) {
				t.Fatalf("%q is not on line %d of %q", s.Text, s.Line, text)
			}
			before, rest = s.Line, rest[i+len(s.Text):]
		}
	})
}
