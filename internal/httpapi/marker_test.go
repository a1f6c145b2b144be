package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// breakOff is an engine that fails with err when it has written rows, the last
// of which may be a part of one.
func breakOff(rows string, err error) runFunc {
	return func(ctx context.Context, r engine.Request, w io.Writer) (engine.Summary, error) {
		_, wrote := write(rows)(ctx, r, w)
		return engine.Summary{}, errors.Join(wrote, err)
	}
}

// A client that asked for a marker reads in the answer itself that it broke
// off, whatever becomes of the end of the connection; and one that does not
// look sees the cut all the same.
func TestFailureMarker(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat(`{"a":1}`+"\n", 10_000)
	tests := []struct {
		name   string
		rows   string
		err    error
		detail bool
		want   string // after the rows
	}{
		{"a rule", rows, sqlguard.Refuse(sqlguard.RuleTimeout, errDriver), true, `{"$end":{"status":"failed","rule":"sql.timeout"}}` + "\n"},
		{"a rule that is not shown", rows, sqlguard.Refuse(sqlguard.RuleTimeout, errDriver), false, `{"$end":{"status":"failed","rule":""}}` + "\n"},
		{"a mistake of ours", rows, errDriver, true, `{"$end":{"status":"failed","rule":""}}` + "\n"},
		{"in the middle of a row", rows + `{"a":`, errDriver, true, "\n" + `{"$end":{"status":"failed","rule":""}}` + "\n"},
	}
	for _, tt := range tests {
		for _, http2 := range []bool{false, true} {
			for _, encoding := range []string{"", "gzip", "zstd"} {
				t.Run(fmt.Sprintf("%s/http2 %v/%s", tt.name, http2, encoding), func(t *testing.T) {
					t.Parallel()
					handler, _, records := newHandler(t, options{run: breakOff(tt.rows, tt.err), detail: tt.detail})
					srv := serve(t, handler, http2)
					resp, raw, err := askWith(t, srv, `{"sql":"SELECT 1","format":"ndjson","end_marker":true}`, encoding)
					if resp == nil || err == nil {
						t.Fatalf("%v, error %v, want an unexpected end", resp, err)
					}
					if resp.Trailer.Get("Sallyport-Status") != "" || resp.Header.Get("Content-Encoding") != encoding {
						t.Errorf("headers %v, trailers %v", resp.Header, resp.Trailer)
					}
					text, err := decode(t, encoding, strings.NewReader(raw))
					if encoding != "" && !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Errorf("decoded: %v", err)
					}
					if rest, ok := strings.CutPrefix(text, tt.rows); !ok || rest != tt.want {
						t.Errorf("%d bytes, after the rows %.200q", len(text), rest)
					}
					srv.Close()
					if record := records.last(t); !record.Aborted || !errors.Is(record.Err, errDriver) {
						t.Errorf("record %+v", record)
					}
				})
			}
		}
	}
}

func TestNoFailureMarker(t *testing.T) {
	t.Parallel()
	rows := strings.Repeat(`{"a":1}`+"\n", 10_000)
	for name, tt := range map[string]struct{ query, rows string }{
		"not asked for": {`{"sql":"SELECT 1","format":"ndjson"}`, rows},
		"false":         {`{"sql":"SELECT 1","format":"ndjson","end_marker":false}`, rows},
		"csv":           {`{"sql":"SELECT 1","format":"csv"}`, rows},
		"held back":     {`{"sql":"SELECT 1","format":"ndjson","end_marker":true}`, rows[:800]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, _, _ := newHandler(t, options{run: breakOff(tt.rows, errDriver)})
			resp, text, err := askWith(t, serve(t, handler, false), tt.query, "")
			if resp == nil || strings.Contains(text, "$end") {
				t.Fatalf("%v %.100s", err, text)
			}
			if early := len(tt.rows) < 1000; early != (resp.StatusCode == http.StatusInternalServerError) || early != (err == nil) {
				t.Errorf("%s: %v", resp.Status, err)
			}
		})
	}
}

// What the engine is given of the request, and of the operator's choice.
func TestEncodingOptions(t *testing.T) {
	t.Parallel()
	guard, marker := encode.Options{CSVFormulaGuard: true}, encode.Options{EndMarker: true}
	tests := []struct {
		members      string
		keep, escape encode.Options // where the operator has chosen that
	}{
		{`"format":"json"`, encode.Options{}, encode.Options{}},
		{`"format":"tsv"`, encode.Options{}, encode.Options{}},
		{`"format":"arrow"`, encode.Options{}, encode.Options{}},
		{`"format":"csv"`, encode.Options{}, guard},
		{`"format":"csv","csv_formulas":"keep"`, encode.Options{}, encode.Options{}},
		{`"csv_formulas":"escape","format":"csv"`, guard, guard},
		{`"format":"ndjson"`, encode.Options{}, encode.Options{}},
		{`"format":"ndjson","end_marker":true`, marker, marker},
		{`"end_marker":false,"format":"ndjson"`, encode.Options{}, encode.Options{}},
	}
	for _, tt := range tests {
		for choice, want := range map[httpapi.CSVFormulas]encode.Options{0: tt.keep, httpapi.KeepFormulas: tt.keep, httpapi.EscapeFormulas: tt.escape} {
			var got *encode.Options
			handler, _, _ := newHandler(t, options{config: httpapi.Config{CSVFormulas: choice}, run: func(_ context.Context, r engine.Request, _ io.Writer) (engine.Summary, error) {
				got = &r.Encoding
				return engine.Summary{}, nil
			}})
			handler.ServeHTTP(&discard{header: http.Header{}}, post(t, "/v1/query", `{"sql":"SELECT 1",`+tt.members+`}`))
			if got == nil || *got != want {
				t.Errorf("%s, operator %v: %+v, want %+v", tt.members, choice, got, want)
			}
		}
	}
}

func TestParseCSVFormulas(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]httpapi.CSVFormulas{"keep": httpapi.KeepFormulas, "escape": httpapi.EscapeFormulas} {
		if got, err := httpapi.ParseCSVFormulas(name); got != want || err != nil || got.String() != name {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
	for _, name := range []string{"", "Keep", "invalid", "escape "} {
		if got, err := httpapi.ParseCSVFormulas(name); err == nil || got != 0 {
			t.Errorf("%q: %v", name, got)
		}
	}
}
