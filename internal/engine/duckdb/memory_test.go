package duckdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine/duckdb"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// alone is an engine with one worker, whose log is kept.
type alone struct {
	*bench
	t   *testing.T
	log *record
}

func openAlone(t *testing.T, statements ...string) *alone {
	t.Helper()
	c, log := config(t, database(t, statements...)), &record{}
	c.Workers, c.Logger = 1, slog.New(slog.NewTextHandler(log, nil))
	return &alone{bench: open(t, c), t: t, log: log}
}

// record is a log. Workers that start in the background write to it too.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// worker is the process of the next query.
func (a *alone) worker() int {
	a.t.Helper()
	pid, err := a.engine.WorkerPID(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	return pid
}

// wantSame wants a query to leave its worker to the next.
func (a *alone) wantSame(before int) {
	a.t.Helper()
	if after := a.worker(); after != before {
		a.t.Errorf("the worker was replaced; the log has %s", a.log)
	}
}

// wantReplaced wants a query to have used its worker up, without violence.
func (a *alone) wantReplaced(before int) {
	a.t.Helper()
	if after := a.worker(); after == before {
		a.t.Error("the worker was not replaced")
	}
	if text := a.log.String(); strings.Contains(text, "killed") {
		a.t.Errorf("the log has %s", text)
	}
}

// blown is something that takes bytes times 8 to the power of n. It is
// constant, so DuckDB computes it while it plans.
func blown(bytes, n int) string {
	return "length(" + strings.Repeat("(", n) + "'" + strings.Repeat("x", bytes) + "'" + strings.Repeat(")::BLOB::BIT::VARCHAR", n) + ")"
}

func TestAWorkerIsReplacedWhenMemoryRanOut(t *testing.T) {
	for name, sql := range map[string]string{
		"while planning": "SELECT " + blown(8, 9),
		"while running":  "SELECT max(length(repeat(s, 80000000))) FROM t",
	} {
		t.Run(name, func(t *testing.T) {
			a := openAlone(t, "CREATE TABLE t AS SELECT 'name ' || i AS s FROM range(10000) r(i)")
			before := a.worker()
			wantRefusal(t, sql, a.engine.RunUnchecked(t.Context(), sql), sqlguard.RuleMemory)
			a.wantReplaced(before)
		})
	}
}

// Memory that a query took outside of DuckDB's buffers is not given back; the
// worker is then worse than a fresh one, though the query went well.
func TestAWorkerIsReplacedWhenItHasGrown(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT i FROM range(10000) r(i)")
	before := a.worker()
	// How much is too much depends on how the worker was built.
	for size := 60; size < 200 && a.worker() == before; size += 10 {
		if err := a.engine.RunUnchecked(t.Context(), fmt.Sprintf("SELECT length(repeat('a', %d000000) || 'b')", size)); err != nil {
			t.Fatalf("%d MB: %v", size, err)
		}
	}
	a.wantReplaced(before)
	before = a.worker()
	if err := a.engine.RunUnchecked(t.Context(), "SELECT sum(i) FROM t"); err != nil {
		t.Fatal(err)
	}
	a.wantSame(before)
}

// A message quotes data of any length.
func TestALongMessageHarmsNoWorker(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT repeat('é', 500000) AS s FROM range(5) r(i)")
	before := a.worker()
	err := a.engine.RunUnchecked(t.Context(), "SELECT string_agg(s, '')::INTEGER FROM t")
	wantRefusal(t, "5 MB", err, sqlguard.RuleFailed)
	var refusal *sqlguard.Refusal
	if errors.As(err, &refusal) {
		if message := refusal.Unwrap().Error(); !strings.HasPrefix(message, "duckdb: Conversion Error: Could not convert string 'éé") || len(message) > 4100 {
			t.Errorf("%d bytes: %.100q", len(message), message)
		}
	}
	a.wantSame(before)
}

// What a query brings along may be too long for a frame: it does not run, and
// the worker hears nothing of it.
func TestLongParametersHarmNoWorker(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT 1 AS i")
	before := a.worker()
	_, err := a.engine.Run(t.Context(), a.request(t, "SELECT length($1)", strings.Repeat("<", 1<<20)), io.Discard)
	if err != nil {
		t.Errorf("1 MiB: %v", err)
	}
	_, err = a.engine.Run(t.Context(), a.request(t, "SELECT length($1)", strings.Repeat("\x01", 5<<20)), io.Discard)
	wantRefusal(t, "a frame of 5 MiB", err, sqlguard.RuleTooLong)
	a.wantSame(before)
}

// A catalog that no frame holds is an error that says so.
func TestACatalogMayBeTooLarge(t *testing.T) {
	statements := []string{"CREATE TABLE t (i INTEGER)", "COMMENT ON TABLE t IS '" + strings.Repeat("x", 5<<20) + "'"}
	_, err := duckdb.Open(t.Context(), config(t, database(t, statements...)))
	if err == nil || !strings.Contains(err.Error(), "catalog") {
		t.Errorf("opened: %v", err)
	}
}

func BenchmarkSelect42(b *testing.B) {
	c := config(b, database(b, "CREATE TABLE t AS SELECT 1 AS i"))
	c.Workers = 1
	e := open(b, c)
	r := e.request(b, "SELECT 42")
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if _, err := e.engine.Run(context.Background(), r, &out); err != nil {
			b.Fatal(err)
		}
	}
}
