package corpus_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sallyport-dev/sallyport/internal/corpus"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

func newJudge(t *testing.T, preset sqlguard.Preset, schema *corpus.Schema) *corpus.Judge {
	t.Helper()
	judge := corpus.NewJudge(corpus.Config{
		Policy: sqlguard.Policy{Preset: preset, Tables: []string{"*"}},
		Schema: schema,
	})
	t.Cleanup(func() {
		if err := judge.Close(); err != nil {
			t.Error(err)
		}
	})
	return judge
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func shop(t *testing.T) *corpus.Schema {
	t.Helper()
	schema := &corpus.Schema{}
	if err := schema.Add(t.Context(), readFile(t, "shop.sql"), corpus.ReadDuckDB()); err != nil {
		t.Fatal(err)
	}
	return schema
}

// judgeAll runs a corpus and returns what it was told.
func judgeAll(t *testing.T, judge *corpus.Judge, text, dialect string) ([]corpus.Verdict, *corpus.Report, error) {
	t.Helper()
	var verdicts []corpus.Verdict
	report, err := corpus.Run(t.Context(), judge, strings.NewReader(text), dialect, func(v corpus.Verdict) error {
		verdicts = append(verdicts, v)
		return nil
	})
	return verdicts, report, err
}

// wants is what a line of testdata expects: the rule under each preset, with
// the schema and, where that is not the same, under Analyst without it.
type wants struct {
	Strict   string
	Analyst  string
	Nameless *string
}

func expectations(t *testing.T, text string) []wants {
	t.Helper()
	var list []wants
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		var w wants
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			t.Fatal(err)
		}
		list = append(list, w)
	}
	return list
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{corpus.DuckDB, corpus.Postgres} {
		text := readFile(t, dialect+".jsonl")
		want := expectations(t, text)
		for _, c := range []struct {
			name   string
			preset sqlguard.Preset
			schema *corpus.Schema
			rule   func(wants) string
		}{
			{"strict", sqlguard.Strict, shop(t), func(w wants) string { return w.Strict }},
			{"analyst", sqlguard.Analyst, shop(t), func(w wants) string { return w.Analyst }},
			{"analyst without a schema", sqlguard.Analyst, nil, func(w wants) string {
				if w.Nameless != nil {
					return *w.Nameless
				}
				return w.Analyst
			}},
		} {
			t.Run(dialect+" "+c.name, func(t *testing.T) {
				t.Parallel()
				verdicts, report, err := judgeAll(t, newJudge(t, c.preset, c.schema), text, dialect)
				if err != nil || len(verdicts) != len(want) {
					t.Fatalf("%d verdicts for %d lines, %v", len(verdicts), len(want), err)
				}
				byRule := map[sqlguard.Rule]int64{}
				accepted := int64(0)
				for i, v := range verdicts {
					rule := c.rule(want[i])
					if string(v.Rule) != rule || v.Allowed != (rule == "") {
						t.Errorf("%s: rule %q, allowed %t; want %q: %s", v.ID, v.Rule, v.Allowed, rule, v.Sent)
					}
					if v.Allowed != (v.SQL != "") || v.Time <= 0 {
						t.Errorf("%s: would run %q, took %v", v.ID, v.SQL, v.Time)
					}
					if v.Allowed {
						accepted++
					} else {
						byRule[v.Rule]++
					}
				}
				if report.Accepted != accepted || report.Total() != int64(len(verdicts)) || !maps.Equal(report.ByRule, byRule) {
					t.Errorf("report %+v; want %d accepted, %v", report, accepted, byRule)
				}
			})
		}
	}
}

// TestLines are the forms of a line.
func TestLines(t *testing.T) {
	t.Parallel()
	judge := newJudge(t, sqlguard.Strict, nil)
	pad := func(n int) string { // a line of n bytes
		line := `{"sql":"SELECT 1","pad":"`
		return line + strings.Repeat("x", n-len(line)-2) + `"}`
	}
	for _, c := range []struct {
		name, text string
		want       []string // id, dialect and rule
	}{
		{"empty", "", nil},
		{"blank lines", "\n \t\r\n\n", nil},
		{"no id", "\n" + `{"sql":"SELECT 1"}`, []string{"2 duckdb "}},
		{"id null", `{"id":null,"sql":"SELECT 1"}`, []string{"1 duckdb "}},
		{"id number", `{"id":-7.5,"sql":"SELECT 1"}`, []string{"-7.5 duckdb "}},
		{"id empty", `{"id":"","sql":"SELECT 1"}`, []string{" duckdb "}},
		{"other members", `{"x":{"sql":"DROP"},"sql":"SELECT 1","SQL":"DROP"}`, []string{"1 duckdb "}},
		{"carriage returns", "{\"sql\":\"SELECT 1\"}\r\n{\"sql\":\"SELECT 2\"}\r\n", []string{"1 duckdb ", "2 duckdb "}},
		{"byte order mark", "\ufeff" + `{"sql":"SELECT 1"}`, []string{"1 duckdb "}},
		{"postgres", `{"sql":"SELECT 1","dialect":"postgres"}`, []string{"1 postgres "}},
		{"generic", `{"sql":"SELECT 1","dialect":"generic"}`, []string{"1 duckdb "}},
		{"no string", `{"sql":"SELECT 1","dialect":5}`, []string{"1 duckdb "}},
		{"empty query", `{"sql":""}`, []string{"1 duckdb sql.syntax"}},
		{"NUL", `{"sql":"SELECT \u0000"}`, []string{"1 duckdb sql.encoding"}},
		{"not UTF-8", "{\"sql\":\"SELECT '\xff'\"}", []string{"1 duckdb sql.encoding"}},
		{"not UTF-8 elsewhere", "{\"sql\":\"SELECT 1\",\"user\":\"\xff\"}", []string{"1 duckdb "}},
		{"longest", pad(corpus.MaxLine) + "\n", []string{"1 duckdb "}},
		{"longest, at the end", pad(corpus.MaxLine), []string{"1 duckdb "}},
		{"too long", pad(corpus.MaxLine+1) + "\n" + `{"sql":"SELECT 1"}`, []string{"1 duckdb sql.too_long", "2 duckdb "}},
		{"too long, at the end", pad(corpus.MaxLine + 1), []string{"1 duckdb sql.too_long"}},
		{"10 MB", strings.Repeat("x", 10_000_000) + "\n" + `{"sql":"SELECT 1"}`, []string{"1 duckdb sql.too_long", "2 duckdb "}},
	} {
		verdicts, _, err := judgeAll(t, judge, c.text, corpus.DuckDB)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, v := range verdicts {
			got = append(got, v.ID+" "+v.Dialect+" "+string(v.Rule))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestLinesThatAreNoQuery(t *testing.T) {
	t.Parallel()
	judge := newJudge(t, sqlguard.Strict, nil)
	for _, bad := range []string{
		"SELECT 1", "{", "[]", `"SELECT 1"`, "null", "{}", `{"sql":null}`, `{"sql":1}`, `{"SQL":"SELECT 1"}`,
		`{"sql":"SELECT 1","id":{}}`, `{"sql":"SELECT 1","id":true}`, `{"sql":"SELECT 1"} x`, "{\"sql\":\"SELECT \x00\"}", "\xff\xfe{\x00",
	} {
		verdicts, report, err := judgeAll(t, judge, "{\"sql\":\"SELECT 1\"}\n\n"+bad+"\n{\"sql\":\"SELECT 2\"}\n", corpus.DuckDB)
		if err == nil || !strings.Contains(err.Error(), "line 3: ") {
			t.Errorf("%q: %v", bad, err)
		}
		if len(verdicts) != 1 || report.Total() != 1 {
			t.Errorf("%q: %d verdicts, %d counted", bad, len(verdicts), report.Total())
		}
	}
}

func TestUnknownDialect(t *testing.T) {
	t.Parallel()
	if _, _, err := judgeAll(t, newJudge(t, sqlguard.Strict, nil), "", "mysql"); err == nil {
		t.Error("judged as mysql")
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	judge := newJudge(t, sqlguard.Strict, nil)
	endless := func() io.Reader { return &repeat{text: "{\"sql\":\"SELECT 1\"}\n"} }

	ctx, cancel := context.WithCancel(t.Context())
	report, err := corpus.Run(ctx, judge, endless(), corpus.DuckDB, func(v corpus.Verdict) error {
		if v.ID == "3" {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || report.Total() != 3 {
		t.Errorf("cancelled: %v, %d counted", err, report.Total())
	}

	full := errors.New("disk full")
	report, err = corpus.Run(t.Context(), judge, endless(), corpus.DuckDB, func(corpus.Verdict) error { return full })
	if !errors.Is(err, full) || report.Total() != 1 {
		t.Errorf("output fails: %v, %d counted", err, report.Total())
	}

	cut := io.MultiReader(strings.NewReader("{\"sql\":\"SELECT 1\"}\n{\"sql\":"), iotest.ErrReader(io.ErrUnexpectedEOF))
	report, err = corpus.Run(t.Context(), judge, cut, corpus.DuckDB, func(corpus.Verdict) error { return nil })
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "after line 1") || report.Total() != 1 {
		t.Errorf("input fails: %v, %d counted", err, report.Total())
	}
}

// repeat reads the same text again and again.
type repeat struct {
	text string
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

// TestBoundedMemory reads a corpus of half a gigabyte in lines that are too
// long: were any of them kept, the allocations would show it.
func TestBoundedMemory(t *testing.T) {
	judge := newJudge(t, sqlguard.Strict, nil)
	line := append(bytes.Repeat([]byte("x"), 64<<20), '\n')
	var readers []io.Reader
	for range 8 {
		readers = append(readers, bytes.NewReader(line))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	report, err := corpus.Run(t.Context(), judge, io.MultiReader(readers...), corpus.DuckDB, func(corpus.Verdict) error { return nil })
	runtime.ReadMemStats(&after)
	if err != nil || report.ByRule[sqlguard.RuleTooLong] != 8 {
		t.Errorf("%v, %v", report.ByRule, err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 4<<20 {
		t.Errorf("%d bytes allocated", got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	judge := newJudge(t, sqlguard.Strict, nil)
	var out bytes.Buffer
	in := `{"id":"a<b","sql":"SELECT 1 < 2"}` + "\n" + `{"dialect":"postgres","sql":"SELECT *\nFROM a, b"}` + "\n" + strings.Repeat("x", corpus.MaxLine+1)
	if _, err := corpus.Run(t.Context(), judge, strings.NewReader(in), corpus.DuckDB, corpus.JSON{W: &out}.Add); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"id": "a<b", "dialect": "duckdb", "allowed": true, "rule": "", "sql": ""}, // the text that runs is the guard's affair
		{"id": "2", "dialect": "postgres", "allowed": false, "rule": "sql.multiple_sources", "sql": "SELECT *\nFROM a, b"},
		{"id": "3", "dialect": "duckdb", "allowed": false, "rule": "sql.too_long", "sql": ""},
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d lines: %s", len(lines), out.String())
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		micros, ok := got["micros"].(float64)
		if !ok || micros != float64(int64(micros)) || micros < 0 {
			t.Errorf("line %d: micros %v", i+1, got["micros"])
		}
		delete(got, "micros")
		if i == 0 {
			if sql, _ := got["sql"].(string); !strings.HasSuffix(sql, "LIMIT 1000") || !strings.Contains(line, "<") {
				t.Errorf("line 1: %s", line)
			}
			got["sql"] = ""
		}
		if !maps.Equal(got, want[i]) {
			t.Errorf("line %d: %v, want %v", i+1, got, want[i])
		}
	}
}

// TestSpeed holds the promise that a log of thousands is judged while one
// waits; a tenth of the speed still passes.
func TestSpeed(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 2_000 {
		text.WriteString(`{"sql":"SELECT city, sum(amount) FROM customers, orders WHERE id = customer_id AND order_id = ` + strconv.Itoa(i) + ` GROUP BY city"}` + "\n")
	}
	_, report, err := judgeAll(t, newJudge(t, sqlguard.Analyst, shop(t)), text.String(), corpus.DuckDB)
	if err != nil || report.Accepted != 2_000 {
		t.Fatalf("%d accepted, %v", report.Accepted, err)
	}
	if m := report.Quantile(0.5); m <= 0 || m > 5e6 {
		t.Errorf("the median is %v", m)
	}
	if report.Quantile(0.5) > report.Quantile(0.95) || report.Quantile(0.95) > report.Longest() {
		t.Errorf("median %v, p95 %v, longest %v", report.Quantile(0.5), report.Quantile(0.95), report.Longest())
	}
}
