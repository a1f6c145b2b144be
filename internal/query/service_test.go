package query_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spy is an engine that remembers what it was asked.
type spy struct {
	ran    []engine.Request
	closed bool
	fail   error

	weighed  []engine.Request
	estimate engine.Estimate
	failPlan error
}

func (s *spy) Run(_ context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
	s.ran = append(s.ran, r)
	if s.fail != nil {
		return engine.Summary{}, s.fail
	}
	_, err := io.WriteString(w, "answer")
	return engine.Summary{Rows: 3, Queued: time.Millisecond, Elapsed: time.Second}, err
}

func (s *spy) Estimate(_ context.Context, r engine.Request) (engine.Estimate, error) {
	s.weighed = append(s.weighed, r)
	return s.estimate, s.failPlan
}

func (s *spy) Catalog() engine.Catalog {
	return engine.Catalog{Tables: []engine.Table{
		{Name: "t", Columns: []engine.Column{{Name: "a"}, {Name: "Secret"}}}, {Name: "closed"},
	}}
}

func (s *spy) Close() error {
	s.closed = true
	return nil
}

var limits = engine.Limits{Deadline: time.Second, Rows: 10, Bytes: 1000}

func service(t *testing.T, logger *slog.Logger, names ...string) (*query.Service, *spy) {
	t.Helper()
	return serviceUnder(t, query.Ceiling{}, logger, names...)
}

func serviceUnder(t testing.TB, ceiling query.Ceiling, logger *slog.Logger, names ...string) (*query.Service, *spy) {
	t.Helper()
	adapter, err := duckdb.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = adapter.Close() })
	engine := &spy{}
	var sources []query.Source
	for _, name := range names {
		g, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{
			Tables: []string{"t"}, HiddenColumns: []string{"secret"}, MaxRows: limits.Rows,
		}})
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, query.Source{Name: name, Guard: g, Engine: engine, Limits: limits, Ceiling: ceiling})
	}
	s, err := query.New(logger, sources...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, engine
}

func TestOnlyCheckedQueriesReachTheEngine(t *testing.T) {
	s, engine := service(t, nil, "main")
	var out bytes.Buffer
	record := &event.Record{}
	ctx := event.NewContext(t.Context(), record)
	summary, err := s.Run(ctx, query.Request{SQL: "SELECT a FROM t WHERE a = $1", Params: []any{"x"}, Format: encode.CSV}, &out)
	if err != nil || out.String() != "answer" || summary.Rows != 3 {
		t.Fatalf("%q, %+v, %v", out.String(), summary, err)
	}
	if r := engine.ran[0]; r.Query.SQL() != "SELECT a FROM t WHERE (a = $1) LIMIT 10" || fmt.Sprint(r.Params) != "[x]" || r.Limits != limits || r.Format != encode.CSV {
		t.Errorf("engine was asked %+v", r)
	}
	if q := record.Query; q.Source != "main" || q.Rows != 3 || q.Engine != time.Second || q.Queue != time.Millisecond || q.Fingerprint == "" || q.Guard <= 0 {
		t.Errorf("record: %+v", q)
	}
	for _, sql := range []string{"DROP TABLE t", "SELECT * FROM closed", "SELECT secret FROM t", "SELECT getenv('x')", "not sql"} {
		_, err := s.Run(t.Context(), query.Request{SQL: sql, Format: encode.CSV}, &out)
		var refusal *sqlguard.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if len(engine.ran) != 1 {
		t.Errorf("a refused query reached the engine: %+v", engine.ran[1:])
	}
}

func TestParametersMustMatch(t *testing.T) {
	s, engine := service(t, nil, "main")
	for _, params := range [][]any{nil, {"a", "b"}} {
		_, err := s.Run(t.Context(), query.Request{SQL: "SELECT $1", Params: params, Format: encode.CSV}, io.Discard)
		var refusal *sqlguard.Refusal
		if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleFailed {
			t.Errorf("%v: %v", params, err)
		}
	}
	if len(engine.ran) > 0 {
		t.Error("the engine was asked")
	}
}

func TestSourcesByName(t *testing.T) {
	s, _ := service(t, nil, "one", "two")
	for name, want := range map[string]error{"one": nil, "two": nil, "": query.ErrNoSource, "three": query.ErrNoSource} {
		_, err := s.Run(t.Context(), query.Request{Source: name, SQL: "SELECT 1", Format: encode.CSV}, io.Discard)
		if !errors.Is(err, want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestOnlyWhatMayBeReadIsDescribed(t *testing.T) {
	s, _ := service(t, nil, "main")
	tables, err := s.Tables("main")
	if err != nil || len(tables) != 1 || tables[0].Name != "t" || len(tables[0].Columns) != 1 || tables[0].Columns[0].Name != "a" {
		t.Errorf("%+v, %v", tables, err)
	}
	if table, err := s.Table("main", "T"); err != nil || table.Name != "t" {
		t.Errorf("%+v, %v", table, err)
	}
	if _, err := s.Table("main", "closed"); !errors.Is(err, query.ErrNoTable) {
		t.Errorf("closed: %v", err)
	}
}

func TestVerdictsAreRemembered(t *testing.T) {
	s, _ := service(t, nil, "main")
	for _, sql := range []string{"SELECT a FROM t", "SELECT md5(a) FROM t"} {
		first, err := s.Check(t.Context(), "main", sql)
		if err != nil {
			t.Fatal(err)
		}
		// With the context over the guard could not ask its parser any more.
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		second, err := s.Check(ended, "main", sql)
		if err != nil || first != second {
			t.Errorf("%s: %+v, then %+v, %v", sql, first, second, err)
		}
	}
}

func TestReasonsAreLoggedOnlyWhereAskedFor(t *testing.T) {
	for level, want := range map[slog.Level]bool{slog.LevelInfo: false, slog.LevelDebug: true} {
		var log bytes.Buffer
		s, _ := service(t, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level})), "main")
		if _, err := s.Run(t.Context(), query.Request{SQL: "SELECT canary_42()", Format: encode.CSV}, io.Discard); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("error: %v", err)
		}
		if got := strings.Contains(log.String(), "canary_42"); got != want {
			t.Errorf("level %v: %s", level, log.String())
		}
	}
}

func TestNewReportsEveryMistake(t *testing.T) {
	_, err := query.New(nil, query.Source{Name: "a"}, query.Source{Name: "a", Limits: limits})
	for _, want := range []string{"guard and engine are required", "every limit must be positive", "twice"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if _, err := query.New(nil); err == nil {
		t.Error("a service without sources starts")
	}
}

func TestCloseClosesTheEngines(t *testing.T) {
	s, engine := service(t, nil, "main")
	if err := s.Close(); err != nil || !engine.closed {
		t.Errorf("%v, closed %v", err, engine.closed)
	}
}
