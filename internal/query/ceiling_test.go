package query_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

func TestAQueryAboveACeilingDoesNotRun(t *testing.T) {
	both := query.Ceiling{Rows: 1e8, Cost: 1e6}
	for name, c := range map[string]struct {
		ceiling  query.Ceiling
		estimate engine.Estimate
		refused  bool
	}{
		"below both":                {both, engine.Estimate{Rows: 1, Cost: 1}, false},
		"nothing":                   {both, engine.Estimate{}, false},
		"at both":                   {both, engine.Estimate{Rows: 1e8, Cost: 1e6}, false},
		"rows":                      {both, engine.Estimate{Rows: math.Nextafter(1e8, 1e9)}, true},
		"cost":                      {both, engine.Estimate{Cost: math.Nextafter(1e6, 1e9)}, true},
		"rows without a ceiling":    {query.Ceiling{Cost: 1}, engine.Estimate{Rows: 1e300, Cost: 1}, false},
		"cost without a ceiling":    {query.Ceiling{Rows: 1}, engine.Estimate{Rows: 1, Cost: 1e300}, false},
		"rows NaN":                  {both, engine.Estimate{Rows: math.NaN()}, true},
		"cost NaN":                  {both, engine.Estimate{Cost: math.NaN()}, true},
		"rows infinite":             {both, engine.Estimate{Rows: math.Inf(1)}, true},
		"above the largest":         {query.Ceiling{Rows: math.MaxFloat64}, engine.Estimate{Rows: math.Inf(1)}, true},
		"rows negative":             {both, engine.Estimate{Rows: -1}, true},
		"rows negatively infinite":  {both, engine.Estimate{Rows: math.Inf(-1)}, true},
		"cost negative":             {both, engine.Estimate{Cost: -0.5}, true},
		"NaN, but not asked for it": {query.Ceiling{Rows: 1}, engine.Estimate{Cost: math.NaN()}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, spy := serviceUnder(t, c.ceiling, nil, "main")
			spy.estimate = c.estimate
			_, err := s.Run(t.Context(), query.Request{SQL: "SELECT a FROM t", Format: encode.CSV}, io.Discard)
			var refusal *sqlguard.Refusal
			if refused := errors.As(err, &refusal) && refusal.Rule == sqlguard.RuleCost; refused != c.refused || !refused && err != nil {
				t.Errorf("run: %v", err)
			}
			if ran := len(spy.ran) == 1; ran == c.refused {
				t.Errorf("the engine ran %d queries", len(spy.ran))
			}
			verdict, err := s.Check(t.Context(), "main", "SELECT a FROM t")
			if err != nil || verdict.Allowed == c.refused || c.refused && verdict.Rule != sqlguard.RuleCost {
				t.Errorf("check: %+v, %v", verdict, err)
			}
		})
	}
}

func TestThePlannerIsAskedOnlyUnderACeiling(t *testing.T) {
	for sql, c := range map[string]struct {
		ceiling query.Ceiling
		params  []any
		want    int
	}{
		"SELECT a FROM t":                {query.Ceiling{}, nil, 0},
		"SELECT a AS b FROM t":           {query.Ceiling{Rows: 1}, nil, 1},
		"SELECT a FROM closed":           {query.Ceiling{Rows: 1}, nil, 0},
		"SELECT a FROM t WHERE a = $1":   {query.Ceiling{Cost: 1}, []any{"x"}, 1},
		"SELECT a FROM t WHERE a = $1+1": {query.Ceiling{Cost: 1}, nil, 0}, // its parameter is missing
	} {
		s, spy := serviceUnder(t, c.ceiling, nil, "main")
		_, _ = s.Run(t.Context(), query.Request{SQL: sql, Params: c.params, Format: encode.CSV}, io.Discard)
		if len(spy.weighed) != c.want {
			t.Errorf("%s: %d estimates", sql, len(spy.weighed))
		}
		if c.want > 0 && (spy.weighed[0].Limits != limits || len(spy.weighed[0].Params) != len(c.params)) {
			t.Errorf("%s: asked with %+v", sql, spy.weighed[0])
		}
	}
}

// A plan is asked for, not run: there is nothing to estimate.
func TestAPlanHasNoCeiling(t *testing.T) {
	adapter, err := duckdb.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	g, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{Tables: []string{"*"}}})
	if err != nil {
		t.Fatal(err)
	}
	spy := &spy{estimate: engine.Estimate{Rows: 9}}
	s, err := query.New(nil, query.Source{Name: "main", Guard: g, Engine: spy, Limits: limits, Ceiling: query.Ceiling{Rows: 1}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Run(t.Context(), query.Request{SQL: "EXPLAIN SELECT a FROM t", Format: encode.CSV}, io.Discard)
	if err != nil || len(spy.ran) != 1 || len(spy.weighed) != 0 {
		t.Errorf("%v; ran %d, estimated %d", err, len(spy.ran), len(spy.weighed))
	}
}

// Check has no values to bind, so it says what it can without them.
func TestCheckEstimatesOnlyWithoutParameters(t *testing.T) {
	s, spy := serviceUnder(t, query.Ceiling{Rows: 1}, nil, "main")
	spy.estimate = engine.Estimate{Rows: 2}
	if v, err := s.Check(t.Context(), "main", "SELECT a FROM t WHERE a = $1"); err != nil || !v.Allowed || len(spy.weighed) != 0 {
		t.Errorf("with a parameter: %+v, %v, %d estimates", v, err, len(spy.weighed))
	}
	if v, err := s.Check(t.Context(), "main", "SELECT a FROM t WHERE a = 'x'"); err != nil || v.Allowed || v.Rule != sqlguard.RuleCost || v.SQL != "" {
		t.Errorf("without one: %+v, %v", v, err)
	}
}

func TestAnEstimateIsAskedForOnce(t *testing.T) {
	s, spy := serviceUnder(t, query.Ceiling{Rows: 5}, nil, "main")
	spy.estimate = engine.Estimate{Rows: 9, Queued: time.Hour}
	run := func(sql string, params ...any) {
		t.Helper()
		_, err := s.Run(t.Context(), query.Request{SQL: sql, Params: params, Format: encode.CSV}, io.Discard)
		var refusal *sqlguard.Refusal
		if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleCost {
			t.Errorf("%s %v: %v", sql, params, err)
		}
	}
	for range 3 {
		run("SELECT a FROM t")
		run("select  a  from t") // the same once it is written anew
		if _, err := s.Check(t.Context(), "main", "SELECT a FROM t"); err != nil {
			t.Error(err)
		}
	}
	if len(spy.weighed) != 1 {
		t.Errorf("%d estimates of one query", len(spy.weighed))
	}
	// Each is another query.
	const two = "SELECT a FROM t WHERE a = $1 OR a = $2"
	others := [][]any{{"1", "x"}, {int64(1), "x"}, {1.0, "x"}, {true, "x"}, {false, "x"}, {nil, "x"}, {"", "1x"}, {"1x", ""}, {"1", int64(120)}, {"n", nil}, {nil, nil}}
	for range 2 {
		for _, params := range others {
			run(two, params...)
		}
	}
	if got := len(spy.weighed) - 1; got != len(others) {
		t.Errorf("%d estimates of %d queries", got, len(others))
	}
}

func TestAFailedEstimateIsAFailedQuery(t *testing.T) {
	s, spy := serviceUnder(t, query.Ceiling{Rows: 5}, nil, "main")
	for _, fail := range []error{sqlguard.Refuse(sqlguard.RuleTimeout, errors.New("slow")), engine.ErrUnavailable, context.Canceled} {
		spy.failPlan = fail
		if _, err := s.Run(t.Context(), query.Request{SQL: "SELECT a FROM t", Format: encode.CSV}, io.Discard); !errors.Is(err, fail) {
			t.Errorf("run: %v, want %v", err, fail)
		}
		verdict, err := s.Check(t.Context(), "main", "SELECT a FROM t")
		var refusal *sqlguard.Refusal
		if errors.As(fail, &refusal) {
			if err != nil || verdict.Allowed || verdict.Rule != sqlguard.RuleTimeout {
				t.Errorf("check: %+v, %v", verdict, err)
			}
		} else if !errors.Is(err, fail) {
			t.Errorf("check: %+v, %v, want %v", verdict, err, fail)
		}
	}
	if len(spy.ran) != 0 {
		t.Error("the query ran")
	}
	// It is not held against the query later.
	spy.failPlan = nil
	if _, err := s.Run(t.Context(), query.Request{SQL: "SELECT a FROM t", Format: encode.CSV}, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestTheTimeOfAnEstimateIsRecorded(t *testing.T) {
	s, spy := serviceUnder(t, query.Ceiling{Rows: 5}, nil, "main")
	spy.estimate = engine.Estimate{Rows: 1, Queued: time.Nanosecond}
	for _, want := range []time.Duration{time.Millisecond + time.Nanosecond, time.Millisecond} { // asked, remembered
		record := &event.Record{}
		if _, err := s.Run(event.NewContext(t.Context(), record), query.Request{SQL: "SELECT a FROM t", Format: encode.CSV}, io.Discard); err != nil {
			t.Fatal(err)
		}
		if q := record.Query; q.Queue != want || q.Guard <= 0 {
			t.Errorf("record: %+v, want a wait of %v", q, want)
		}
	}
}

func TestTheReasonOfACostIsLogged(t *testing.T) {
	var log bytes.Buffer
	s, spy := serviceUnder(t, query.Ceiling{Rows: 1e8}, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), "main")
	spy.estimate = engine.Estimate{Rows: 5e9}
	_, err := s.Run(t.Context(), query.Request{SQL: "SELECT a FROM t", Format: encode.CSV}, io.Discard)
	if err == nil || err.Error() != "sql.cost" || !strings.Contains(log.String(), "the planner expects 5e+09 rows, the ceiling is 1e+08") {
		t.Errorf("%v; the log has %s", err, log.String())
	}
}

func TestACeilingIsAPositiveNumber(t *testing.T) {
	for _, bad := range []query.Ceiling{{Rows: -1}, {Cost: -1}, {Rows: math.NaN()}, {Cost: math.NaN()}, {Rows: math.Inf(1)}, {Cost: math.Inf(-1)}} {
		_, err := query.New(nil, query.Source{Name: "a", Limits: limits, Ceiling: bad})
		if err == nil || !strings.Contains(err.Error(), `"a": a ceiling must be`) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
