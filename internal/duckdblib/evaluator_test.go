package duckdblib

import (
	"fmt"
	"strings"
	"testing"
)

func connect(tb testing.TB) *Conn {
	tb.Helper()
	db, err := Open("", map[string]string{"threads": "1"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(db.Close)
	conn, err := db.Connect()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(conn.Close)
	return conn
}

func openEvaluator(tb testing.TB, expression string, limit int) *Evaluator {
	tb.Helper()
	e, err := connect(tb).NewEvaluator(expression, limit)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(e.Close)
	return e
}

// Each text has its own result, whatever its length, also when the evaluator
// begins anew in between.
func TestEvaluator(t *testing.T) {
	t.Parallel()
	const limit = 2_000
	e := openEvaluator(t, "concat('<', input, '>')", limit)
	for i := range 3_000 {
		text := strings.Repeat("é\x00", i%7) + fmt.Sprint(i) + strings.Repeat("y", i)
		want := "<" + text + ">"
		got, length, err := e.Eval(text)
		if err != nil || length != len(want) || string(got) != want[:min(limit, len(want))] {
			t.Fatalf("text %d: %d bytes, %d in all, %v", i, len(got), length, err)
		}
		if i%1_000 == 0 {
			if err := e.Reset(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestEvaluatorOfTheEmptyText(t *testing.T) {
	t.Parallel()
	got, length, err := openEvaluator(t, "input", 10).Eval("")
	if err != nil || len(got) != 0 || length != 0 {
		t.Errorf("%q, %d, %v", got, length, err)
	}
}

// A failure is told and does not turn into the result of another text, and
// neither does a result that is NULL.
func TestEvaluatorFails(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{"CASE WHEN input = 'bad' THEN error('no') ELSE input END", "nullif(input, 'bad')"} {
		e := openEvaluator(t, expression, 100)
		if got, _, err := e.Eval("good"); err != nil || string(got) != "good" {
			t.Errorf("%s: %q, %v", expression, got, err)
		}
		if got, _, err := e.Eval("bad"); err == nil {
			t.Errorf("%s: %q and no error", expression, got)
		}
		if err := e.Reset(); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
		if got, _, err := e.Eval("again"); err != nil || string(got) != "again" {
			t.Errorf("%s: %q, %v", expression, got, err)
		}
	}
	if e, err := connect(t).NewEvaluator("nonsense(input)", 1); err == nil {
		e.Close()
		t.Error("an expression that does not exist is accepted")
	}
}

// What an evaluator needs is set before it locks the configuration.
func TestEvaluatorLocksTheConfiguration(t *testing.T) {
	t.Parallel()
	e := openEvaluator(t, "input", 1)
	e.end()
	if err := e.conn.Exec("SET threads = 2"); err == nil {
		t.Error("the configuration can be changed")
	}
}

func BenchmarkEvaluator(b *testing.B) {
	const sql = "SELECT origin, count(*) AS flights FROM flights WHERE delay > 15 GROUP BY origin ORDER BY flights DESC LIMIT 10"
	for _, expression := range []string{"input", "json_serialize_sql(input)::VARCHAR"} {
		e := openEvaluator(b, expression, 1<<20)
		b.Run(expression, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := e.Eval(sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
