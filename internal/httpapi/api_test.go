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
	_, err := httpapi.New(httpapi.Config{MaxBody: -1, WriteStall: -time.Second, WriteTimeout: -time.Minute, HoldBack: -2, CSVFormulas: 3})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"Service: required", "MaxBody: -1", "WriteStall: -1s", "WriteTimeout: -1m", "HoldBack: -2", "CSVFormulas: 3"} {
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
		{"public", httpapi.Route{Pattern: "GET /x", Access: httpapi.Public, Limit: httpapi.OtherLimit, Handler: handler}, nil},
		{"query", httpapi.Route{Pattern: "GET /x", Access: httpapi.Query, Limit: httpapi.QueryLimit, Handler: handler}, nil},
		{"admin", httpapi.Route{Pattern: "GET /x", Access: httpapi.Admin, Limit: httpapi.CatalogLimit, Handler: handler}, nil},
		{"no limit", httpapi.Route{Pattern: "GET /x", Access: httpapi.Query, Handler: handler}, []string{"no limit"}},
		{"unknown limit", httpapi.Route{Pattern: "GET /x", Access: httpapi.Query, Limit: 77, Handler: handler}, []string{"no limit"}},
		{"no access rule", httpapi.Route{Pattern: "GET /x", Limit: httpapi.QueryLimit, Handler: handler}, []string{"no access rule"}},
		{"unknown access rule", httpapi.Route{Pattern: "GET /x", Access: 77, Limit: httpapi.QueryLimit, Handler: handler}, []string{"no access rule"}},
		{"nothing", httpapi.Route{}, []string{"without a pattern", "no access rule", "no limit", "no handler"}},
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

// The access rules and limits written out: a route that becomes public, or
// free of the query limit, by mistake fails here.
func TestAccessAndLimits(t *testing.T) {
	t.Parallel()
	type rule struct {
		access string
		limit  httpapi.Limit
	}
	want := map[string]rule{
		"POST /v1/query":                          {"query", httpapi.QueryLimit},
		"POST /v1/check":                          {"query", httpapi.QueryLimit},
		"GET /v1/sources":                         {"query", httpapi.CatalogLimit},
		"GET /v1/sources/{source}/tables":         {"query", httpapi.CatalogLimit},
		"GET /v1/sources/{source}/tables/{table}": {"query", httpapi.CatalogLimit},
		"GET /healthz":                            {"public", httpapi.OtherLimit},
		"GET /openapi.json":                       {"public", httpapi.OtherLimit},
		"GET /v1/admin/whoami":                    {"admin", httpapi.OtherLimit},
	}
	_, api, _ := newHandler(t, options{config: httpapi.Config{Whoami: http.NotFoundHandler()}})
	routes := api.Routes()
	for _, route := range routes {
		if got := (rule{route.Access.String(), route.Limit}); got != want[route.Pattern] {
			t.Errorf("%s: %v, want %v", route.Pattern, got, want[route.Pattern])
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
