package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/apikey"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/config"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guard "github.com/sallyport-dev/sallyport/sqlguard/duckdb"
)

// constant is an engine that has its answer ready.
type constant struct{ engine.Engine }

func (constant) Run(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
	_, err := io.WriteString(w, `{"columns":["42"],"types":["INTEGER"],"rows":[[42]],"row_count":1,"truncated":false,"elapsed_ms":0.1}`)
	return engine.Summary{Rows: 1}, err
}

func (constant) Catalog() engine.Catalog { return engine.Catalog{} }

func (constant) Close() error { return nil }

// wholeHandler is the handler of a server whose engine takes no time.
func wholeHandler(tb testing.TB) (handler http.Handler, key string) {
	tb.Helper()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	cfg := config.Default()
	cfg.Perimeter.PerClient, cfg.Perimeter.PerNetwork.Rate, cfg.Perimeter.Global = "100000000/second", "100000000/second", "100000000/second"
	k, plaintext, err := apikey.Generate("bench", []apikey.Scope{apikey.Query}, time.Time{}, time.Now())
	must(err)
	set, err := apikey.NewSet(k)
	must(err)
	log, err := event.NewLog(event.LogConfig{Out: io.Discard})
	must(err)
	s := &Server{options: Options{Config: cfg, Keys: apikey.NewStore(set), Logger: log.Logger(), Records: log}}
	must(s.openPerimeter(tb.Context()))
	s.adapter, err = guard.Open()
	must(err)
	g, err := sqlguard.New(sqlguard.Config{Adapter: s.adapter, Policy: sqlguard.Policy{Tables: []string{"*"}}, Catalog: &sqlguard.Catalog{Tables: []string{"flights"}}})
	must(err)
	s.service, err = query.New(slog.New(slog.DiscardHandler), query.Source{
		Name: "flights", Guard: g, Engine: constant{}, Limits: engine.Limits{Deadline: time.Second, Rows: 1000, Bytes: 1 << 20},
	})
	must(err)
	s.handler, err = s.buildHandler()
	must(err)
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s.handler, plaintext
}

// answer is a response writer that keeps nothing.
type answer struct {
	header http.Header
	status int
}

func (a *answer) Header() http.Header              { return a.header }
func (a *answer) WriteHeader(status int)           { a.status = status }
func (a *answer) Write(b []byte) (int, error)      { return len(b), nil }
func (*answer) Flush()                             {}
func (*answer) SetReadDeadline(_ time.Time) error  { return nil }
func (*answer) SetWriteDeadline(_ time.Time) error { return nil }

// asker returns what asks handler the same query again and again.
func asker(tb testing.TB) (ask func()) {
	tb.Helper()
	handler, key := wholeHandler(tb)
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/v1/query", http.NoBody)
	r.Header = http.Header{"Content-Type": {"application/json"}, "X-Api-Key": {key}, "User-Agent": {"curl/8.5.0"}}
	body := strings.NewReader("")
	w := &answer{header: http.Header{}}
	return func() {
		clear(w.header)
		body.Reset(`{"sql":"SELECT 42"}`)
		r.Body, r.ContentLength = io.NopCloser(body), body.Size()
		handler.ServeHTTP(w, r)
		if w.status != http.StatusOK {
			tb.Fatalf("status %d", w.status)
		}
	}
}

// BenchmarkQuery is all that a query costs but HTTP itself and the engine.
func BenchmarkQuery(b *testing.B) {
	ask := asker(b)
	b.ReportAllocs()
	for b.Loop() {
		ask()
	}
}

// It stands here so that whoever adds an allocation to every query notices.
func TestQueryAllocations(t *testing.T) {
	const most = 26
	ask := asker(t)
	ask() // the guard's verdict is kept
	if n := testing.AllocsPerRun(500, ask); n > most && !raceEnabled {
		t.Errorf("%v allocations, where %d are allowed", n, most)
	}
}
