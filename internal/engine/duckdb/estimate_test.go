package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guard "github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// twins are two tables of 100,000 rows: i is unique, k has two values.
var twins = []string{
	"CREATE TABLE t AS SELECT i, i%2 AS k, i::DOUBLE AS d FROM range(100000) r(i)",
	"CREATE TABLE u AS SELECT i, i%2 AS k, i::DOUBLE AS d FROM range(100000) r(i)",
}

// openAnalyst is an engine with one worker and a guard that lets joins through.
func openAnalyst(t testing.TB, functions ...string) *bench {
	t.Helper()
	c := config(t, database(t, twins...))
	c.Workers = 1
	b := open(t, c)
	adapter, err := guard.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	if b.guard, err = sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{
		Preset: sqlguard.Analyst, Tables: []string{"*"}, MaxRows: limits.Rows, DangerouslyAllowFunctions: functions,
	}}); err != nil {
		t.Fatal(err)
	}
	return b
}

// The figures are DuckDB's: this says how they are read, and is the first to
// know when a version of it estimates otherwise.
func TestEstimates(t *testing.T) {
	b := openAnalyst(t)
	for sql, want := range map[string]float64{
		"SELECT 1":                 1,
		"SELECT i FROM t LIMIT 10": 100_000,
		"SELECT sum(i) FROM t":     100_000,

		"SELECT count(*) FROM t JOIN u ON t.k = u.k":                                                                       5e9,
		"SELECT count(*) FROM t JOIN u ON t.k = u.k LIMIT 1":                                                               5e9,
		"SELECT count(*) FROM t JOIN u USING (k) WHERE t.i + u.i > 5":                                                      5e9,
		"SELECT count(*) FROM t, u":                                                                                        1e10,
		"SELECT count(*) FROM t JOIN u ON t.k = u.k OR t.k + 1 = u.k":                                                      1e10, // compares every pair
		"SELECT count(*) FROM t LEFT JOIN u ON t.k = u.k OR t.i = 3":                                                       1e10,
		"SELECT count(*) FROM t, (SELECT max(d) AS d FROM u) x":                                                            100_000,
		"SELECT count(*) FROM t, (SELECT d FROM u LIMIT 1) x WHERE t.d + x.d > 3":                                          100_000,
		"SELECT t.i, x.d FROM t, (SELECT d FROM u LIMIT 1) x":                                                              100_000,
		"SELECT t.i, x.d FROM t, (SELECT d FROM u ORDER BY i LIMIT 1) x":                                                   100_000,
		"SELECT t.i, x.d FROM t, (SELECT d FROM u LIMIT 1 OFFSET 5) x WHERE t.d + x.d > 3":                                 100_000,
		"SELECT i FROM t WHERE d > (SELECT avg(d) FROM u)":                                                                 100_000,
		"SELECT i FROM t WHERE d > ALL (SELECT d + t.k FROM u)":                                                            200_000,
		"SELECT i FROM t WHERE i IN (SELECT i FROM u)":                                                                     100_000,
		"SELECT i FROM t UNION ALL SELECT i FROM u":                                                                        200_000,
		"SELECT i FROM t INTERSECT SELECT i FROM u":                                                                        100_000,
		"SELECT count(*) FROM (SELECT k FROM t UNION ALL SELECT k FROM u) a JOIN t ON t.k = a.k":                           1e10,
		"SELECT count(*) FROM (SELECT i FROM t UNION SELECT i FROM u) a, t":                                                2e10,
		"SELECT * FROM generate_series(1, 1000000) a, generate_series(1, 1000) b":                                          1e9,
		"WITH c AS MATERIALIZED (SELECT i FROM t) SELECT count(*) FROM c a, c b":                                           1e10,
		"SELECT count(*) FROM t a, t b, t c, t d, t e":                                                                     1 << 64, // where DuckDB stops counting
		"SELECT count(*) FROM t a JOIN t b ON a.k = b.k JOIN t c ON b.k = c.k JOIN t d ON c.k = d.k JOIN t e ON e.k = d.k": 1 << 64,
		"DESCRIBE t": 0,
	} {
		if got, err := b.engine.EstimateUnchecked(t.Context(), sql); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", sql, got, err, want)
		}
	}
}

func TestAPlanIsNotEstimated(t *testing.T) {
	b := openAnalyst(t)
	r := b.request(t, "EXPLAIN SELECT count(*) FROM t JOIN u ON t.k = u.k")
	if got, err := b.engine.Estimate(t.Context(), r); err != nil || got != (engine.Estimate{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// What clients see of a plan is the engine's own form of it, as before.
func TestEstimatesLeaveExplainAsItWas(t *testing.T) {
	b := openAnalyst(t)
	if got := fmt.Sprint(b.rows(t, "EXPLAIN SELECT i FROM t")); !strings.Contains(got, "physical_plan") || strings.Contains(got, "logical") {
		t.Errorf("plan: %s", got)
	}
}

func TestEstimatesBindParameters(t *testing.T) {
	b := openAnalyst(t)
	for value, want := range map[int64]float64{1: 100_000, 5: 500_000, 1_000_000: 1e10} {
		got, err := b.engine.EstimateUnchecked(t.Context(), "SELECT t.i FROM t, (SELECT d FROM u LIMIT $1) x", value)
		if err != nil || got != want {
			t.Errorf("%d: %v, %v, want %v", value, got, err, want)
		}
	}
	for _, params := range [][]any{{}, {int64(1), int64(2)}} {
		_, err := b.engine.Estimate(t.Context(), b.request(t, "SELECT i FROM t WHERE i = $1", params...))
		wantRefusal(t, fmt.Sprint(params), err, sqlguard.RuleFailed)
	}
}

func TestParquetIsEstimated(t *testing.T) {
	dir := t.TempDir()
	database(t, fmt.Sprintf("COPY (SELECT i, i%%2 AS k FROM range(1000) r(i)) TO '%s'", filepath.Join(dir, "n.parquet")))
	b := open(t, config(t, dir))
	got, err := b.engine.Estimate(t.Context(), b.request(t, "SELECT i FROM n"))
	if err != nil || got.Rows != 1000 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A product is known before it runs, and runs for whoever does not mind: its
// rows stream.
func TestAProductIsForeseen(t *testing.T) {
	b := openAnalyst(t)
	r := b.request(t, "SELECT a.k FROM t AS a JOIN t AS b ON a.k = b.k LIMIT 1")
	if got, err := b.engine.Estimate(t.Context(), r); err != nil || got.Rows <= 1e8 {
		t.Errorf("%+v, %v", got, err)
	}
	if summary, err := b.engine.Run(t.Context(), r, io.Discard); err != nil || summary.Rows != 1 {
		t.Errorf("%+v, %v", summary, err)
	}
}

// A planner computes what is constant: of the bombs one goes off in it, and it
// gives up on the others. Planning ends like a query.
func TestPlanningEnds(t *testing.T) {
	for name, sql := range bombs {
		for _, deadline := range []time.Duration{300 * time.Millisecond, time.Minute} {
			t.Run(fmt.Sprintf("%s in %v", name, deadline), func(t *testing.T) {
				b := openAnalyst(t, "levenshtein", "repeat", "list_sort", "range")
				r := b.request(t, sql)
				r.Limits.Deadline = deadline
				start := time.Now()
				_, err := b.engine.Estimate(t.Context(), r)
				var refusal *sqlguard.Refusal
				if err == nil && name == "levenshtein" {
					t.Error("it was planned")
				}
				if err != nil && !errors.As(err, &refusal) || refusal != nil && refusal.Rule != sqlguard.RuleTimeout && refusal.Rule != sqlguard.RuleMemory {
					t.Errorf("ended with %v", err)
				}
				if took, most := time.Since(start), min(deadline, 2*time.Second)+time.Second; took > most {
					t.Errorf("ended after %v", took)
				}
				if got, err := b.engine.Estimate(t.Context(), b.request(t, "SELECT i FROM t")); err != nil || got.Rows != 100_000 {
					t.Errorf("afterwards: %+v, %v", got, err)
				}
			})
		}
	}
}

func TestTheRequestsEndEndsPlanning(t *testing.T) {
	b := openAnalyst(t, "levenshtein", "repeat")
	ctx, cancel := context.WithCancel(t.Context())
	stop := time.AfterFunc(100*time.Millisecond, cancel)
	defer stop.Stop()
	start := time.Now()
	if _, err := b.engine.Estimate(ctx, b.request(t, bombs["levenshtein"])); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("ended after %v", took)
	}
}

// A plan repeats what it was made for; one that is too long is not read, and
// its query counts as too much.
func TestALongPlanIsNotRead(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT 'name ' || i AS s FROM range(10000) r(i)")
	before := a.worker()
	for length, refused := range map[int]bool{1000: false, 200_000: false, 3 << 20: true} {
		_, err := a.engine.Estimate(t.Context(), a.request(t, "SELECT s || $1 FROM t", strings.Repeat("x", length)))
		if refused {
			wantRefusal(t, fmt.Sprint(length), err, sqlguard.RuleCost)
		} else if err != nil {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
	a.wantSame(before)
}

func TestEstimatesAreForCheckedQueries(t *testing.T) {
	b := openAnalyst(t)
	if _, err := b.engine.Estimate(t.Context(), engine.Request{Limits: limits}); err == nil {
		t.Error("the zero Query is planned")
	}
	r := b.request(t, "SELECT i FROM t")
	r.Limits = engine.Limits{}
	if _, err := b.engine.Estimate(t.Context(), r); err == nil {
		t.Error("a query without limits is planned")
	}
	if err := b.engine.Close(); err != nil {
		t.Fatal(err)
	}
	r.Limits = limits
	if _, err := b.engine.Estimate(t.Context(), r); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("closed: %v", err)
	}
}

// The query's text stands behind EXPLAIN. Were it to get past a guard, nothing
// in it would run.
func TestEstimatesRunNothing(t *testing.T) {
	a := openAlone(t, "CREATE TABLE t AS SELECT i FROM range(10) r(i)")
	before := a.worker()
	for _, sql := range []string{
		"ANALYZE SELECT i FROM t", "(ANALYZE) SELECT i FROM t", "SELECT i FROM t; SELECT 1", "INSERT INTO t VALUES (1)", "EXPLAIN SELECT 1", "", "nonsense",
	} {
		_, err := a.engine.EstimateUnchecked(t.Context(), sql)
		wantRefusal(t, sql, err, sqlguard.RuleFailed)
	}
	a.wantSame(before)
}

func BenchmarkEstimate(b *testing.B) {
	e := openAnalyst(b)
	for name, sql := range map[string]string{
		"constant": "SELECT 42", "scan": "SELECT i FROM t WHERE k = 1", "join": "SELECT count(*) FROM t JOIN u ON t.k = u.k",
	} {
		r := e.request(b, sql)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.engine.Estimate(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEstimatedRun is what a query takes by itself, and after an estimate.
func BenchmarkEstimatedRun(b *testing.B) {
	e := openAnalyst(b)
	r := e.request(b, "SELECT d FROM t WHERE i = $1", int64(42))
	for _, estimated := range []bool{false, true} {
		b.Run(fmt.Sprintf("estimated=%v", estimated), func(b *testing.B) {
			for b.Loop() {
				if estimated {
					if _, err := e.engine.Estimate(b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := e.engine.Run(b.Context(), r, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
