package duckdb

import (
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// DuckDB itself writes the statements and expressions that are taken apart.
func TestComputed(t *testing.T) {
	for name, c := range map[string]struct {
		columns string
		want    string
	}{
		"nothing generated": {"a INTEGER DEFAULT 42, b VARCHAR DEFAULT current_setting('threads'), CHECK (a > 0)", ""},
		"one":               {"a INTEGER, g AS (a + 1)", `CAST((a + 1) AS INTEGER) AS "g"`},
		"with defaults":     {"a INTEGER DEFAULT 42, g INTEGER AS (a + 1), b BIGINT DEFAULT CAST(7 AS BIGINT)", `CAST((a + 1) AS INTEGER) AS "g"`},
		"in order":          {"a INTEGER, g AS (a + 1), h AS (g * 2)", `CAST((a + 1) AS INTEGER) AS "g", CAST((g * 2) AS INTEGER) AS "h"`},
		"forward": {
			"a INTEGER, h AS (g * 2), g AS (a + 1)",
			`CAST((g * 2) AS INTEGER) AS "h", CAST((a + 1) AS INTEGER) AS "g", CAST((g * 2) AS INTEGER) AS "h", CAST((a + 1) AS INTEGER) AS "g"`,
		},
		"forward, in quotes": {
			`a INTEGER, h AS ("G ""x" * 2), "g ""x" AS (a)`,
			`CAST(("G ""x" * 2) AS INTEGER) AS "h", CAST(a AS INTEGER) AS "g ""x", CAST(("G ""x" * 2) AS INTEGER) AS "h", CAST(a AS INTEGER) AS "g ""x"`,
		},
		"own type": {"a VARCHAR, g mood AS (a)", `CAST(a AS "mood") AS "g"`},
		// Where the words stand in a text, no column is left out.
		"words in a text": {
			"a VARCHAR DEFAULT 'GENERATED ALWAYS AS(x)', b INTEGER DEFAULT 1, g AS (a)",
			`'GENERATED ALWAYS AS(x)' AS "a", 1 AS "b", CAST(a AS VARCHAR) AS "g"`,
		},
		"words in a text only": {"a VARCHAR DEFAULT 'GENERATED ALWAYS AS('", `'GENERATED ALWAYS AS(' AS "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			answer := catalogOf(t, "CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TABLE t ("+c.columns+")")
			want := ""
			if c.want != "" {
				want = "CREATE VIEW computed AS SELECT " + c.want + ";"
			}
			if got := answer.Definitions["t"]; got != want {
				t.Errorf("computed %s, want %s", got, want)
			}
		})
	}
}

// catalogOf reads the catalog of a file that statements have made.
func catalogOf(t *testing.T, statements ...string) ready {
	t.Helper()
	path := t.TempDir() + "/data.duckdb"
	handle, err := duckdblib.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer handle.Close()
	conn, err := handle.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range statements {
		if err := conn.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	answer, err := (&database{handle: handle, conn: conn}).readCatalog(setup{})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// More than is ever judged is not written either.
func TestComputedIsBounded(t *testing.T) {
	t.Parallel()
	var defaults []expression
	for range 2000 {
		defaults = append(defaults, expression{column: "g", typ: "INTEGER", text: "CAST(g AS INTEGER)"})
	}
	text := computed("CREATE TABLE t (g INTEGER GENERATED ALWAYS AS(g))", defaults)
	if len(text) <= 256<<10 || len(text) > 2*maxComputed {
		t.Errorf("%d bytes", len(text))
	}
}

// What the catalog reports is what DuckDB stores, not what it folds.
func TestCatalogKeepsNames(t *testing.T) {
	answer := catalogOf(t, "CREATE TABLE Größe (i INTEGER)", "CREATE SCHEMA Sub", "CREATE VIEW Sub.V AS SELECT 1 AS i", "CREATE MACRO İd(x) AS x")
	var names []string
	for _, table := range answer.Catalog.Tables {
		names = append(names, table.Name)
	}
	if got := strings.Join(append(names, answer.Catalog.Macros...), " "); got != "Sub.V Größe İd" || !answer.Catalog.Tables[0].View || answer.Catalog.Tables[1].View {
		t.Errorf("%s: %+v", got, answer.Catalog.Tables)
	}
}

func TestMisleadingNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		database, schema, name string
		misleading             bool
	}{
		{"data", "main", "t", false},
		{"data", "main", "a.b", false},
		{"data", "sub", "t", false},
		{"data", "main", "data", false},
		{"data", "main", "database.t", false},
		{"data", "main", "data.t", true},
		{"data", "main", "DATA.t", true},
		{"Data", "main", "data.t.u", true},
		{"größe", "main", "GRÖSSE.t", false}, // not to DuckDB either
		{"größe", "main", "GRÖẞE.t", true},   // nor this; but who knows
		{"data", "main", "main.t", true},
		{"data", "main", "information_schema.tables", true},
		{"data", "main", "PG_catalog.pg_class", true},
		{"data", "main", "system.t", true},
		{"data", "main", "temp.t", true},
		{"data", "data", "t", false}, // a schema of the name is what it says
		{"a.b", "a", "b.t", true},    // "a.b".t is in the database
		{"a.b", "a", "t", false},
	} {
		if err := refuseMisleading(c.database, c.schema, c.name); (err != nil) != c.misleading {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
