//go:build linux

package systest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Views are the file's own queries. Those that do what no client may do are not
// served, nor is what is built on them, and the operator is told.
func TestHostileViews(t *testing.T) {
	t.Parallel()
	csv := writeFile(t, "secret.csv", "secret\nk4n4ry\n")
	s := serve(t, database(t,
		"CREATE TABLE data AS SELECT i AS n, 'name ' || i AS name FROM range(10) r(i)",
		"CREATE VIEW good AS SELECT name, count(*) AS c FROM data GROUP BY name",
		"CREATE VIEW better AS SELECT c FROM good",
		"CREATE VIEW reads_file AS SELECT * FROM read_csv('"+csv+"')",
		"CREATE VIEW reads_named AS SELECT * FROM '"+csv+"'",
		"CREATE VIEW reads_text AS SELECT * FROM read_text('"+csv+"')",
		"CREATE VIEW globs AS SELECT * FROM glob('/etc/*')",
		"CREATE VIEW bomb AS SELECT * FROM range(1000000000000)",
		"CREATE VIEW settings AS SELECT * FROM duckdb_settings()",
		"CREATE VIEW setting AS SELECT current_setting('temp_directory') AS s",
		"CREATE VIEW swollen AS SELECT repeat('x', 1000000000) AS s",
		// Harmless by their own text.
		"CREATE VIEW indirect AS SELECT * FROM reads_file",
		"CREATE VIEW more_indirect AS SELECT count(*) AS c FROM indirect",
		"CREATE SCHEMA sub",
		"CREATE VIEW sub.hidden AS SELECT * FROM main.bomb",
		// Two things of one name, of which one would be judged and the other run.
		`CREATE VIEW "sub.twin" AS SELECT * FROM range(1000000000000)`,
		"CREATE VIEW sub.twin AS SELECT n FROM main.data",
	))
	wanted := []string{"better", "data", "good"}
	if got := s.tables(t); !reflect.DeepEqual(got, wanted) {
		t.Errorf("served: %v, want %v", got, wanted)
	}
	for _, table := range wanted {
		if a := s.query(t, "SELECT count(*) FROM "+table); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", table, a.status, a.body)
		}
	}
	for _, view := range []string{
		"reads_file", "reads_named", "reads_text", "globs", "bomb", "settings", "setting", "swollen", "indirect", "more_indirect",
		"sub.hidden", `"sub.twin"`, "sub.twin",
	} {
		a := s.query(t, "SELECT * FROM "+view)
		if a.status != http.StatusBadRequest || !slices.Contains([]string{"sql.table", "sql.file_source", "sql.catalog"}, a.rule()) {
			t.Errorf("%s: %d %s", view, a.status, a.body)
		}
		if name := strings.Trim(view, `"`); !strings.Contains(s.banner.String(), "NOT served: "+name+" (") || !strings.Contains(s.log.String(), name) {
			t.Errorf("%s: the operator is not told", name)
		}
		if a := s.request(t, http.MethodGet, "/v1/sources/"+s.sourceName(t)+"/tables/"+url.PathEscape(strings.Trim(view, `"`)), ""); a.status != http.StatusForbidden {
			t.Errorf("%s is described: %s", view, a.body)
		}
	}
}

// A generated column is computed when it is read: it is judged like a view.
// What else a file may compute is computed when something is written, and that
// nobody does.
func TestHostileTables(t *testing.T) {
	t.Parallel()
	doubled, forward := []string{"a VARCHAR", "g0 VARCHAR AS (a || a)"}, []string{"a VARCHAR", "g0 VARCHAR AS (a || a)"}
	for i := range 20 {
		column := fmt.Sprintf("g%d VARCHAR AS (g%d || g%d)", i+1, i, i)
		doubled, forward = append(doubled, column), append([]string{column}, forward...)
	}
	s := serve(t, database(t,
		"CREATE TABLE data AS SELECT i AS n, 'name ' || i AS name FROM range(10) r(i)",
		"CREATE SEQUENCE ids",
		"CREATE TYPE mood AS ENUM ('sad', 'ok')",
		"CREATE MACRO own(x) AS current_setting('temp_directory')",
		"CREATE MACRO rows_of_own() AS TABLE SELECT * FROM range(1000000000000)",
		`CREATE TABLE priced (id BIGINT DEFAULT nextval('ids'), made TIMESTAMP DEFAULT current_timestamp, price DOUBLE, n INTEGER, day DATE,
			total DOUBLE AS (price * n), tax AS (round(total * 0.2, 2)), "the year" AS (extract(year FROM day)), label AS (upper('it''s ' || n)))`,
		"INSERT INTO priced (price, n, day) VALUES (2.5, 4, '2024-02-29')",
		"CREATE VIEW over_priced AS SELECT total FROM priced",
		"CREATE TABLE checked (a INTEGER CHECK (length(current_setting('temp_directory')) > 0), m mood DEFAULT 'ok', s VARCHAR DEFAULT own(1))",
		"INSERT INTO checked (a) VALUES (1)",
		"CREATE TABLE indexed AS SELECT 'x' AS a",
		"CREATE INDEX by_lower ON indexed (lower(a))",
		"COMMENT ON TABLE indexed IS 'GENERATED ALWAYS AS(current_setting(1))'",

		"CREATE TABLE tells (a INTEGER, g AS (current_setting('temp_directory')))",
		"INSERT INTO tells VALUES (1)",
		"CREATE TABLE asks (a INTEGER, ok AS (a + 1), g AS (version() || current_database() || current_query()))",
		"CREATE TABLE swells (a INTEGER, g AS (len(range(a * 100000000))))",
		"CREATE TABLE calls (a INTEGER, g VARCHAR AS (own(a)))",
		"CREATE TABLE doubled ("+strings.Join(doubled, ", ")+")",
		"CREATE TABLE doubled_forward ("+strings.Join(forward, ", ")+")",
		"CREATE VIEW over_tells AS SELECT a FROM tells",
		"CREATE VIEW over_that AS SELECT count(*) AS c FROM over_tells",
		"CREATE SCHEMA sub",
		"CREATE TABLE sub.also (a INTEGER, g AS (current_setting('temp_directory')))",
		"CREATE VIEW over_sub AS SELECT a FROM sub.also",
	))
	wanted := []string{"checked", "data", "indexed", "over_priced", "priced"}
	if got := s.tables(t); !reflect.DeepEqual(got, wanted) {
		t.Errorf("served: %v, want %v\n%s", got, wanted, s.banner)
	}
	if got := s.query(t, `SELECT total, tax, "the year", label FROM priced`).rows(t); !reflect.DeepEqual(got, [][]any{{10.0, 2.0, 2024.0, "IT'S 4"}}) {
		t.Errorf("priced: %v", got)
	}
	for _, table := range wanted {
		if a := s.query(t, "SELECT count(*) FROM "+table); a.status != http.StatusOK {
			t.Errorf("%s: %d %s", table, a.status, a.body)
		}
	}
	for _, table := range []string{
		"tells", "asks", "swells", "calls", "doubled", "doubled_forward", "over_tells", "over_that", "sub.also", "over_sub",
	} {
		if a := s.query(t, "SELECT * FROM "+table); a.status != http.StatusBadRequest || a.rule() != "sql.table" {
			t.Errorf("%s: %d %s", table, a.status, a.body)
		}
		if !strings.Contains(s.banner.String(), "NOT served: "+table+" (") {
			t.Errorf("%s: the operator is not told", table)
		}
	}
	for _, sql := range []string{"SELECT * FROM ids", "SELECT nextval('ids')", "SELECT * FROM rows_of_own", "SELECT * FROM mood"} {
		if a := s.query(t, sql); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", sql, a.status, a.body)
		}
	}
}

// A name with a dot can read like something else, which it would open. A file
// with such a name is not served at all.
func TestMisleadingNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"data.hidden", "DATA.hidden", "information_schema.tables", "pg_catalog.pg_tables", "main.x", "temp.x", "system.x"} {
		refusesToServe(t, database(t,
			"CREATE VIEW hidden AS SELECT current_setting('temp_directory') AS s",
			"CREATE TABLE "+quoted(name)+" AS SELECT 1 AS i",
		), strconv.Quote(name), "rename it")
	}
}

// refusesToServe wants the server to end with an error that says so.
func refusesToServe(t *testing.T, source string, wanted ...string) {
	t.Helper()
	config := writeFile(t, "sallyport.yaml", "listen: 127.0.0.1:0\noperator: {listen: \"off\"}\naccess: {public: true}\nsources: {data: {location: "+source+"}}\n")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary, "serve", "--config", config).CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Errorf("%v is served: %v\n%s", wanted, err, out)
	}
	for _, w := range wanted {
		if !strings.Contains(string(out), w) {
			t.Errorf("the error does not name %s:\n%s", w, out)
		}
	}
}

// A macro of the file runs wherever its name is called. No query calls one.
func TestHostileMacros(t *testing.T) {
	t.Parallel()
	s := serve(t, database(t,
		"CREATE TABLE data AS SELECT 'Name' AS name, [1, 2] AS list",
		"CREATE MACRO own(x) AS x + 1",
		"CREATE MACRO Größer(x) AS x + 1",
		"CREATE MACRO endless(x) AS TABLE SELECT * FROM range(1000000000000)",
	))
	for _, sql := range []string{
		"SELECT own(1)", "SELECT OWN(1)", `SELECT "own"(1)`, "SELECT main.own(1)", "SELECT data.main.own(1)", "SELECT name.own() FROM data",
		"SELECT größer(1)", `SELECT "Größer"(1)`, "SELECT * FROM endless(1)",
	} {
		if a := s.query(t, sql); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", sql, a.status, a.body)
		}
	}
	if got := s.query(t, "SELECT upper(name) FROM data").rows(t); !reflect.DeepEqual(got, [][]any{{"NAME"}}) {
		t.Errorf("upper: %v", got)
	}
}

// A macro with the name of a built-in function runs in its place, also where
// nobody wrote that name. Such a file is not served, nor can it hide its macros
// from the functions that the server itself asks.
func TestMacrosInPlaceOfFunctions(t *testing.T) {
	t.Parallel()
	for name, macro := range map[string]string{
		"lower":            "lower(x) AS 'hijacked'",
		"date_part":        "Date_Part(x, y) AS 'hijacked'",
		"~~":               `"~~"(x, y) AS 'hijacked'`,
		"struct_extract":   "struct_extract(x, y) AS 'hijacked'",
		"duckdb_functions": "duckdb_functions() AS TABLE SELECT 'own' AS function_name, 'system' AS database_name, false AS internal",
	} {
		refusesToServe(t, database(t, "CREATE TABLE data AS SELECT 'Name' AS name", "CREATE MACRO "+macro), name, "rename")
	}
}

// A view that calls a macro of the file does what its text does not show.
// Others are served.
func TestViewsThatUseMacros(t *testing.T) {
	t.Parallel()
	s := serve(t, database(t,
		"CREATE TABLE data AS SELECT 'Name' AS name",
		"CREATE MACRO own_bomb(x) AS (SELECT count(*) FROM range(1000000000000))",
		"CREATE MACRO own_rows(x) AS TABLE SELECT * FROM range(1000000000000)",
		"CREATE VIEW calls AS SELECT own_bomb(name) AS n FROM data",
		"CREATE VIEW reads AS SELECT * FROM own_rows(1)",
		"CREATE VIEW reads_that AS SELECT * FROM calls",
		"CREATE VIEW good AS SELECT upper(name) AS name FROM data",
	))
	if got, want := s.tables(t), []string{"data", "good"}; !reflect.DeepEqual(got, want) {
		t.Errorf("served: %v, want %v", got, want)
	}
	if got := s.query(t, "SELECT name FROM good").rows(t); !reflect.DeepEqual(got, [][]any{{"NAME"}}) {
		t.Errorf("a view that uses upper: %v", got)
	}
}

// A table may be called anything. Each can be found, described and queried by
// its name in quotes, and no name shows as anything else in a terminal.
func TestOddNames(t *testing.T) {
	t.Parallel()
	names := []string{
		"a.b", `quo"te`, "it's", "two words", "größe", "表", "🦆", "select", "TABLE", "x.csv", "http://example.com/x.parquet", "*", "%", ";", "--", "/*",
		"line\nbreak", "\x1b[2Jclear", "a/b", "..", "$1", "?", "0", "duckdb_tables", "information_schema",
	}
	statements := []string{"CREATE SCHEMA sub", "CREATE TABLE sub.inner AS SELECT 42 AS n"}
	for _, name := range names {
		statements = append(statements, "CREATE TABLE "+quoted(name)+" AS SELECT 42 AS n")
	}
	s := serve(t, database(t, statements...))
	sorted := append([]string{"sub.inner"}, names...)
	slices.Sort(sorted)
	if got := s.tables(t); !reflect.DeepEqual(got, sorted) {
		t.Errorf("tables %q, want %q", got, sorted)
	}
	for _, name := range names {
		a := s.query(t, "SELECT n FROM "+quoted(name))
		// What hides in a terminal or a log is refused for its characters.
		if strings.ContainsAny(name, "\n\x1b") {
			if a.status != http.StatusBadRequest {
				t.Errorf("%q: %d %s", name, a.status, a.body)
			}
			continue
		}
		if a.status != http.StatusOK || !strings.Contains(a.body, `"rows":[[42]]`) {
			t.Errorf("%q: %d %s", name, a.status, a.body)
		}
		a = s.request(t, http.MethodGet, "/v1/sources/"+s.sourceName(t)+"/tables/"+url.PathEscape(name), "")
		if a.status != http.StatusOK && name != ".." && name != "a/b" {
			t.Errorf("%q is not described: %d %s", name, a.status, a.body)
		}
	}
	if got := s.query(t, "SELECT n FROM sub.inner").rows(t); !reflect.DeepEqual(got, [][]any{{42.0}}) {
		t.Errorf("a table of a schema: %v", got)
	}
	if strings.Contains(s.banner.String(), "\x1b") {
		t.Errorf("the banner has control characters: %q", s.banner)
	}
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
