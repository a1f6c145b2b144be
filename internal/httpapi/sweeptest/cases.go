package sweeptest

import (
	"net/http"
	"slices"
	"strings"
)

// badCase is one request and the status that it must get.
type badCase struct {
	name    string
	method  string
	target  string
	header  http.Header
	body    string
	chunked bool // the length of the body is not announced
	status  int
}

// target is a route with the one method that it answers (HEAD aside).
type target struct{ method, path string }

func targets(o Options) []target {
	list := make([]target, len(o.Patterns))
	for i, pattern := range o.Patterns {
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{source}", o.Source, "{table}", o.Table).Replace(path)
		list[i] = target{method, path}
	}
	return list
}

var jsonType = http.Header{"Content-Type": {"application/json"}}

const goodBody = `{"sql":"SELECT 1 AS one"}`

// good is a request that the route answers.
func (g target) good() badCase {
	c := badCase{name: g.method + " " + g.path, method: g.method, target: g.path, status: http.StatusForbidden}
	if g.method == http.MethodPost {
		c.header, c.body = jsonType, goodBody
	}
	return c
}

func goodCases(o Options) []badCase {
	var list []badCase
	for _, g := range targets(o) {
		list = append(list, g.good())
	}
	return list
}

func badCases(o Options) []badCase {
	all := targets(o)
	list := unknownPaths()
	for _, g := range all {
		list = slices.Concat(list, wrongMethods(g, all), wrongPaths(g), wrongQueries(g))
		if g.method == http.MethodPost {
			list = slices.Concat(list, wrongBodies(g), wrongTypes(g), tooLarge(g, o.MaxBody))
		}
		if g.path == "/v1/query" {
			list = slices.Concat(list, wrongFormats(g), wrongSQL(g, o.Table))
		}
	}
	return append(list, wrongNames(o)...)
}

func unknownPaths() []badCase {
	var list []badCase
	for _, path := range []string{
		"/", "/" + Canary, "/v1", "/v1/", "/v1/" + Canary, "/v2/query", "/v1/admin", "/metrics", "/debug/pprof/", "/readyz",
		"/.env", "/favicon.ico", "/robots.txt", "/%00", "/%ff%fe", "/" + strings.Repeat(Canary, 500), "/index.html", "/openapi.yaml",
	} {
		list = append(list, badCase{name: "unknown path " + shorten(path), method: http.MethodGet, target: path, status: http.StatusForbidden})
	}
	return list
}

func wrongMethods(g target, all []target) []badCase {
	var list []badCase
	for _, method := range []string{
		http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect, "PROPFIND", "QUERY", "get", "post", Canary, strings.ToUpper(Canary),
	} {
		answered := slices.ContainsFunc(all, func(other target) bool {
			return other.path == g.path && (other.method == method || method == http.MethodHead && other.method == http.MethodGet)
		})
		if answered {
			continue
		}
		c := g.good()
		c.name, c.method = method+" "+g.path, method
		list = append(list, c)
	}
	return list
}

func wrongPaths(g target) []badCase {
	last := strings.LastIndex(g.path, "/")
	paths := []string{
		g.path + "/", g.path + "//", "/" + g.path, g.path[:last] + "/" + g.path[last:], "/." + g.path, "/" + Canary + "/.." + g.path,
		g.path + "/.", g.path + "/" + Canary, g.path + "/" + Canary + "/..", g.path + "%2F" + Canary, g.path + "%2f", "/%2e" + g.path, "/%2e%2e" + g.path,
		g.path[:last] + "/%2F" + g.path[last+1:], g.path[:last] + "/%5C" + g.path[last+1:], g.path + "%00", g.path + ";" + Canary, g.path + "." + Canary,
		g.path + "%20", g.path + Canary, "/" + strings.ToUpper(g.path[1:]), g.path + "%3F" + Canary,
	}
	if last > 0 {
		paths = append(paths, g.path[:last]+"%2F"+g.path[last+1:], g.path[:last]+"%5C"+g.path[last+1:])
	}
	var list []badCase
	for _, path := range paths {
		c := g.good()
		c.name, c.target = g.method+" with the path "+path, path
		list = append(list, c)
	}
	return list
}

func wrongQueries(g target) []badCase {
	var list []badCase
	for _, query := range []string{
		Canary, Canary + "=1", "key=" + Canary, "a=1&a=" + Canary, "%zz" + Canary, "a;" + Canary, "=", "&", "format=csv", strings.Repeat(Canary, 500),
	} {
		c := g.good()
		c.name, c.target = g.method+" "+g.path+" with the query "+shorten(query), g.path+"?"+query
		list = append(list, c)
	}
	return list
}

// wrongNames are sources and tables that are not there.
func wrongNames(o Options) []badCase {
	var list []badCase
	for _, name := range []string{
		Canary, o.Source + Canary, strings.ToUpper(o.Source), "%20" + o.Source, o.Source + "%00", "%2e%2e", "*", "'%20OR%201=1", "%ff", strings.Repeat(Canary, 1000),
	} {
		for _, rest := range []string{"/tables", "/tables/" + o.Table} {
			list = append(list, badCase{name: "source " + shorten(name) + rest, method: http.MethodGet, target: "/v1/sources/" + name + rest, status: http.StatusForbidden})
		}
	}
	for _, name := range []string{
		Canary, o.Table + Canary, o.Table + "%00", "%2e%2e", "*", "duckdb_tables", "information_schema.tables", o.Table + "%3B", "%22" + o.Table + "%22", strings.Repeat(Canary, 1000),
	} {
		list = append(list, badCase{name: "table " + shorten(name), method: http.MethodGet, target: "/v1/sources/" + o.Source + "/tables/" + name, status: http.StatusForbidden})
	}
	return list
}

func shorten(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
