package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/chain"
	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/internal/query"
	"github.com/sallyport-dev/sallyport/problem"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// runFunc is what a fake engine does with a query.
type runFunc func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error)

// fakeEngine is an engine whose queries run in Go.
type fakeEngine struct{ run runFunc }

func (f fakeEngine) Run(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
	return f.run(ctx, r, w)
}

func (fakeEngine) Estimate(context.Context, engine.Request) (engine.Estimate, error) {
	return engine.Estimate{}, nil
}

func (fakeEngine) Catalog() engine.Catalog {
	return engine.Catalog{Tables: []engine.Table{
		{Name: "airports", Comment: "Where <planes> land & start.", Rows: 3376, Columns: []engine.Column{
			{Name: "iata", Type: "VARCHAR", Comment: "The airport's code."},
			{Name: "secret", Type: "VARCHAR"},
			{Name: "latitude", Type: "DOUBLE", Nullable: true},
		}},
		{Name: "flights", View: true, Rows: -1, Columns: []engine.Column{{Name: "origin", Type: "VARCHAR", Nullable: true}}},
		{Name: "salaries", Rows: 1},
	}}
}

func (fakeEngine) Close() error { return nil }

var limits = engine.Limits{Deadline: 15 * time.Second, Rows: 1000, Bytes: 1 << 20}

var columns = []encode.Column{
	{Name: "origin", Type: &encode.Type{Kind: encode.Text, Name: "VARCHAR"}},
	{Name: "flights", Type: &encode.Type{Kind: encode.Int64, Name: "BIGINT"}},
}

// rows is a chunk of n rows.
func rows(n int) *encode.Chunk {
	counts := make([]int64, n)
	for i := range counts {
		counts[i] = int64(i + 1)
	}
	return &encode.Chunk{Rows: n, Columns: []encode.Vector{
		{Text: func(int) []byte { return []byte("ORD") }},
		{Int64s: counts},
	}}
}

// respond writes a whole answer of n rows, as a real engine would.
func respond(n int) runFunc {
	return func(_ context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
		summary := engine.Summary{Rows: int64(n), Truncated: n > 2, Elapsed: 1500 * time.Microsecond}
		enc, err := encode.New(r.Format, columns, r.Encoding)
		if err != nil {
			return summary, err
		}
		out := enc.Rows(enc.Begin(nil), rows(n), 0, n)
		out = enc.End(out, encode.Summary{Rows: summary.Rows, Truncated: summary.Truncated, Elapsed: summary.Elapsed})
		_, err = w.Write(out)
		return summary, errors.Join(err, enc.Err())
	}
}

// fail ends with err after it has written n bytes.
func fail(n int, err error) runFunc {
	return func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
		if n > 0 {
			if _, err := w.Write(bytes.Repeat([]byte("x"), n)); err != nil {
				return engine.Summary{}, err
			}
		}
		return engine.Summary{}, err
	}
}

// write answers with text, whatever the format.
func write(text string) runFunc {
	return func(_ context.Context, _ engine.Request, w io.Writer) (engine.Summary, error) {
		_, err := io.WriteString(w, text)
		return engine.Summary{Rows: 1}, err
	}
}

// records keeps what the recorder made of the requests.
type records struct {
	mu    sync.Mutex
	list  []event.Record
	ended chan struct{} // told of each that somebody waits for
}

func (r *records) Record(_ context.Context, record *event.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, *record)
	select {
	case r.ended <- struct{}{}:
	default:
	}
}

func (r *records) last(t *testing.T) event.Record {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == 0 {
		t.Fatal("no record")
	}
	return r.list[len(r.list)-1]
}

// options of a test's API.
type options struct {
	run     runFunc // nil: respond(2)
	detail  bool
	sources []string // nil: "flights"
	bytes   int64    // the limit of an answer; 0: 1 MiB
	config  httpapi.Config
}

func newService(t testing.TB, o options) *query.Service {
	t.Helper()
	if o.run == nil {
		o.run = respond(2)
	}
	if o.sources == nil {
		o.sources = []string{"flights"}
	}
	guard, err := sqlguard.New(sqlguard.Config{
		Adapter: adapter,
		Policy:  sqlguard.Policy{Tables: []string{"airports", "flights"}, HiddenColumns: []string{"secret"}},
		Catalog: &sqlguard.Catalog{Tables: []string{"airports", "flights", "salaries"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var sources []query.Source
	for i, name := range o.sources {
		s := query.Source{Name: name, Guard: guard, Engine: fakeEngine{o.run}, Limits: limits}
		if o.bytes != 0 {
			s.Limits.Bytes = o.bytes
		}
		if i == 0 {
			s.Notes = "Delays are in minutes."
		}
		sources = append(sources, s)
	}
	service, err := query.New(slog.New(slog.DiscardHandler), sources...)
	if err != nil {
		t.Fatal(err)
	}
	return service
}

// newHandler is the API on a problem.Mux, with a recorder and what catches panics.
func newHandler(t testing.TB, o options) (http.Handler, *httpapi.API, *records) {
	t.Helper()
	o.config.Service = newService(t, o)
	if o.config.HoldBack == 0 {
		o.config.HoldBack = 32 << 10
	}
	api, err := httpapi.New(o.config)
	if err != nil {
		t.Fatal(err)
	}
	mux := problem.NewMux()
	for _, route := range api.Routes() {
		mux.Handle(route.Pattern, route.Handler)
	}
	log := &records{ended: make(chan struct{}, 1)}
	recorder, err := event.NewRecorder(event.Config{Sink: log})
	if err != nil {
		t.Fatal(err)
	}
	detail := chain.Func(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if o.detail {
				r = r.WithContext(problem.WithDetail(r.Context()))
			}
			next.ServeHTTP(w, r)
		})
	})
	return chain.New(recorder, problem.NewRecover(slog.New(slog.DiscardHandler)), detail).Then(mux), api, log
}

func post(t *testing.T, path, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func get(t *testing.T, path string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
}
