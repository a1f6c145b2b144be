package httpapi_test

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/sallyport-dev/sallyport/internal/httpapi"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// document is the served OpenAPI document, validated against its specification.
func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := loadDocument()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

var loadDocument = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.json")
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(openapi3.NewLoader().Context, openapi3.EnableExamplesValidation())
})

// operations maps patterns of routes to what the document says of them.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	found := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			found[method+" "+path] = operation
		}
	}
	return found
}

// conforms holds a response against the document. It checks what is there,
// and that what the document calls required is there.
func conforms(t *testing.T, pattern string, w *httptest.ResponseRecorder) {
	t.Helper()
	operation := operations(document(t))[pattern]
	if operation == nil {
		t.Errorf("%s is not in the document", pattern)
		return
	}
	response := operation.Responses.Status(w.Code)
	if response == nil {
		t.Errorf("%s: the document has no response %d", pattern, w.Code)
		return
	}
	for name, header := range response.Value.Headers {
		value := w.Header().Get(name)
		if value == "" && header.Value.Required {
			t.Errorf("%s: %d without %s", pattern, w.Code, name)
		}
		if value != "" {
			visit(t, pattern+": "+name, header.Value.Schema, value)
		}
	}
	kind, _, err := mime.ParseMediaType(w.Header().Get("Content-Type"))
	if err != nil {
		t.Error(err)
		return
	}
	media := response.Value.Content[kind]
	if media == nil {
		t.Errorf("%s: the document has no %d of type %s", pattern, w.Code, kind)
		return
	}
	var body any = w.Body.String()
	if strings.HasSuffix(kind, "json") && kind != "application/x-ndjson" {
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Errorf("%s: %v", pattern, err)
			return
		}
	}
	visit(t, pattern, media.Schema, body)
}

func visit(t *testing.T, what string, schema *openapi3.SchemaRef, value any) {
	t.Helper()
	if err := schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// conforms must be able to fail.
func TestSchemasRefuse(t *testing.T) {
	t.Parallel()
	schemas := document(t).Components.Schemas
	tests := []struct{ schema, value string }{
		{"Health", `{"status":"OK"}`},
		{"Health", `{"status":"ok","version":"1"}`},
		{"Forbidden", `{"type":"about:blank","title":"Forbidden","status":403,"rule":"key.expired"}`},
		{"Rejected", `{"type":"about:blank","title":"Bad Request","status":400,"rule":"sql.unheard_of","detail":"x"}`},
		{"Verdict", `{"allowed":true}`},
		{"Verdict", `{"allowed":false,"sql":"SELECT 1"}`},
		{"Verdict", `{"allowed":false,"rule":"sql.syntax"}`},
		{"Result", `{"columns":[],"rows":[]}`},
		{"Tables", `{"tables":null}`},
		{"Table", `{"name":"a","kind":"index","columns":[]}`},
		{"Query", `{"sql":"SELECT 1","params":[[1]]}`},
		{"Query", `{"source":"a"}`},
	}
	for _, tt := range tests {
		var value any
		if err := json.Unmarshal([]byte(tt.value), &value); err != nil {
			t.Fatal(err)
		}
		if err := schemas[tt.schema].Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err == nil {
			t.Errorf("%s takes %s", tt.schema, tt.value)
		}
	}
}

func TestDocumentHasEveryRoute(t *testing.T) {
	t.Parallel()
	doc := document(t)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	documented := operations(doc)
	_, api, _ := newHandler(t, options{config: httpapi.Config{Whoami: http.NotFoundHandler()}})
	for _, route := range api.Routes() {
		operation := documented[route.Pattern]
		if operation == nil {
			t.Errorf("%s is not in the document", route.Pattern)
			continue
		}
		// "security": [] means open; none means the document's own, the key.
		open := operation.Security != nil && len(*operation.Security) == 0
		if open != (route.Access.String() == "public") {
			t.Errorf("%s: access %v, in the document open: %v", route.Pattern, route.Access, open)
		}
		delete(documented, route.Pattern)
	}
	for pattern := range documented {
		t.Errorf("%s is in the document, but is no route", pattern)
	}
	scheme := doc.Components.SecuritySchemes["apiKey"].Value
	if scheme.Type != "apiKey" || scheme.In != "header" || scheme.Name != "X-API-Key" {
		t.Errorf("security scheme %+v", scheme)
	}
	if token := doc.Components.SecuritySchemes["bearer"].Value; token.Type != "http" || token.Scheme != "bearer" {
		t.Errorf("security scheme %+v", token)
	}
	// Two entries are alternatives.
	_, key := doc.Security[0]["apiKey"]
	_, token := doc.Security[1]["bearer"]
	if !key || !token || len(doc.Security) != 2 {
		t.Errorf("security %v", doc.Security)
	}
}

func TestDocumentHasEveryRule(t *testing.T) {
	t.Parallel()
	var want []any
	for _, rule := range sqlguard.Rules() {
		want = append(want, string(rule))
	}
	if got := document(t).Components.Schemas["Rule"].Value.Enum; !slices.Equal(got, want) {
		t.Errorf("rules\ngot  %v\nwant %v", got, want)
	}
}

// Whoever copies an example must get an answer.
func TestExamplesOfRequestsAreAnswered(t *testing.T) {
	t.Parallel()
	handler, _, _ := newHandler(t, options{detail: true})
	for _, path := range []string{"/v1/query", "/v1/check"} {
		operation := operations(document(t))["POST "+path]
		for name, example := range operation.RequestBody.Value.Content["application/json"].Examples {
			body, err := json.Marshal(example.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, post(t, path, string(body)))
			if w.Code != http.StatusOK {
				t.Errorf("%s, example %q: %d %s", path, name, w.Code, w.Body)
			}
			conforms(t, "POST "+path, w)
		}
	}
}
