package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guardpg "github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

const estimateGround = `CREATE TABLE big AS SELECT i AS id, i % 100 AS grp, 'x' || i AS name, now() - i * interval '1 hour' AS at FROM generate_series(1, 50000) i;
	ALTER TABLE big ADD PRIMARY KEY (id); ANALYZE big; `

func (b *bench) estimate(t testing.TB, sql string, params ...any) engine.Estimate {
	t.Helper()
	got, err := b.engine.estimate(t.Context(), "", sql, params, generous)
	if err != nil {
		t.Fatalf("%s: %v (%v)", sql, err, errors.Unwrap(err))
	}
	return got
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	b := start(t, estimateGround)
	for _, test := range []struct {
		sql              string
		params           []any
		rows, least, top float64 // rows within a factor of 2; the cost between the others
	}{
		{"SELECT 1", nil, 1, 0, 1},
		{"SELECT * FROM big", nil, 50_000, 500, 5000},
		{"SELECT * FROM big WHERE id = 7", nil, 1, 1, 20},
		{"SELECT count(*) FROM big", nil, 50_000, 500, 5000},
		// A preview of a table is cheap.
		{"SELECT * FROM big LIMIT 10", nil, 10, 0.01, 5},
		{"SELECT * FROM (SELECT id, lower(name) FROM big) s LIMIT 10", nil, 10, 0.01, 5},
		// Sorting takes all of it.
		{"SELECT * FROM big ORDER BY name LIMIT 10", nil, 50_000, 1000, 10_000},
		// A join can find more than it is expected to before the limit.
		{"SELECT a.id FROM big a JOIN big b ON a.grp = b.grp LIMIT 10", nil, 25_000_000, 1, 5000},
		{"SELECT count(*) FROM big a JOIN big b ON a.grp = b.grp", nil, 25_000_000, 100_000, 1e6},
		{"SELECT a.id, (SELECT count(*) FROM big b WHERE b.grp = a.grp) FROM big a", nil, 50_000, 1e7, 1e9},
		// Parameters are planned with, as the types that the query makes them.
		{"SELECT * FROM big WHERE id <= $1", []any{int64(25_000)}, 25_000, 100, 5000},
		{"SELECT * FROM big WHERE id = $1 AND name = $2", []any{"7", "x7"}, 1, 1, 20},
		{"SELECT * FROM big WHERE at > $1 AND $2", []any{"2020-01-01", true}, 50_000, 100, 5000},
		{"SELECT * FROM big WHERE at > $1 AND $2", []any{"2020-01-01", false}, 0, 0, 1},
		{"SELECT * FROM big WHERE id = $1", []any{nil}, 0, 0, 1},
	} {
		for range 2 { // also when it has been prepared
			got := b.estimate(t, test.sql, test.params...)
			if got.Rows < test.rows/2 || got.Rows > 2*test.rows || got.Cost < test.least || got.Cost > test.top {
				t.Errorf("%s, %v: %+v, want %v rows and a cost from %v to %v", test.sql, test.params, got, test.rows, test.least, test.top)
			}
		}
	}
	if n := b.server.Value(t, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'"); n == "0" || n > "3" {
		t.Errorf("%s connections for one estimate at a time", n)
	}
}

func TestEstimateFailsAsAQueryDoes(t *testing.T) {
	t.Parallel()
	b := start(t, estimateGround)
	for _, test := range []struct {
		sql    string
		params []any
	}{
		{"SELECT * FROM no_such_table", nil},
		{"SELECT id / 0 FROM big", nil}, // folded: also when it is planned
		{"SELECT * FROM big WHERE id = $1", []any{"not a number"}},
		{"SELECT * FROM big WHERE id = $1", nil},
		{"SELECT 1; SELECT 2", nil},
		{"ANALYZE big", nil},
	} {
		_, err := b.engine.estimate(t.Context(), "", test.sql, test.params, generous)
		if test.sql == "SELECT id / 0 FROM big" {
			if err != nil {
				t.Errorf("nothing of it is constant, and it was not to run: %v", err)
			}
			continue
		}
		wantRule(t, err, sqlguard.RuleFailed)
	}
	// What a client may not do, it cannot have planned either.
	before := b.server.Value(t, "SELECT count(*) FROM big")
	for _, sql := range []string{"DELETE FROM big", "INSERT INTO big SELECT * FROM big", "CREATE TABLE x AS SELECT 1", "ANALYZE SELECT * FROM big"} {
		_, _ = b.engine.estimate(t.Context(), "", sql, nil, generous) // only its effect matters
	}
	if after := b.server.Value(t, "SELECT count(*) FROM big"); after != before {
		t.Errorf("%s rows, were %s", after, before)
	}
	if got := b.rows(t, "SELECT current_setting('transaction_read_only'), current_setting('statement_timeout')"); got != `[["on","5s"]]` {
		t.Error(got)
	}
}

func TestEstimateIsBounded(t *testing.T) {
	t.Parallel()
	b := start(t, estimateGround+`CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep($1); RETURN 1; END $$;
		CREATE TABLE parts (a int, b text) PARTITION BY RANGE (a);
		DO $$ BEGIN FOR i IN 1..1500 LOOP EXECUTE format('CREATE TABLE parts_with_a_long_name_%s PARTITION OF parts FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$`)
	// A call with constants is made while the query is planned.
	began := time.Now()
	_, err := b.engine.estimate(t.Context(), "", "SELECT slow(4)", nil, generous)
	wantRule(t, err, sqlguard.RuleTimeout)
	if took := time.Since(began); took < 1500*time.Millisecond || took > 3500*time.Millisecond {
		t.Errorf("planning was ended after %v, want %v", took, maxPlanning)
	}
	began = time.Now()
	_, err = b.engine.estimate(t.Context(), "", "SELECT slow(4)", nil, limited(func(l *engine.Limits) { l.Deadline = 200 * time.Millisecond }))
	wantRule(t, err, sqlguard.RuleTimeout)
	if took := time.Since(began); took > 1500*time.Millisecond {
		t.Errorf("planning was ended after %v, want the query's own deadline", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := b.engine.estimate(ctx, "", "SELECT slow(4)", nil, generous); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want that the request has ended", err)
	}
	eventually(t, "nothing is planned any more", func() bool { return !b.runs(t, explain+"SELECT slow(4)") })

	_, err = b.engine.estimate(t.Context(), "", "SELECT * FROM parts a JOIN parts b USING (b) WHERE a.b LIKE 'a long condition, which is shown for each'", nil, generous)
	wantRule(t, err, sqlguard.RuleCost)
	// The connection that had it in its line is not used again.
	if got := b.estimate(t, "SELECT 1"); got.Rows != 1 {
		t.Errorf("%+v", got)
	}
}

func TestEstimateOfCheckedQueries(t *testing.T) {
	t.Parallel()
	b := start(t, estimateGround, func(c *Config) { c.unqualified = false })
	adapter, err := guardpg.Open()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{Tables: []string{"*"}}, Catalog: &sqlguard.Catalog{Tables: []string{"big"}}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(sql string, params ...any) (engine.Estimate, error) {
		q, err := guard.Check(t.Context(), sql)
		if err != nil {
			t.Fatal(err)
		}
		return b.engine.Estimate(t.Context(), engine.Request{Query: q, Params: params, Format: encode.JSON, Limits: generous})
	}
	if got, err := ask("SELECT count(*) FROM big WHERE id > $1", int64(0)); err != nil || got.Rows < 40_000 || got.Cost < 500 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := ask("EXPLAIN SELECT count(*) FROM big"); err != nil || got != (engine.Estimate{}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := b.engine.Estimate(t.Context(), engine.Request{Limits: generous}); err == nil {
		t.Error("an estimate of a query that no guard made")
	}
}

func TestEstimateOutlivesARestartAndAChange(t *testing.T) {
	t.Parallel()
	b := start(t, estimateGround)
	before := b.estimate(t, "SELECT * FROM big")
	b.server.Exec(t, "ALTER TABLE big ADD more int; DELETE FROM big WHERE id > 100")
	b.server.Exec(t, "VACUUM ANALYZE big")
	if after := b.estimate(t, "SELECT * FROM big"); after.Rows > before.Rows/2 {
		t.Errorf("%+v after rows were deleted, %+v before", after, before)
	}
	b.server.Restart(t)
	b.estimate(t, "SELECT * FROM big")
}

func TestReadPlan(t *testing.T) {
	t.Parallel()
	node := func(kind string, rows any, children ...string) string {
		return fmt.Sprintf(`{"Node Type": %q, "Plan Rows": %v, "Total Cost": 7.5, "Filter": "(a = ']}\"{[')", "Plans": [%s]}`, kind, rows, strings.Join(children, ","))
	}
	for name, test := range map[string]struct {
		text string
		rows float64
		fail bool
	}{
		"one":                {text: node("Seq Scan", 5), rows: 5},
		"the largest":        {text: node("Aggregate", 1, node("Hash Join", 3, node("Seq Scan", 2), node("Hash", 9, node("Seq Scan", 9)))), rows: 9},
		"a limited scan":     {text: node("Limit", 3, node("Append", 90, node("Seq Scan", 50), node("Seq Scan", 40))), rows: 3},
		"a limited sort":     {text: node("Limit", 3, node("Sort", 90, node("Seq Scan", 90))), rows: 90},
		"a limited join":     {text: node("Limit", 3, node("Nested Loop", 90, node("Seq Scan", 9), node("Seq Scan", 10))), rows: 90},
		"a limit in a limit": {text: node("Limit", 3, node("Subquery Scan", 8, node("Limit", 8, node("Seq Scan", 90)))), rows: 3},
		"enormous":           {text: node("Seq Scan", "1"+strings.Repeat("0", 100)), rows: 1e100},
		"more than a float":  {text: node("Seq Scan", "1e999"), fail: true},
		"no rows":            {text: `{"Node Type": "Seq Scan", "Total Cost": 1}`, fail: true},
		"no cost":            {text: `{"Node Type": "Seq Scan", "Plan Rows": 1}`, fail: true},
		"a child of nothing": {text: node("Append", 1, "null"), fail: true},
		"a child without":    {text: node("Append", 1, "{}"), fail: true},
		"too deep":           {text: strings.Repeat(`{"Plan Rows": 1, "Total Cost": 1, "Plans": [`, 600) + strings.Repeat("]}", 600), fail: true},
		"deep":               {text: strings.Repeat(`{"Plan Rows": 1, "Total Cost": 1, "Plans": [`, 500) + strings.Repeat("]}", 500), rows: 1},
	} {
		got, err := readPlan([]byte(`[{"Plan": ` + test.text + `}]`))
		if (err != nil) != test.fail || got.Rows != test.rows {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, text := range []string{"", "[]", "{}", "null", `[{}]`, `[{"Plan": null}]`, `[{"Plan": []}]`, `[{"Plan": ` + node("Result", 1) + `}, {"Plan": ` + node("Result", 1) + `}]`} {
		if got, err := readPlan([]byte(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func FuzzReadPlan(f *testing.F) {
	f.Add([]byte(`[{"Plan": {"Node Type": "Limit", "Plan Rows": 1, "Total Cost": 0.01, "Plans": [{"Node Type": "Seq Scan", "Plan Rows": 9, "Total Cost": 2}]}}]`))
	f.Add([]byte(`[{"Plan": {"Plan Rows": -1e308, "Total Cost": "x", "Plans": [null]}}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if got, err := readPlan(text); err == nil && got.Rows != got.Rows {
			t.Errorf("%+v", got)
		}
	})
}
