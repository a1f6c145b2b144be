package sweeptest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Canary is in every bad request, and must be in no answer.
const Canary = "k4n4ry"

// Options say what is swept.
type Options struct {
	// Patterns are the routes, as problem.Mux knows them. Required.
	Patterns []string
	// Source and Table exist; the path of each route is made with them.
	// Required.
	Source, Table string
	// MaxBody is the limit of a body, in bytes. Required.
	MaxBody int64
	// Prepare makes a request one that may pass, for instance by adding a key;
	// nil changes nothing.
	Prepare func(*http.Request) *http.Request
	// Detail says that 400 and 413 are to name the rule. Otherwise they must not.
	Detail bool
	// Varying are response headers that differ with each request, such as
	// X-Request-ID. They are not compared, but still looked through.
	Varying []string
}

// Sweep sends every bad request to handler.
func Sweep(t *testing.T, handler http.Handler, o Options) {
	t.Helper()
	if len(o.Patterns) == 0 || o.Source == "" || o.Table == "" || o.MaxBody <= 0 {
		t.Fatal("sweeptest: Patterns, Source, Table and MaxBody are required")
	}
	s := &sweeper{handler: handler, options: o, headers: map[answerKind]http.Header{}}
	for _, c := range goodCases(o) {
		if got := s.send(t, c); got.Code != http.StatusOK {
			t.Errorf("%s: %d %s, want an answer", c.name, got.Code, got.Body)
		}
	}
	if t.Failed() {
		return
	}
	cases := badCases(o)
	for _, c := range cases {
		s.judge(t, c)
	}
	t.Logf("%d bad requests", len(cases))
}

type sweeper struct {
	handler http.Handler
	options Options
	headers map[answerKind]http.Header // of the first answer of each kind
}

// answerKind is what answers are alike within. Those to OPTIONS say what they
// vary by (CORS), on every path.
type answerKind struct {
	status  int
	options bool
}

func (s *sweeper) send(t *testing.T, c badCase) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), c.method, c.target, io.NopCloser(strings.NewReader(c.body)))
	r.ContentLength = int64(len(c.body))
	if c.chunked {
		r.ContentLength = -1
	}
	if c.body == "" && !c.chunked {
		r.Body = http.NoBody
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	if s.options.Prepare != nil {
		r = s.options.Prepare(r)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// Written out, not taken from package problem: these bytes are the contract.
const (
	body400 = `{"type":"about:blank","title":"Bad Request","status":400,"detail":"The query was rejected or failed."}`
	body403 = `{"type":"about:blank","title":"Forbidden","status":403}`
	body413 = `{"type":"about:blank","title":"Content Too Large","status":413}`
)

func (s *sweeper) judge(t *testing.T, c badCase) {
	t.Helper()
	got := s.send(t, c)
	body := got.Body.String()
	if got.Code != c.status {
		t.Errorf("%s: status %d %s, want %d", c.name, got.Code, body, c.status)
		return
	}
	if c.method == http.MethodHead {
		if body != "" {
			t.Errorf("%s: a body in answer to HEAD: %s", c.name, body)
		}
	} else if why := s.judgeBody(c.status, body); why != "" {
		t.Errorf("%s: %s: %s", c.name, why, body)
	}
	s.judgeHeaders(t, c, got.Header())
	var all bytes.Buffer
	_ = got.Header().Write(&all) // a buffer takes everything
	all.WriteString(body)
	if strings.Contains(strings.ToLower(all.String()), Canary) {
		t.Errorf("%s: the request comes back:\n%s", c.name, all.String())
	}
}

func (s *sweeper) judgeBody(status int, body string) string {
	plain := map[int]string{http.StatusBadRequest: body400, http.StatusForbidden: body403, http.StatusRequestEntityTooLarge: body413}[status]
	if !s.options.Detail || status == http.StatusForbidden {
		if body != plain {
			return "not the uniform body"
		}
		return ""
	}
	// With detail there are two members more, and both are known sentences.
	var p struct {
		Type, Title, Rule, Detail string
		Status                    int
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		return "not a problem document: " + err.Error()
	}
	switch {
	case p.Rule == "request.too_large" && p.Detail == "Send a smaller request body.":
	case slices.Contains(sqlguard.Rules(), sqlguard.Rule(p.Rule)) && p.Detail == sqlguard.Rule(p.Rule).Hint():
	default:
		return "the detail is no fixed sentence"
	}
	return ""
}

// judgeHeaders compares with the first answer of the same kind: whichever
// that was, all must be alike.
func (s *sweeper) judgeHeaders(t *testing.T, c badCase, h http.Header) {
	t.Helper()
	h = h.Clone()
	for _, name := range s.options.Varying {
		h.Del(name)
	}
	if s.options.Detail && c.status != http.StatusForbidden {
		h.Del("Content-Length") // the sentences differ
	}
	kind := answerKind{c.status, c.method == http.MethodOptions}
	first, ok := s.headers[kind]
	if !ok {
		s.headers[kind] = h
		if h.Get("Content-Type") != "application/problem+json" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", c.name, h)
		}
		return
	}
	if !reflect.DeepEqual(h, first) {
		t.Errorf("%s: headers\ngot  %v\nwant %v", c.name, h, first)
	}
}
