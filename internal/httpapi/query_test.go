package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
)

const wholeJSON = `{"columns":[{"name":"origin","type":"VARCHAR"},{"name":"flights","type":"BIGINT"}],` +
	`"rows":[["ORD",1],["ORD",2]],"row_count":2,"truncated":false,"elapsed_ms":1.5}`

// The whole response: status, headers and bytes.
func TestQueryAnswers(t *testing.T) {
	t.Parallel()
	short := func(contentType, body string) http.Header { // all of it was there before it was sent
		return http.Header{
			"Content-Type": {contentType}, "Cache-Control": {"no-store"}, "Content-Length": {strconv.Itoa(len(body))}, "Vary": {"Accept-Encoding"},
			"Sallyport-Status": {"complete"}, "Sallyport-Truncated": {"false"}, "Sallyport-Rows": {"2"},
		}
	}
	asJSON := http.Header{
		"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Content-Length": {strconv.Itoa(len(wholeJSON))}, "Vary": {"Accept-Encoding"},
	}
	csv, tsv := "origin,flights\r\nORD,1\r\nORD,2\r\n", "origin\tflights\nORD\t1\nORD\t2\n"
	ndjson := `{"origin":"ORD","flights":1}` + "\n" + `{"origin":"ORD","flights":2}` + "\n"
	asCSV := short("text/csv; charset=utf-8; header=present", csv)
	tests := []struct {
		name    string
		body    string
		mutate  func(*http.Request)
		headers http.Header
		want    string
	}{
		{"json by default", `{"sql":"SELECT 1"}`, nil, asJSON, wholeJSON},
		{"json", `{"format":"json","sql":"SELECT 1"}`, nil, asJSON, wholeJSON},
		{"a source that is named", `{"sql":"SELECT 1","source":"flights"}`, nil, asJSON, wholeJSON},
		{"escapes", `{"\u0073ql":"\u0053ELECT '\ud83d\ude00'"}`, nil, asJSON, wholeJSON},
		{"white space", " {\n\"sql\" : \"SELECT 1\"\t}\r\n", nil, asJSON, wholeJSON},
		{"brackets in strings", `{"sql":"SELECT '[[[[{{{{\"[[[['"}`, nil, asJSON, wholeJSON},
		{"a charset", `{"sql":"SELECT 1"}`, func(r *http.Request) {
			r.Header.Set("Content-Type", "Application/JSON; Charset=\"UTF-8\"")
		}, asJSON, wholeJSON},
		{"Accept is not looked at", `{"sql":"SELECT 1"}`, func(r *http.Request) { r.Header.Set("Accept", "text/csv") }, asJSON, wholeJSON},
		{"ndjson", `{"sql":"SELECT 1","format":"ndjson"}`, nil, short("application/x-ndjson", ndjson), ndjson},
		{"csv", `{"sql":"SELECT 1","format":"csv"}`, nil, asCSV, csv},
		{"csv as it is", `{"csv_formulas":"keep","sql":"SELECT 1","format":"csv"}`, nil, asCSV, csv},
		{"tsv", `{"sql":"SELECT 1","format":"tsv"}`, nil, short("text/tab-separated-values; charset=utf-8", tsv), tsv},
		{"csv over HTTP/1.0", `{"sql":"SELECT 1","format":"csv"}`, func(r *http.Request) { r.ProtoMajor, r.ProtoMinor = 1, 0 }, asCSV, csv},
		{"too short to be compressed", `{"sql":"SELECT 1","format":"csv"}`, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip, zstd") }, asCSV, csv},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			handler, _, records := newHandler(t, options{})
			r := post(t, "/v1/query", tt.body)
			if tt.mutate != nil {
				tt.mutate(r)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK || w.Body.String() != tt.want {
				t.Errorf("got  %d %s\nwant %s", w.Code, w.Body, tt.want)
			}
			if !reflect.DeepEqual(w.Header(), tt.headers) {
				t.Errorf("headers\ngot  %v\nwant %v", w.Header(), tt.headers)
			}
			conforms(t, "POST /v1/query", w)
			record := records.last(t)
			if record.Route != "POST /v1/query" || record.Query.Source != "flights" || record.Query.Rows != 2 || record.Err != nil {
				t.Errorf("record %+v", record)
			}
		})
	}
}

func TestSourceMustBeNamedIfThereAreSeveral(t *testing.T) {
	t.Parallel()
	handler, _, records := newHandler(t, options{sources: []string{"flights", "shop"}})
	for body, want := range map[string]int{
		`{"sql":"SELECT 1"}`:                    http.StatusForbidden,
		`{"sql":"SELECT 1","source":"shop"}`:    http.StatusOK,
		`{"sql":"SELECT 1","source":"Shop"}`:    http.StatusForbidden,
		`{"sql":"SELECT 1","source":"flights"}`: http.StatusOK,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, post(t, "/v1/query", body))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", body, w.Code, want)
		}
		if record := records.last(t); want == http.StatusForbidden && (record.Protection != "httpapi" || record.Rule != "request.source") {
			t.Errorf("%s: refused by %q with %q", body, record.Protection, record.Rule)
		}
	}
}

func TestParamsReachTheEngine(t *testing.T) {
	t.Parallel()
	tests := []struct {
		json string
		want any
	}{
		{`null`, nil},
		{`true`, true},
		{`false`, false},
		{`"x"`, "x"},
		{`""`, ""},
		{`"\u0000\ud83d\ude00"`, "\x00😀"},
		{`"2"`, "2"},
		{`0`, int64(0)},
		{`-0`, int64(0)},
		{`9007199254740993`, int64(9007199254740993)},
		{`9223372036854775807`, int64(9223372036854775807)},
		{`-9223372036854775808`, int64(-9223372036854775808)},
		{`9223372036854775808`, 9223372036854775808.0},
		{`18446744073709551616`, 18446744073709551616.0},
		{`1.0`, 1.0},
		{`-1.50`, -1.5},
		{`0.1`, 0.1},
		{`0.30000000000000004`, 0.30000000000000004},
		{`1e3`, 1000.0},
		{`1E-7`, 1e-7},
		{`0e99999`, 0.0},
		{`5e-324`, 5e-324},
		{`1.7976931348623157e308`, 1.7976931348623157e308},
		{`0.1000000000000000055511151231257827021181583404541015625`, 0.1},
	}
	for _, tt := range tests {
		t.Run(tt.json, func(t *testing.T) {
			t.Parallel()
			var got []any
			handler, _, _ := newHandler(t, options{run: func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
				got = r.Params
				return respond(1)(ctx, r, w)
			}})
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT $1","params":[`+tt.json+`]}`))
			if w.Code != http.StatusOK || !reflect.DeepEqual(got, []any{tt.want}) {
				t.Errorf("%d %#v, want %#v", w.Code, got, tt.want)
			}
		})
	}
}

func TestNumbersThatWouldChange(t *testing.T) {
	t.Parallel()
	handler, _, records := newHandler(t, options{})
	for _, number := range []string{
		`9223372036854775809`, `18446744073709551617`, `-9223372036854775809`, `100000000000000000000001`, `1e309`, `-1e309`,
		`1e-400`, `0.12345678901234567890`, `9007199254740993.0`, `123456789012345678e1`, `0.10000000000000000001`,
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT $1","params":[`+number+`]}`))
		if record := records.last(t); w.Code != http.StatusForbidden || record.Rule != "request.body" || record.Protection != "httpapi" {
			t.Errorf("%s: %d, rule %q by %q", number, w.Code, record.Rule, record.Protection)
		}
	}
}

func TestAHundredParams(t *testing.T) {
	t.Parallel()
	params := make([]any, 100)
	list, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	handler, _, records := newHandler(t, options{})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT 1","params":`+string(list)+`}`))
	// Well-formed, though not what the statement has.
	if record := records.last(t); w.Code != http.StatusBadRequest || record.Rule != "sql.failed" {
		t.Errorf("%d, rule %q", w.Code, record.Rule)
	}
}

// What the engine is given is what the request asked for.
func TestEngineRequest(t *testing.T) {
	t.Parallel()
	var got engine.Request
	handler, _, _ := newHandler(t, options{run: func(_ context.Context, r engine.Request, _ io.Writer) (engine.Summary, error) {
		got = r
		return engine.Summary{}, errors.New("enough")
	}})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, post(t, "/v1/query", `{"sql":"SELECT iata FROM airports","format":"tsv"}`))
	if got.Format != encode.TSV || got.Limits != limits || !got.Query.Valid() || got.Params != nil {
		t.Errorf("request %+v", got)
	}
}
