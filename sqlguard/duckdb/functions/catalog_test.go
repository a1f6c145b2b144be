package functions

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/verdict"

	_ "github.com/duckdb/duckdb-go/v2" // the engine whose catalog is judged
)

// open opens an empty DuckDB that lives as long as the test.
func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// texts runs a query whose rows are texts.
func texts(t *testing.T, db *sql.DB, query string, args ...any) [][]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		row := make([]string, len(names))
		into := make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// kinds is the second column of functions.tsv.
func kinds() map[string][]string {
	table := map[string][]string{}
	for _, line := range verdict.Lines(functionsTSV) {
		field := strings.Split(line, "\t")
		table[field[verdict.ColumnName]] = strings.Split(field[verdict.ColumnKind], ",")
	}
	return table
}

// TestCatalogIsJudged compares the list with DuckDB's own, both ways: a
// function nobody has judged fails it, and so does one that is gone or has
// become something else.
func TestCatalogIsJudged(t *testing.T) {
	t.Parallel()
	db := open(t)
	catalog := map[string][]string{}
	for _, row := range texts(t, db, `SELECT DISTINCT lower(function_name), function_type FROM duckdb_functions() ORDER BY ALL`) {
		catalog[row[0]] = append(catalog[row[0]], row[1])
	}
	if len(catalog) < 900 {
		t.Fatalf("the catalog has %d functions only", len(catalog))
	}
	judged := kinds()
	for name, is := range catalog {
		said, known := judged[name]
		if !known {
			t.Errorf("%s (%s) has not been judged", name, strings.Join(is, ","))
			continue
		}
		var inCatalog []string
		for _, kind := range said {
			switch kind {
			case "value": // beside its kind in the catalog
			case "window": // an aggregate to the catalog
				inCatalog = append(inCatalog, "aggregate")
			default:
				inCatalog = append(inCatalog, kind)
			}
		}
		if !slices.Equal(is, inCatalog) {
			t.Errorf("%s is judged as %v, DuckDB has %v", name, said, is)
		}
	}
	for name, said := range judged {
		outside := slices.Equal(said, []string{"value"}) || slices.Equal(said, []string{"grammar"}) || slices.Equal(said, []string{"absent"})
		if _, known := catalog[name]; known == outside {
			t.Errorf("%s is judged as %v, in the catalog: %v", name, said, known)
		}
	}
}

// TestKindsOutsideTheCatalog asks DuckDB about the kinds its catalog does not
// tell.
func TestKindsOutsideTheCatalog(t *testing.T) {
	t.Parallel()
	db := open(t)
	try := func(query string) string {
		if _, err := db.ExecContext(t.Context(), query); err != nil {
			return err.Error()
		}
		return ""
	}
	seen := map[string]int{}
	for name, said := range kinds() {
		for _, kind := range said {
			seen[kind]++
			switch kind {
			case "value":
				if message := try(fmt.Sprintf(`SELECT %q`, name)); message != "" {
					t.Errorf("a column named %s is no function: %s", name, message)
				}
			case "window":
				if message := try(fmt.Sprintf(`SELECT %q(x) FROM (SELECT 1 AS x)`, name)); message == "" {
					t.Errorf("%s works without OVER", name)
				}
			case "absent":
				message := try(fmt.Sprintf(`SELECT %q(x, x) FROM (SELECT 1 AS x)`, name))
				if !strings.Contains(message, "does not exist") && !strings.Contains(message, "position_operator") {
					t.Errorf("%s is said to be absent, yet: %q", name, message)
				}
			}
		}
	}
	for _, query := range []string{`SELECT unlist([1])`, `SELECT '{"a":1}'::JSON -> 'a'`} {
		if message := try(query); message != "" {
			t.Errorf("%s: %s", query, message)
		}
	}
	if seen["value"] != 11 || seen["grammar"] != 2 || seen["window"] < 10 || seen["absent"] < 5 {
		t.Errorf("kinds: %v", seen)
	}
}

// TestGrammarIsJudged parses what has a syntax of its own: each name the
// parser makes of it must be judged. Names are read out of DuckDB's
// serialised tree.
func TestGrammarIsJudged(t *testing.T) {
	t.Parallel()
	db := open(t)
	found := map[string]bool{}
	for _, expression := range []string{
		`a + b - c * d / e // f % g ^ h ** i`, `-a`, `+a`, `@a`, `~a`, `a!`, `!a`, `a & b | c << 1 >> 2`, `a || b`,
		`a LIKE b`, `a NOT LIKE b`, `a ILIKE b`, `a NOT ILIKE b`, `a GLOB b`, `a SIMILAR TO b`, `a NOT SIMILAR TO b`,
		`a LIKE b ESCAPE c`, `a NOT LIKE b ESCAPE c`, `a ILIKE b ESCAPE c`, `a NOT ILIKE b ESCAPE c`, `a ~ b`, `a !~ b`,
		`a ^@ b`, `a <-> b`, `a <=> b`, `a && b`, `a @> b`, `a <@ b`, `a ->> 'b'`,
		`[1, 2]`, `{'a': 1}`, `MAP {1: 2}`, `(1, 2)`, `ROW(1, 2)`, `ARRAY[1]`, `a[1]`, `a[1:2]`, `a IN b`, `a = ANY(b)`, `a > ALL(b)`,
		`[x + 1 FOR x IN l]`, `[x + 1 FOR x IN l IF x > 1]`, `COLUMNS(c -> c LIKE 'a')`, `ARRAY(SELECT 1)`,
		`EXTRACT(year FROM d)`, `POSITION('a' IN b)`, `SUBSTRING(a FROM 1 FOR 2)`, `TRIM(BOTH 'x' FROM a)`,
		`TRIM(LEADING 'x' FROM a)`, `TRIM(TRAILING 'x' FROM a)`, `OVERLAY(a PLACING b FROM 1)`, `COLLATION FOR (a)`,
		`a AT TIME ZONE 'UTC'`, `NULLIF(a, b)`, `(a, b) OVERLAPS (c, d)`,
		`INTERVAL 1 YEAR`, `INTERVAL 1 MONTH`, `INTERVAL 1 DAY`, `INTERVAL 1 HOUR`, `INTERVAL 1 MINUTE`, `INTERVAL 1 SECOND`,
		`INTERVAL 1 MILLISECOND`, `INTERVAL 1 MICROSECOND`, `INTERVAL 1 WEEK`, `INTERVAL 1 QUARTER`, `INTERVAL 1 DECADE`,
		`INTERVAL 1 CENTURY`, `INTERVAL 1 MILLENNIUM`,
		`count(*)`, `list(a ORDER BY a)`, `PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY a)`, `PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY a)`,
		`MODE() WITHIN GROUP (ORDER BY a)`, `row_number() OVER ()`, `lag(a) OVER ()`, `a.lower()`,
	} {
		names := texts(t, db, `SELECT unnest(list_distinct(regexp_extract_all(json_serialize_sql(?::VARCHAR)::VARCHAR, '"function_name":"([^"]*)"', 1)))`,
			`SELECT `+expression+` FROM t`)
		failed := texts(t, db, `SELECT (json_serialize_sql(?::VARCHAR)->>'error')::VARCHAR`, `SELECT `+expression+` FROM t`)
		if failed[0][0] != "false" {
			t.Errorf("%s does not parse", expression)
		}
		for _, row := range names {
			found[row[0]] = true
			if _, judged := Judge(row[0]); !judged {
				t.Errorf("%s calls %q, which has not been judged", expression, row[0])
			}
		}
	}
	if len(found) < 60 {
		t.Errorf("%d names found only: %v", len(found), found)
	}
}

// TestMacroCopies compares the copies a macro makes of an argument with its
// definition.
func TestMacroCopies(t *testing.T) {
	t.Parallel()
	db := open(t)
	// Words outside quotes that are not labels; a macro of the body may copy
	// in its turn.
	macros := texts(t, db, `
		SELECT function_name, unnest(parameters)::VARCHAR, regexp_replace(macro_definition, '''[^'']*''|"?\w+"? :=', '', 'g')
		FROM duckdb_functions() WHERE function_type = 'macro' ORDER BY ALL`)
	counted := map[string]int{}
	for _, row := range macros {
		name, parameter, body := row[0], row[1], row[2]
		v, judged := Judge(name)
		if !judged || !v.Allowed {
			continue
		}
		copies, inner := 0, 1
		for _, word := range strings.FieldsFunc(body, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz_0123456789", r) }) {
			if word == parameter {
				copies++
			}
			if called, known := Judge(word); known && word != name && word != parameter {
				inner = max(inner, called.Copies)
			}
		}
		counted[name] = max(counted[name], copies*inner)
	}
	if len(counted) < 50 {
		t.Fatalf("%d macros with parameters only", len(counted))
	}
	for name, copies := range counted {
		v, _ := Judge(name)
		if said := max(v.Copies, 1); copies > said {
			t.Errorf("%s writes an argument %d times, judged as %d", name, copies, said)
		}
	}
}
