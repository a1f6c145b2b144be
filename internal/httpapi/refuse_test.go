package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

const (
	body400 = `{"type":"about:blank","title":"Bad Request","status":400,"detail":"The query was rejected or failed."}`
	body403 = `{"type":"about:blank","title":"Forbidden","status":403}`
	body413 = `{"type":"about:blank","title":"Content Too Large","status":413}`
	body500 = `{"type":"about:blank","title":"Internal Server Error","status":500}`
	body503 = `{"type":"about:blank","title":"Service Unavailable","status":503}`
)

var errDriver = errors.New(`IO Error: cannot open "/srv/data.duckdb"`)

func TestFailures(t *testing.T) {
	t.Parallel()
	refused := func(rule sqlguard.Rule) error { return fmt.Errorf("engine: %w", sqlguard.Refuse(rule, errDriver)) }
	tests := []struct {
		name       string
		sql        string // empty: one that runs
		err        error
		status     int
		body       string
		detail     string // the body where detail is allowed; empty: the same
		protection string
		rule       string
	}{
		{
			name: "refused by the guard", sql: "SELECT 1; SELECT 2", status: 400, body: body400,
			detail:     `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.multiple_statements","detail":"Send exactly one statement."}`,
			protection: "sqlguard", rule: "sql.multiple_statements",
		},
		{
			name: "timeout", err: refused(sqlguard.RuleTimeout), status: 400, body: body400,
			detail:     `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.timeout","detail":"Ask for less work: add a filter or aggregate fewer rows."}`,
			protection: "engine", rule: "sql.timeout",
		},
		{
			name: "memory", err: refused(sqlguard.RuleMemory), status: 400, body: body400,
			detail:     `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.memory","detail":"Ask for less at once: fewer groups, fewer distinct values or a smaller sort."}`,
			protection: "engine", rule: "sql.memory",
		},
		{
			name: "failed", err: refused(sqlguard.RuleFailed), status: 400, body: body400,
			detail:     `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.failed","detail":"Check names, types and values against the tables' columns."}`,
			protection: "engine", rule: "sql.failed",
		},
		{
			name: "bytes", err: refused(sqlguard.RuleBytes), status: 413, body: body413,
			detail:     `{"type":"about:blank","title":"Content Too Large","status":413,"rule":"sql.bytes","detail":"Ask for fewer rows, fewer columns or shorter values."}`,
			protection: "engine", rule: "sql.bytes",
		},
		{
			name: "unavailable", err: fmt.Errorf("%w: closed", engine.ErrUnavailable), status: 503, body: body503,
			protection: "engine", rule: "engine.unavailable",
		},
		{name: "anything else", err: errDriver, status: 500, body: body500},
		{name: "a context of the engine's own", err: context.Canceled, status: 503, body: body503},
		{name: "a deadline of the engine's own", err: context.DeadlineExceeded, status: 503, body: body503},
	}
	for _, tt := range tests {
		for _, format := range []string{"json", "ndjson", "csv", "tsv", "arrow"} {
			for _, written := range []int{0, 100, 32 << 10} { // what the engine wrote before it failed
				for _, detail := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/after %d/detail %v", tt.name, format, written, detail), func(t *testing.T) {
						t.Parallel()
						handler, _, records := newHandler(t, options{run: fail(written, tt.err), detail: detail})
						sql := tt.sql
						if sql == "" {
							sql = "SELECT 1"
						}
						w := httptest.NewRecorder()
						handler.ServeHTTP(w, post(t, "/v1/query", fmt.Sprintf(`{"sql":%q,"format":%q}`, sql, format)))
						want := tt.body
						if detail && tt.detail != "" {
							want = tt.detail
						}
						if w.Code != tt.status || w.Body.String() != want {
							t.Errorf("got  %d %s\nwant %d %s", w.Code, w.Body, tt.status, want)
						}
						for _, name := range []string{"Trailer", httpapi.TrailerStatus, httpapi.TrailerRows, httpapi.TrailerTruncated, "Content-Encoding", "Vary"} {
							if w.Header().Get(name) != "" {
								t.Errorf("a refusal with %s", name)
							}
						}
						if retry := w.Header().Get("Retry-After"); (retry == "1") != (tt.status == http.StatusServiceUnavailable) {
							t.Errorf("Retry-After %q", retry)
						}
						conforms(t, "POST /v1/query", w)
						if record := records.last(t); record.Protection != tt.protection || record.Rule != tt.rule || record.Err == nil {
							t.Errorf("recorded %q by %q: %v", record.Rule, record.Protection, record.Err)
						}
					})
				}
			}
		}
	}
}

// An engine that does not keep to its byte limit must not fill our memory.
func TestWholeAnswersAreBounded(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{1 << 20: http.StatusOK, 1<<20 + 1: http.StatusRequestEntityTooLarge} {
		handler, _, _ := newHandler(t, options{run: fail(size, nil)})
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT 1"}`))
		if w.Code != want {
			t.Errorf("%d bytes: %d, want %d", size, w.Code, want)
		}
	}
}

// A buffer that comes back from the pool must not show another client's rows.
func TestAnswersDoNotLeakIntoOthers(t *testing.T) {
	t.Parallel()
	long, _, _ := newHandler(t, options{run: fail(5000, errDriver)})
	short, _, _ := newHandler(t, options{})
	for range 50 {
		long.ServeHTTP(httptest.NewRecorder(), post(t, "/v1/query", `{"sql":"SELECT 1"}`))
		w := httptest.NewRecorder()
		short.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT 1"}`))
		if w.Body.String() != wholeJSON {
			t.Fatalf("got %s", w.Body)
		}
	}
}
