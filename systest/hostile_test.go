//go:build linux

package systest

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
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

// A macro of the file runs wherever its name is called, also that of a built-in
// function. No query calls one, and no view that may.
func TestHostileMacros(t *testing.T) {
	t.Parallel()
	s := serve(t, database(t,
		"CREATE TABLE data AS SELECT 'Name' AS name, [1, 2] AS list",
		"CREATE VIEW whispering AS SELECT lower(name) AS name FROM data",
		"CREATE VIEW listing AS SELECT extract(year FROM DATE '2001-01-01') AS names FROM data",
		"CREATE MACRO lower(x) AS 'hijacked'",
		"CREATE MACRO date_part(x, y) AS 'hijacked'",
		`CREATE MACRO "~~"(x, y) AS 'hijacked'`,
		"CREATE MACRO own(x) AS x + 1",
		"CREATE MACRO endless(x) AS TABLE SELECT * FROM range(1000000000000)",
	))
	for _, sql := range []string{
		"SELECT lower(name) FROM data", "SELECT LOWER('X')", `SELECT "lower"('X')`, "SELECT name.lower() FROM data", "SELECT main.lower(name) FROM data",
		"SELECT extract(year FROM DATE '2001-01-01') FROM data", "SELECT name LIKE 'N%' FROM data",
		"SELECT own(1)", "SELECT * FROM endless(1)", "SELECT name FROM whispering", "SELECT names FROM listing",
	} {
		if a := s.query(t, sql); a.status != http.StatusBadRequest || strings.Contains(a.body, "hijacked") {
			t.Errorf("%s: %d %s", sql, a.status, a.body)
		}
	}
	if got := s.query(t, "SELECT upper(name) FROM data").rows(t); !reflect.DeepEqual(got, [][]any{{"NAME"}}) {
		t.Errorf("upper: %v", got)
	}
	for _, view := range []string{"whispering", "listing"} {
		if !strings.Contains(s.banner.String(), "NOT served: "+view+" (") {
			t.Errorf("the banner does not name %s:\n%s", view, s.banner)
		}
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

// A file whose macros have the names of the functions that the server itself
// asks cannot hide what it holds.
func TestMacrosThatHide(t *testing.T) {
	t.Parallel()
	s := serve(t, database(t,
		"CREATE TABLE data AS SELECT 'Name' AS name",
		"CREATE VIEW bomb AS SELECT * FROM range(1000000000000)",
		"CREATE MACRO lower(x) AS 'nothing to see'",
		"CREATE MACRO duckdb_functions() AS TABLE SELECT 'own' AS function_name, false AS internal",
		"CREATE MACRO duckdb_views() AS TABLE SELECT 'main' AS schema_name, 'bomb' AS view_name, NULL AS comment, 'CREATE VIEW bomb AS SELECT 1' AS sql, false AS internal, false AS temporary",
		"CREATE MACRO duckdb_tables() AS TABLE SELECT 'main' AS schema_name, 'other' AS table_name, NULL AS comment, 1 AS estimated_size, false AS internal",
	))
	if got, want := s.tables(t), []string{"data"}; !reflect.DeepEqual(got, want) {
		t.Errorf("served: %v, want %v", got, want)
	}
	for _, sql := range []string{"SELECT lower(name) FROM data", "SELECT * FROM bomb", "SELECT * FROM other"} {
		if a := s.query(t, sql); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", sql, a.status, a.body)
		}
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
