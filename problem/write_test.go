package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/problem"
)

const canary = "pq: relation \"canary\" does not exist at /srv/canary.duckdb"

var errCanary = errors.New(canary)

// Written out, not taken from the package: these bytes are the contract.
const (
	body400 = `{"type":"about:blank","title":"Bad Request","status":400,"detail":"The query was rejected or failed."}`
	body401 = `{"type":"about:blank","title":"Unauthorized","status":401}`
	body403 = `{"type":"about:blank","title":"Forbidden","status":403}`
	body413 = `{"type":"about:blank","title":"Content Too Large","status":413}`
	body429 = `{"type":"about:blank","title":"Too Many Requests","status":429}`
	body500 = `{"type":"about:blank","title":"Internal Server Error","status":500}`
	body502 = `{"type":"about:blank","title":"Bad Gateway","status":502}`
	body503 = `{"type":"about:blank","title":"Service Unavailable","status":503}`
)

// request returns a request with an event record, and the record.
func request(t testing.TB, method string) (*http.Request, *event.Record) {
	t.Helper()
	record := new(event.Record)
	ctx := event.NewContext(t.Context(), record)
	return httptest.NewRequestWithContext(ctx, method, "/", http.NoBody), record
}

func TestWrite(t *testing.T) {
	t.Parallel()
	const hint = "Use one table in each SELECT."
	tests := []struct {
		name       string
		err        error
		detail     bool
		status     int
		body       string
		retryAfter string
		rule       string // on the record
		protection string
	}{
		{name: "forbidden", err: problem.Forbidden(errCanary), status: 403, body: body403},
		{
			name: "forbidden says nothing where detail is allowed",
			err:  problem.Forbidden(errCanary).By("apikey", "key.expired"), detail: true,
			status: 403, body: body403, rule: "key.expired", protection: "apikey",
		},
		{
			name: "rejected without detail", err: problem.Rejected("sql.multiple_sources", hint, errCanary),
			status: 400, body: body400, rule: "sql.multiple_sources",
		},
		{
			name: "rejected with detail", err: problem.Rejected("sql.multiple_sources", hint, errCanary), detail: true,
			status: 400, rule: "sql.multiple_sources",
			body: `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.multiple_sources","detail":"` + hint + `"}`,
		},
		{
			name: "rejected with a rule and no hint", err: problem.Rejected("sql.failed", "", errCanary), detail: true,
			status: 400, rule: "sql.failed",
			body: `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.failed","detail":"The query was rejected or failed."}`,
		},
		{name: "rejected with neither", err: problem.Rejected("", "", errCanary), detail: true, status: 400, body: body400},
		{name: "too large", err: problem.TooLarge("sql.bytes", hint, errCanary), status: 413, body: body413, rule: "sql.bytes"},
		{
			name: "too large with detail", err: problem.TooLarge("sql.bytes", hint, errCanary), detail: true,
			status: 413, rule: "sql.bytes",
			body: `{"type":"about:blank","title":"Content Too Large","status":413,"rule":"sql.bytes","detail":"` + hint + `"}`,
		},
		{name: "too many", err: problem.TooMany(2*time.Second, errCanary), status: 429, body: body429, retryAfter: "2"},
		{name: "too many with detail", err: problem.TooMany(0, errCanary), detail: true, status: 429, body: body429, retryAfter: "1"},
		{name: "unavailable", err: problem.Unavailable(time.Minute, errCanary), status: 503, body: body503, retryAfter: "60"},
		{name: "bad gateway", err: problem.BadGateway(errCanary), status: 502, body: body502},
		{name: "internal", err: problem.Internal(errCanary), status: 500, body: body500},
		{name: "any other error", err: errCanary, status: 500, body: body500},
		{
			name: "wrapped", err: fmt.Errorf("%s: %w", canary, problem.Rejected("sql.failed", hint, errCanary)),
			status: 400, body: body400, rule: "sql.failed",
		},
		{
			name: "joined", err: errors.Join(errCanary, problem.Forbidden(nil)),
			status: 403, body: body403,
		},
		{name: "a status of nobody's", err: &problem.Error{Status: http.StatusTeapot, Hint: canary}, detail: true, status: 500, body: body500},
		{name: "no status", err: &problem.Error{}, status: 500, body: body500},
		{name: "nil", err: nil, status: 500, body: body500},
		{name: "nil *Error", err: (*problem.Error)(nil), status: 500, body: body500},
		{name: "deadline", err: fmt.Errorf("query: %w", context.DeadlineExceeded), status: 503, body: body503, retryAfter: "1"},
		{name: "cancelled", err: fmt.Errorf("query: %w", context.Canceled), status: 503, body: body503, retryAfter: "1"},
		{
			name: "an Error decides even if the cause is a deadline", err: problem.Rejected("sql.timeout", hint, context.DeadlineExceeded),
			status: 400, body: body400, rule: "sql.timeout",
		},
		{
			name: "body over the limit", err: fmt.Errorf("decode: %w", &http.MaxBytesError{Limit: 10}),
			status: 413, body: body413, rule: "request.too_large",
		},
	}
	for _, tt := range tests {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodHead, "CANARY"} {
			t.Run(tt.name+"/"+method, func(t *testing.T) {
				t.Parallel()
				r, record := request(t, method)
				if tt.detail {
					r = r.WithContext(problem.WithDetail(r.Context()))
				}
				w := httptest.NewRecorder()
				problem.Write(w, r, tt.err)

				body := tt.body
				if method == http.MethodHead {
					body = ""
				}
				if w.Code != tt.status || w.Body.String() != body {
					t.Errorf("got  %d %s\nwant %d %s", w.Code, w.Body, tt.status, body)
				}
				want := http.Header{
					"Content-Type":           {"application/problem+json"},
					"Content-Length":         {fmt.Sprint(len(tt.body))},
					"Cache-Control":          {"no-store"},
					"X-Content-Type-Options": {"nosniff"},
				}
				if tt.retryAfter != "" {
					want["Retry-After"] = []string{tt.retryAfter}
				}
				if got := w.Header(); !reflect.DeepEqual(got, want) {
					t.Errorf("headers\ngot  %v\nwant %v", got, want)
				}
				if record.Rule != tt.rule || record.Protection != tt.protection {
					t.Errorf("recorded %q by %q, want %q by %q", record.Rule, record.Protection, tt.rule, tt.protection)
				}
				if record.Err == nil {
					t.Error("the error is not on the record")
				}
				if tt.err != nil && !errors.Is(record.Err, tt.err) && tt.name != "nil *Error" {
					t.Errorf("recorded %v, want %v", record.Err, tt.err)
				}
			})
		}
	}
}

func TestBodiesAreJSONWhateverTheHint(t *testing.T) {
	t.Parallel()
	const hint = "a \"quote\", a \\, a \x00, a </script>, an é and a \xff"
	r, _ := request(t, http.MethodPost)
	r = r.WithContext(problem.WithDetail(r.Context()))
	w := httptest.NewRecorder()
	problem.Write(w, r, problem.Rejected("sql.x", hint, nil))
	var got struct {
		Rule, Detail string
		Status       int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hint, "\uFFFD"); got.Detail != want || got.Rule != "sql.x" || got.Status != 400 {
		t.Errorf("got %+v, want detail %q", got, want)
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	t.Parallel()
	tests := []struct {
		wait time.Duration
		want string
	}{
		{-time.Hour, "1"},
		{0, "1"},
		{1, "1"},
		{time.Second, "1"},
		{time.Second + 1, "2"},
		{1500 * time.Millisecond, "2"},
		{time.Hour, "3600"},
		{1<<63 - 1, "9223372037"},
	}
	for _, tt := range tests {
		for _, err := range []error{problem.TooMany(tt.wait, nil), problem.Unavailable(tt.wait, nil)} {
			r, _ := request(t, http.MethodGet)
			w := httptest.NewRecorder()
			problem.Write(w, r, err)
			if got := w.Header().Get("Retry-After"); got != tt.want {
				t.Errorf("%v: Retry-After %q, want %q", tt.wait, got, tt.want)
			}
		}
	}
}

func TestHalfBuiltHeadersGo(t *testing.T) {
	t.Parallel()
	gone := []string{
		"Accept-Ranges", "Allow", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Location",
		"Content-Range", "ETag", "Expires", "Last-Modified", "Link", "Location", "Refresh", "Retry-After",
		"Trailer", "Transfer-Encoding", http.TrailerPrefix + "X-Checksum",
	}
	kept := []string{"X-Request-ID", "Vary", "Access-Control-Allow-Origin", "Strict-Transport-Security"}
	r, _ := request(t, http.MethodGet)
	w := httptest.NewRecorder()
	for _, name := range append(gone, kept...) {
		w.Header().Set(name, "x")
	}
	w.Header().Set("Content-Length", "999999")
	w.Header().Set("Content-Type", "text/csv")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	problem.Write(w, r, problem.Forbidden(nil))
	for _, name := range gone {
		if w.Header().Values(name) != nil {
			t.Errorf("%s is still there", name)
		}
	}
	for _, name := range kept {
		if w.Header().Get(name) != "x" {
			t.Errorf("%s is gone", name)
		}
	}
	want := map[string]string{"Content-Length": "55", "Content-Type": "application/problem+json", "Cache-Control": "no-store"}
	for name, value := range want {
		if got := w.Header().Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
}

func TestClientThatLeft(t *testing.T) {
	t.Parallel()
	for _, left := range []bool{true, false} {
		record := new(event.Record)
		ctx, cancel := context.WithCancel(event.NewContext(t.Context(), record))
		if left {
			cancel()
		}
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
		problem.Write(httptest.NewRecorder(), r, fmt.Errorf("query: %w", context.Canceled))
		cancel()
		if record.Canceled != left {
			t.Errorf("client left: %v, recorded as canceled: %v", left, record.Canceled)
		}
	}
	// Refused for another reason while the client left: not the client's doing.
	record := new(event.Record)
	ctx, cancel := context.WithCancel(event.NewContext(t.Context(), record))
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
	problem.Write(httptest.NewRecorder(), r, problem.Forbidden(errCanary))
	if record.Canceled {
		t.Error("a refusal was recorded as canceled")
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  *problem.Error
		want string
	}{
		{problem.Forbidden(nil), "403 Forbidden"},
		{problem.Forbidden(errCanary).By("apikey", "key.scope"), "403 Forbidden (key.scope): " + canary},
		{problem.TooLarge("sql.bytes", "hint", errCanary), "413 Content Too Large (sql.bytes): " + canary},
		{&problem.Error{Status: 418}, "418"},
		{nil, "problem: nil *Error"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if !errors.Is(problem.Internal(errCanary), errCanary) {
		t.Error("the cause is not wrapped")
	}
}

func TestByCopies(t *testing.T) {
	t.Parallel()
	shared := problem.Forbidden(errCanary)
	if by := shared.By("cors", "cors.origin"); by == shared || shared.Protection != "" || !errors.Is(by, errCanary) {
		t.Errorf("shared %+v, copy %+v", shared, by)
	}
}

func TestForbiddenAllocatesNothing(t *testing.T) {
	r, _ := request(t, http.MethodGet)
	refused := problem.Forbidden(errCanary).By("apikey", "key.unknown")
	w := &discard{header: http.Header{}}
	if n := testing.AllocsPerRun(200, func() { problem.Write(w, r, refused) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkWriteForbidden(b *testing.B) {
	r, _ := request(b, http.MethodGet)
	refused := problem.Forbidden(errCanary).By("apikey", "key.unknown")
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		problem.Write(w, r, refused)
	}
}

func BenchmarkWriteRejectedWithDetail(b *testing.B) {
	r, _ := request(b, http.MethodPost)
	r = r.WithContext(problem.WithDetail(r.Context()))
	refused := problem.Rejected("sql.multiple_sources", "Use one table in each SELECT.", errCanary)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		problem.Write(w, r, refused)
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header       { return d.header }
func (*discard) WriteHeader(int)             {}
func (*discard) Write(p []byte) (int, error) { return len(p), nil }

// readAll returns the response's body and closes it.
func readAll(resp *http.Response) (string, error) {
	var buf bytes.Buffer
	_, err := io.Copy(&buf, resp.Body)
	return buf.String(), errors.Join(err, resp.Body.Close())
}

func TestDetailAllowed(t *testing.T) {
	t.Parallel()
	if problem.DetailAllowed(t.Context()) {
		t.Error("allowed where nobody allowed it")
	}
	child, cancel := context.WithCancel(problem.WithDetail(t.Context()))
	defer cancel()
	if !problem.DetailAllowed(child) {
		t.Error("not allowed beneath WithDetail")
	}
}

// RFC 6750, section 3: a resource server includes WWW-Authenticate when it
// refuses for want of a good token.
func TestChallenge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		err       error
		status    int
		body      string
		challenge []string
	}{
		{"unauthorized", problem.Unauthorized(`Bearer error="invalid_token"`, errCanary), 401, body401, []string{`Bearer error="invalid_token"`}},
		{"forbidden", problem.Forbidden(errCanary), 403, body403, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, _ := request(t, http.MethodGet)
			w := httptest.NewRecorder()
			w.Header().Set("WWW-Authenticate", "Basic left by a handler")
			problem.Write(w, r, tt.err)
			if got := w.Header().Values("WWW-Authenticate"); w.Code != tt.status || w.Body.String() != tt.body || !reflect.DeepEqual(got, tt.challenge) {
				t.Errorf("%d %s, WWW-Authenticate %q", w.Code, w.Body, got)
			}
		})
	}
}

// The uniform refusal does not tell routes apart by their limits; a refusal
// for being over one says what it is.
func TestLimitsShowOnlyWhereTheyTellNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err   error
		shown bool
	}{
		{problem.Forbidden(errCanary), false},
		{problem.TooMany(time.Second, errCanary), true},
		{problem.Rejected("sql.comment", "", errCanary), true},
	} {
		r, _ := request(t, http.MethodGet)
		w := httptest.NewRecorder()
		w.Header().Set("RateLimit", `"client";r=1;t=2`)
		w.Header().Set("RateLimit-Policy", `"client";q=30;w=60`)
		problem.Write(w, r, tt.err)
		if shown := w.Header().Get("RateLimit") != "" && w.Header().Get("RateLimit-Policy") != ""; shown != tt.shown {
			t.Errorf("%v: shown %v, want %v", tt.err, shown, tt.shown)
		}
	}
}
