package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/httpapi"
)

func TestNewReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := httpapi.New(httpapi.Config{MaxBody: -1, WriteStall: -time.Second})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"Service: required", "MaxBody: -1", "WriteStall: -1s"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if _, err := httpapi.New(httpapi.Config{Service: newService(t, options{}), MaxBody: httpapi.MaxMaxBody + 1}); err == nil {
		t.Error("a body without bounds is allowed")
	}
}

func TestRouteValidate(t *testing.T) {
	t.Parallel()
	handler := http.NotFoundHandler()
	tests := []struct {
		name  string
		route httpapi.Route
		want  []string
	}{
		{"public", httpapi.Route{Pattern: "GET /x", Access: httpapi.Public, Handler: handler}, nil},
		{"query", httpapi.Route{Pattern: "GET /x", Access: httpapi.Query, Handler: handler}, nil},
		{"no access rule", httpapi.Route{Pattern: "GET /x", Handler: handler}, []string{"no access rule"}},
		{"unknown access rule", httpapi.Route{Pattern: "GET /x", Access: 77, Handler: handler}, []string{"no access rule"}},
		{"nothing", httpapi.Route{}, []string{"without a pattern", "no access rule", "no handler"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.route.Validate()
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("error %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

// The access rules written out: a route that becomes public by mistake fails here.
func TestAccess(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"POST /v1/query":                          "query",
		"POST /v1/check":                          "query",
		"GET /v1/sources":                         "query",
		"GET /v1/sources/{source}/tables":         "query",
		"GET /v1/sources/{source}/tables/{table}": "query",
		"GET /healthz":                            "public",
		"GET /openapi.json":                       "public",
	}
	_, api, _ := newHandler(t, options{})
	routes := api.Routes()
	for _, route := range routes {
		if got := route.Access.String(); got != want[route.Pattern] {
			t.Errorf("%s: %s, want %s", route.Pattern, got, want[route.Pattern])
		}
	}
	if len(routes) != len(want) {
		t.Errorf("%d routes, want %d", len(routes), len(want))
	}
	routes[0].Access = httpapi.Public
	if api.Routes()[0].Access != httpapi.Query {
		t.Error("the list of routes is shared with the caller")
	}
}
