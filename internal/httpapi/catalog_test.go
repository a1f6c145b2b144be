package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"
)

func TestShortAnswers(t *testing.T) {
	t.Parallel()
	airports := `{"name":"airports","kind":"table","comment":"Where <planes> land & start.","row_estimate":3376,"columns":[` +
		`{"name":"iata","type":"VARCHAR","nullable":false,"comment":"The airport's code."},{"name":"latitude","type":"DOUBLE","nullable":true}]}`
	tests := []struct{ path, pattern, want string }{
		{"/healthz", "GET /healthz", `{"status":"ok"}`},
		{
			"/v1/sources", "GET /v1/sources", `{"sources":[{"name":"flights","notes":"Delays are in minutes.","limits":{"rows":1000,"bytes":1048576,"deadline_ms":15000}},` +
				`{"name":"shop","limits":{"rows":1000,"bytes":1048576,"deadline_ms":15000}}]}`,
		},
		// Neither the table nor the column that the policy does not allow is shown.
		{
			"/v1/sources/shop/tables", "GET /v1/sources/{source}/tables",
			`{"tables":[{"name":"airports","kind":"table","comment":"Where <planes> land & start.","row_estimate":3376,"columns":2},{"name":"flights","kind":"view","columns":1}]}`,
		},
		{"/v1/sources/flights/tables/airports", "GET /v1/sources/{source}/tables/{table}", airports},
		{"/v1/sources/flights/tables/AirPorts", "GET /v1/sources/{source}/tables/{table}", airports},
		{
			"/v1/sources/flights/tables/flights", "GET /v1/sources/{source}/tables/{table}",
			`{"name":"flights","kind":"view","columns":[{"name":"origin","type":"VARCHAR","nullable":true}]}`,
		},
	}
	handler, _, _ := newHandler(t, options{sources: []string{"flights", "shop"}})
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, get(t, tt.path))
			if w.Code != http.StatusOK || w.Body.String() != tt.want {
				t.Errorf("got  %d %s\nwant %s", w.Code, w.Body, tt.want)
			}
			want := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Content-Length": {fmt.Sprint(len(tt.want))}, "Vary": {"Accept-Encoding"}}
			if !reflect.DeepEqual(w.Header(), want) {
				t.Errorf("headers\ngot  %v\nwant %v", w.Header(), want)
			}
			conforms(t, tt.pattern, w)
		})
	}
}

func TestHiddenTablesAreUnknownTables(t *testing.T) {
	t.Parallel()
	handler, _, records := newHandler(t, options{})
	for path, rule := range map[string]string{
		"/v1/sources/flights/tables/salaries": "request.table",
		"/v1/sources/flights/tables/nothing":  "request.table",
		"/v1/sources/nothing/tables/airports": "request.source",
		"/v1/sources/nothing/tables":          "request.source",
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, get(t, path))
		if record := records.last(t); w.Code != http.StatusForbidden || w.Body.String() != body403 || record.Rule != rule {
			t.Errorf("%s: %d %s, rule %q", path, w.Code, w.Body, record.Rule)
		}
	}
}

func TestOpenAPIIsServed(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{})
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, get(t, "/openapi.json"))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	conforms(t, "GET /openapi.json", w)
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		detail     bool
		status     int
		want       string
	}{
		{"allowed", `{"sql":"select iata from airports where latitude < 3"}`, false, 200, `{"allowed":true,"sql":"SELECT iata FROM airports WHERE (latitude < 3) LIMIT 1000"}`},
		{"refused, without detail", `{"sql":"DROP TABLE airports"}`, false, 200, `{"allowed":false}`},
		{
			"refused, with detail", `{"sql":"SELECT 1; SELECT 2","source":"flights"}`, true, 200,
			`{"allowed":false,"rule":"sql.multiple_statements","hint":"Send exactly one statement."}`,
		},
		{"unknown source", `{"sql":"SELECT 1","source":"nothing"}`, true, 403, body403},
		{"members of queries only", `{"sql":"SELECT 1","format":"csv"}`, true, 403, body403},
		{"parameters", `{"sql":"SELECT 1","params":[]}`, true, 403, body403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			handler, _, _ := newHandler(t, options{detail: tt.detail, run: fail(0, errDriver)}) // nothing may run
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, post(t, "/v1/check", tt.body))
			if w.Code != tt.status || w.Body.String() != tt.want {
				t.Errorf("got  %d %s\nwant %d %s", w.Code, w.Body, tt.status, tt.want)
			}
			conforms(t, "POST /v1/check", w)
		})
	}
}
