package corpus_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/corpus"
)

// read reads DDL as DuckDB's and returns the columns of each table, with a
// view's after a colon.
func read(ctx context.Context, text string) (map[string]string, []string, error) {
	statements, err := corpus.Split(text)
	if err != nil {
		return nil, nil, err
	}
	made, err := corpus.ReadDuckDB().Read(ctx, statements)
	tables := map[string]string{}
	for _, t := range made.Tables {
		columns := strings.Join(t.Columns, ",")
		if t.Columns == nil {
			columns = "?"
		}
		if t.View {
			columns = ":" + columns
		}
		tables[t.Name] = columns
	}
	return tables, made.Macros, err
}

func TestReadDuckDB(t *testing.T) {
	t.Parallel()
	tables, macros, err := read(t.Context(), readFile(t, "shop.sql"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"customers": "id,Name,city", "orders": "order_id,customer_id,placed,state,amount", "items": "item_id,order_ref,sku,tags,detail",
		"archive.orders": "order_id,placed", "sales": ":city,total",
	}
	if !maps.Equal(tables, want) || !slices.Equal(macros, []string{"twice"}) {
		t.Errorf("%v, %v", tables, macros)
	}
}

func TestReadDuckDBRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE TABLE t (a int);\nCREATE TABLE public.u (a int);":     "line 2: ", // there is no such schema
		"\n\nCREATE TABLE t (a jsonb)":                                "line 3: ",
		"CREATE TABLE t (":                                            "line 1: ",
		"CREATE VIEW v AS SELEC 1":                                    "line 1: ",
		"CREATE TABLE t AS SELECT 1 AS a":                             "write out its columns",
		"CREATE TABLE t AS FROM read_csv('/etc/passwd')":              "write out its columns",
		"CREATE TABLE t (a int); CREATE TABLE t (b int)":              "line 1: ",
		"CREATE TABLE t (a int DEFAULT (SELECT 1))":                   "line 1: ",
		"CREATE SCHEMA other.s":                                       "line 1: ",
		"CREATE TYPE t AS ENUM (SELECT x FROM read_csv('/dev/null'))": "line 1: ",
	} {
		if _, _, err := read(t.Context(), text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// hostileDDL tries to read and write files, to reach addresses and to change
// what the instance may do. $DIR is a folder with the file secret.csv, whose
// column is called treasure.
const hostileDDL = `
SET enable_external_access = true; RESET lock_configuration; PRAGMA enable_object_cache;
SET temp_directory = '$DIR/spill'; SET secret_directory = '$DIR'; SET memory_limit = '8GB';
INSTALL httpfs; LOAD httpfs; INSTALL 'http://127.0.0.1:1/x.duckdb_extension'; LOAD '$DIR/x.duckdb_extension';
ATTACH '$DIR/made.db'; ATTACH '$DIR/secret.csv' AS a; USE a; DETACH memory;
COPY (SELECT 1) TO '$DIR/copied.csv'; EXPORT DATABASE '$DIR/exported'; IMPORT DATABASE '$DIR';
CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y'); CREATE SECRET s2 (TYPE s3);
CREATE TABLE kept (a INTEGER);
INSERT INTO kept SELECT * FROM read_csv('$DIR/secret.csv'); COPY kept FROM '$DIR/secret.csv';
CREATE VIEW by_function AS SELECT * FROM read_csv('$DIR/secret.csv');
CREATE VIEW by_name AS SELECT * FROM '$DIR/secret.csv';
CREATE VIEW by_text AS SELECT * FROM query('FROM ''$DIR/secret.csv''');
CREATE VIEW by_glob AS SELECT * FROM glob('$DIR/*');
CREATE VIEW by_blob AS SELECT * FROM read_text('$DIR/secret.csv');
CREATE VIEW far AS SELECT * FROM 'http://127.0.0.1:1/x.parquet';
CREATE VIEW of_view AS SELECT * FROM by_function;
CREATE INDEX i ON kept(a); CHECKPOINT; VACUUM; CALL pragma_version();
`

// TestHostileDDL shows that nothing of it leaves memory: watch reports each
// file of the folder that is opened.
func TestHostileDDL(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.csv"), []byte("treasure\n1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir) // where DuckDB would put its own temporary files
	touched := watch(t, dir)
	tables, _, err := read(t.Context(), strings.ReplaceAll(hostileDDL, "$DIR", dir))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"kept": "a"}
	for _, name := range []string{"by_function", "by_name", "by_text", "by_glob", "by_blob", "far", "of_view"} {
		want[name] = ":?"
	}
	if !maps.Equal(tables, want) {
		t.Errorf("tables %v", tables)
	}
	// Each by itself, as what makes something, which is what is run at all.
	for _, line := range strings.Split(strings.ReplaceAll(hostileDDL, "$DIR", dir), ";") {
		for _, kind := range []corpus.Kind{corpus.CreateTable, corpus.CreateTableAs, corpus.CreateView, corpus.CreateType, corpus.CreateMacro} {
			_, _ = corpus.ReadDuckDB().Read(t.Context(), []corpus.Statement{{Kind: kind, Text: line, Line: 1}})
		}
	}
	if _, _, err := read(t.Context(), "CREATE TYPE big AS ENUM (SELECT (x * 1000003)::VARCHAR || repeat('x', 100) FROM range(10000000) t(x) ORDER BY 1)"); err == nil {
		t.Error("an enum of a gigabyte was made in 64 MB")
	}
	if names := touched(); len(names) > 0 {
		t.Errorf("opened or made: %q", names)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if _, err := os.ReadFile("secret.csv"); err != nil {
		t.Fatal(err)
	}
	if names := touched(); !slices.Contains(names, "secret.csv") {
		t.Errorf("the watch saw %q, and not that the test itself reads the file", names)
	}
}

// TestSlowDDL: what computes is ended with the context.
func TestSlowDDL(t *testing.T) {
	t.Parallel()
	const slow = "CREATE TYPE t AS ENUM (SELECT sum(range)::VARCHAR FROM range(10000000000000))"
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, _, err := read(ctx, slow); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}
