package duckdb_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guard "github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// bench is an engine and a guard whose allowlist is opened by name.
type bench struct {
	engine *duckdb.Engine
	guard  *sqlguard.Guard
}

func config(t testing.TB, location string) duckdb.Config {
	t.Helper()
	return duckdb.Config{
		Name: "test", Location: location, Cache: filepath.Join(t.TempDir(), "cache"),
		Command: []string{os.Args[0]}, Env: []string{asWorker + "=1"},
		Workers: 2, Memory: 256 << 20, Threads: 1, Temp: 64 << 20, Wait: 5 * time.Second, Queue: 10,
		Logger: slog.New(slog.NewTextHandler(testWriter{t}, nil)),
	}
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func open(t testing.TB, c duckdb.Config, functions ...string) *bench {
	t.Helper()
	e, err := duckdb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	adapter, err := guard.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	g, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{
		Tables: []string{"*"}, DangerouslyAllowFunctions: functions,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{engine: e, guard: g}
}

var limits = engine.Limits{Deadline: 5 * time.Second, Rows: 1000, Bytes: 1 << 20}

func (b *bench) request(t testing.TB, sql string, params ...any) engine.Request {
	t.Helper()
	q, err := b.guard.Check(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return engine.Request{Query: q, Params: params, Format: encode.JSON, Limits: limits}
}

// rows runs a query and gives its rows as decoded JSON, numbers as text.
func (b *bench) rows(t testing.TB, sql string, params ...any) [][]any {
	t.Helper()
	var out bytes.Buffer
	if _, err := b.engine.Run(t.Context(), b.request(t, sql, params...), &out); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var document struct{ Rows [][]any }
	d := json.NewDecoder(&out)
	d.UseNumber()
	if err := d.Decode(&document); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return document.Rows
}

// database makes a .duckdb file by running statements.
func database(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "source.duckdb")
	db, err := duckdblib.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range statements {
		if err := conn.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return path
}

func TestSourcesBecomeTables(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cities.csv"), "name,people\nRome,2800000\nParis,\n")
	write(t, filepath.Join(dir, "2024-01 sales.csv"), "day,amount\n2024-01-01,10.5\n")
	database(t, fmt.Sprintf("COPY (SELECT 7 AS lucky, NULL::VARCHAR AS note) TO '%s/numbers.parquet'", dir))
	write(t, filepath.Join(dir, "README.md"), "not a table")
	b := open(t, config(t, dir))
	for sql, want := range map[string]string{
		"SELECT name, people FROM cities ORDER BY name": "[[Paris <nil>] [Rome 2800000]]",
		"SELECT lucky, note FROM numbers":               "[[7 <nil>]]",
		"SELECT amount FROM _2024_01_sales":             "[[10.5]]",
	} {
		if got := fmt.Sprint(b.rows(t, sql)); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	var names []string
	for _, table := range b.engine.Catalog().Tables {
		names = append(names, fmt.Sprintf("%s:%d:%d", table.Name, table.Rows, len(table.Columns)))
	}
	if got := strings.Join(names, " "); got != "_2024_01_sales:1:2 cities:2:2 numbers:1:2" {
		t.Errorf("catalog: %s", got)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestParametersAreBound(t *testing.T) {
	b := open(t, config(t, database(t, "CREATE TABLE t AS SELECT 1 AS i, 'x''; DROP TABLE t' AS s")))
	hostile := "x'; DROP TABLE t"
	if got := fmt.Sprint(b.rows(t, "SELECT i FROM t WHERE s = $1", hostile)); got != "[[1]]" {
		t.Errorf("text: %s", got)
	}
	if got := fmt.Sprint(b.rows(t, "SELECT $1, $2, $3, $4, $5", nil, true, int64(9007199254740993), 1.5, "é")); got != "[[<nil> true 9007199254740993 1.5 é]]" {
		t.Errorf("all kinds: %s", got)
	}
	if got := fmt.Sprint(b.rows(t, "SELECT i FROM t LIMIT $1", int64(0))); got != "[]" {
		t.Errorf("limit: %s", got)
	}
}

func TestEveryTypeIsEncoded(t *testing.T) {
	b := open(t, config(t, database(t, `CREATE TYPE mood AS ENUM ('sad', 'ok')`, `CREATE TABLE t AS SELECT
		'ok'::mood AS an_enum, '101'::BIT AS a_bit, '\xAA\x01'::BLOB AS a_blob, 'eeccb8c5-9943-b2bb-bb5e-222f4e14b687'::UUID AS a_uuid,
		170141183460469231731687303715884105727::HUGEINT AS a_huge, 123.45::DECIMAL(18,2) AS a_decimal,
		12345678901234567890123456.789::DECIMAL(38,3) AS a_wide, '12:34:56+02:00'::TIMETZ AS a_timetz,
		TIMESTAMPTZ '2024-02-29 12:00:00+01' AS a_tz, DATE 'infinity' AS a_date, INTERVAL '1 year 2 days 3 seconds' AS an_interval,
		[1, NULL, 3] AS a_list, {'a': 1, 'b': [true]} AS a_struct, MAP {'k': 1.5} AS a_map, [1, 2]::INTEGER[2] AS an_array,
		union_value(num := 2) AS a_union, 'NaN'::DOUBLE AS a_nan, '{"x": 1}'::JSON AS a_json, NULL AS a_null,
		(-123456789012345678901234567890)::BIGNUM AS a_bignum, TIME '01:02:03.5' AS a_time, 255::UTINYINT AS a_byte`)))
	for column, want := range map[string]string{
		"an_enum": "ok", "a_bit": "101", "a_blob": "qgE=", "a_uuid": "eeccb8c5-9943-b2bb-bb5e-222f4e14b687",
		"a_huge": "170141183460469231731687303715884105727", "a_decimal": "123.45", "a_wide": "12345678901234567890123456.789",
		"a_timetz": "12:34:56+02:00", "a_tz": "2024-02-29T11:00:00Z", "a_date": "infinity", "an_interval": "P1Y2DT3S",
		"a_list": "[1 <nil> 3]", "a_struct": "map[a:1 b:[true]]", "a_map": "[map[key:k value:1.5]]", "an_array": "[1 2]",
		"a_union": "2", "a_nan": "NaN", "a_json": `{"x": 1}`, "a_null": "<nil>",
		"a_bignum": "-123456789012345678901234567890", "a_time": "01:02:03.5", "a_byte": "255",
	} {
		if got := fmt.Sprint(b.rows(t, "SELECT "+column+" FROM t")[0][0]); got != want {
			t.Errorf("%s: %s, want %s", column, got, want)
		}
	}
}

func TestRowAndByteLimits(t *testing.T) {
	b := open(t, config(t, database(t, "CREATE TABLE t AS SELECT i, repeat('x', 1000) AS s FROM range(5000) r(i)")))
	r := b.request(t, "SELECT i FROM t")
	r.Format = encode.CSV
	var out bytes.Buffer
	summary, err := b.engine.Run(t.Context(), r, &out)
	if err != nil || summary.Rows != 1000 || !summary.Truncated {
		t.Errorf("rows: %+v, %v", summary, err)
	}
	lines, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(lines) != 1001 {
		t.Errorf("csv: %d lines, %v", len(lines), err)
	}
	r = b.request(t, "SELECT i FROM t LIMIT 10")
	if summary, err = b.engine.Run(t.Context(), r, &out); err != nil || summary.Truncated {
		t.Errorf("its own limit: %+v, %v", summary, err)
	}
	for _, sql := range []string{"SELECT string_agg(s, ',') FROM t", "SELECT s, s FROM t", "SELECT list(s) FROM t"} {
		r = b.request(t, sql)
		_, err = b.engine.Run(t.Context(), r, &out)
		wantRefusal(t, sql, err, sqlguard.RuleBytes)
	}
	// The worker is as good as before.
	if got := fmt.Sprint(b.rows(t, "SELECT count(*) FROM t")); got != "[[5000]]" {
		t.Errorf("afterwards: %s", got)
	}
}

func wantRefusal(t testing.TB, what string, err error, rule sqlguard.Rule) {
	t.Helper()
	var refusal *sqlguard.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != rule {
		t.Errorf("%s: %v, want %s", what, err, rule)
	}
}

// The three queries against which DuckDB's own limits do nothing: each runs
// for many times its deadline after an interrupt, or takes gigabytes.
var bombs = map[string]string{
	"levenshtein": "SELECT levenshtein(repeat('a', 50000), repeat('b', 50000))",
	"list_sort":   "SELECT len(list_sort(range(100000000)))",
	"repeat":      "SELECT length(repeat('a', 2000000000))",
}

func TestBombsEndAndHarmNobody(t *testing.T) {
	c := config(t, database(t, "CREATE TABLE t AS SELECT 42 AS answer"))
	b := open(t, c, "levenshtein", "repeat", "list_sort", "range")
	for name, sql := range bombs {
		t.Run(name, func(t *testing.T) {
			r := b.request(t, sql)
			r.Limits.Deadline = 2 * time.Second
			start := time.Now()
			done := make(chan error, 1)
			go func() {
				_, err := b.engine.Run(context.WithoutCancel(t.Context()), r, &bytes.Buffer{})
				done <- err
			}()
			// Meanwhile another client is served.
			if got := fmt.Sprint(b.rows(t, "SELECT answer FROM t")); got != "[[42]]" {
				t.Errorf("beside the bomb: %s", got)
			}
			err := <-done
			var refusal *sqlguard.Refusal
			if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleTimeout && refusal.Rule != sqlguard.RuleMemory {
				t.Errorf("ended with %v", err)
			}
			if took := time.Since(start); took > r.Limits.Deadline+time.Second {
				t.Errorf("ended after %v", took)
			}
			if got := fmt.Sprint(b.rows(t, "SELECT answer FROM t")); got != "[[42]]" {
				t.Errorf("after the bomb: %s", got)
			}
		})
	}
}

func TestTheRequestsEndEndsTheQuery(t *testing.T) {
	c := config(t, database(t, "CREATE TABLE t AS SELECT 1 AS i"))
	c.Workers = 1
	b := open(t, c, "range")
	r := b.request(t, "SELECT count(*) FROM range(100000000000)")
	ctx, cancel := context.WithCancel(t.Context())
	stop := time.AfterFunc(200*time.Millisecond, cancel)
	defer stop.Stop()
	start := time.Now()
	if _, err := b.engine.Run(ctx, r, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("ended after %v", took)
	}
	if got := fmt.Sprint(b.rows(t, "SELECT i FROM t")); got != "[[1]]" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestUncheckedSQLDoesNotRun(t *testing.T) {
	b := open(t, config(t, database(t, "CREATE TABLE t AS SELECT 1 AS i")))
	if _, err := b.engine.Run(t.Context(), engine.Request{Format: encode.JSON, Limits: limits}, &bytes.Buffer{}); err == nil {
		t.Error("the zero Query runs")
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c := config(t, database(t, "CREATE TABLE t AS SELECT 1 AS i"))
	e, err := duckdb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(t.Context(), engine.Request{}, &bytes.Buffer{}); err == nil {
		t.Error("a closed engine runs queries")
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", left, err)
	}
}

func TestSourcesThatCannotBeServed(t *testing.T) {
	empty, broken := t.TempDir(), filepath.Join(t.TempDir(), "broken.duckdb")
	write(t, broken, "this is no database")
	twins := t.TempDir()
	write(t, filepath.Join(twins, "a-b.csv"), "x\n1\n")
	write(t, filepath.Join(twins, "a_b.csv"), "x\n1\n")
	text := filepath.Join(t.TempDir(), "notes.txt")
	write(t, text, "hello")
	for location, want := range map[string]string{
		empty: "no .parquet or .csv file", broken: "broken.duckdb", twins: "rename one",
		text: "only .duckdb, .parquet and .csv", filepath.Join(empty, "absent"): "no such file",
	} {
		_, err := duckdb.Open(t.Context(), config(t, location))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", location, err, want)
		}
	}
}

func TestMacrosInPlaceOfImplicitFunctionsAreNotServed(t *testing.T) {
	path := database(t, "CREATE TABLE t AS SELECT {'x': 1} AS s", "CREATE MACRO struct_extract(a, b) AS 'hijacked'")
	_, err := duckdb.Open(t.Context(), config(t, path))
	if err == nil || !strings.Contains(err.Error(), "struct_extract") {
		t.Errorf("opened: %v", err)
	}
}

func TestMacrosCannotHideThemselves(t *testing.T) {
	_, err := duckdb.Open(t.Context(), config(t, database(t, "CREATE TABLE t AS SELECT 1 AS i",
		"CREATE MACRO lower(x) AS 'nothing'", "CREATE MACRO sum(x) AS 0", "CREATE MACRO duckdb_functions() AS TABLE SELECT 'none' AS function_name, true AS internal")))
	for _, name := range []string{"lower", "sum", "duckdb_functions"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not found: %v", name, err)
		}
	}
}
