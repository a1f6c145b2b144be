package housetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// An edge is one import of a package of this module by another.
type edge struct {
	from, to string // directories from the root
	test     bool   // written in a _test.go file
	at       string // where, for the complaint
}

// place finds the row and the pattern that hold a package; the longest pattern wins.
func place(table []row, dir string) (index int, pattern string) {
	index = -1
	for i, r := range table {
		for _, p := range r.packages {
			base, deep := strings.CutSuffix(p, "/...")
			if dir == base || deep && strings.HasPrefix(dir, base+"/") {
				if len(p) > len(pattern) {
					index, pattern = i, p
				}
			}
		}
	}
	return index, pattern
}

// judgeImports says what is wrong with imports inside the module.
//
// A test may also use the rest of its own tier (a rule of the guard is tested
// with a real dialect) and what is only for other rows; but never a higher tier:
// such a test is about the higher package and belongs there, or in systest.
func judgeImports(table []row, packages []string, edges []edge) []string {
	var complaints []string
	for _, dir := range packages {
		if i, _ := place(table, dir); i < 0 {
			complaints = append(complaints, fmt.Sprintf("%s is in no tier: give it a tier in internal/housetest/tiers_table_test.go", dir))
		}
	}
	for _, e := range edges {
		from, fromPattern := place(table, e.from)
		to, toPattern := place(table, e.to)
		if from < 0 || to < 0 || fromPattern == toPattern {
			continue // already said, or within one family
		}
		low, high := table[to], table[from]
		why := ""
		switch {
		case e.test && low.tier == high.tier:
		case to > from:
			why = fmt.Sprintf("it points up, from tier %s (%s) to tier %s (%s): %s", high.tier, high.name, low.tier, low.name, high.reason)
		case e.test:
		case to == from && !high.sideways:
			why = fmt.Sprintf("they stand side by side in tier %s (%s): %s", high.tier, high.name, high.reason)
		case to < from && high.only != nil && !slices.Contains(high.only, low.name):
			why = fmt.Sprintf("tier %s (%s) may import only %q: %s", high.tier, high.name, high.only, high.reason)
		case to < from && low.usedBy != nil && !slices.Contains(low.usedBy, high.name):
			why = fmt.Sprintf("%s is only for %q: %s", low.name, low.usedBy, low.reason)
		}
		if why != "" {
			complaints = append(complaints, fmt.Sprintf("%s: %s must not import %s: %s", e.at, e.from, e.to, why))
		}
	}
	return complaints
}

// graph lists the packages of the module and the imports between them.
func graph(list []source) (packages []string, edges []edge) {
	for _, s := range list {
		packages = append(packages, s.dir)
		for _, name := range s.imports() {
			to, inside := strings.CutPrefix(name, modulePath+"/")
			if name == modulePath {
				to, inside = ".", true
			}
			if inside && to != s.dir { // a _test package imports the package it tests
				edges = append(edges, edge{from: s.dir, to: to, test: s.test, at: s.path})
			}
		}
	}
	slices.Sort(packages)
	return slices.Compact(packages), edges
}

func TestImportsPointDown(t *testing.T) {
	t.Parallel()
	packages, edges := graph(sources(t))
	report(t, judgeImports(rows, packages, edges))
}

func TestTierRuleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		from, to string
		test     bool
		want     string // part of the complaint; empty if the import is fine
	}{
		// What the design allows.
		{"a protection uses the facts", "ratelimit", "problem", false, ""},
		{"a protection's own parts", "cors", "cors/internal/origins", false, ""},
		{"a protection's part uses the whole", "ratelimit/redis", "ratelimit", false, ""},
		{"the facts use each other", "problem", "event", false, ""},
		{"the guard uses its internals", "sqlguard", "sqlguard/internal/tree", false, ""},
		{"the guard's internals use each other", "sqlguard/internal/dialect", "sqlguard/internal/tree", false, ""},
		{"an adapter uses the guard", "sqlguard/duckdb", "sqlguard", false, ""},
		{"an adapter uses DuckDB", "sqlguard/duckdb", "internal/duckdblib", false, ""},
		{"an engine uses DuckDB", "internal/engine/duckdb", "internal/duckdblib", false, ""},
		{"an engine uses the encoders", "internal/engine/duckdb", "internal/encode", false, ""},
		{"an engine takes what the guard made", "internal/engine", "sqlguard", false, ""},
		{"an engine uses the interface", "internal/engine/postgres", "internal/engine", false, ""},
		{"an engine uses a protection", "internal/engine/duckdb", "tempfile", false, ""},
		{"the query path uses the interface", "internal/query", "internal/engine", false, ""},
		{"a front uses the query path", "internal/httpapi", "internal/query", false, ""},
		{"a front uses a protection", "internal/httpapi", "apikey", false, ""},
		{"the server wires an engine", "internal/server", "internal/engine/duckdb", false, ""},
		{"the server reads the configuration", "internal/server", "internal/config", false, ""},
		{"the configuration uses a protection's types", "internal/config", "ratelimit", false, ""},
		{"the command starts the server", "cmd/sallyport", "internal/server", false, ""},
		{"benchmarks use anything", "bench", "internal/engine/duckdb", false, ""},
		{"benchmarks use DuckDB", "bench", "internal/duckdblib", false, ""},
		{"system tests use the server", "systest", "internal/server", false, ""},
		{"a test uses its neighbour", "ratelimit", "clientip", true, ""},
		{"a test of the guard uses an adapter", "sqlguard", "sqlguard/duckdb", true, ""},
		{"a test of the interface uses an engine", "internal/engine", "internal/engine/duckdb", true, ""},
		{"a test uses another row's private part", "sqlguard", "internal/duckdblib", true, ""},

		// What it does not.
		{"protections side by side", "ratelimit", "clientip", false, "side by side in tier 1"},
		{"a part of a protection in another", "bearer/jwks", "safefetch", false, "side by side in tier 1"},
		{"a fact that knows a protection", "event", "clientip", false, "points up"},
		{"a protection that knows the guard", "apikey", "sqlguard", false, "points up"},
		{"a protection that links DuckDB", "upload", "internal/duckdblib", false, `may import only ["facts" "counting" "shared store"]`},
		{"the library that knows the facts", "internal/duckdblib", "problem", false, "may import only []"},
		{"the guard that links DuckDB", "sqlguard", "internal/duckdblib", false, "may import only"},
		{"the guard that knows an adapter", "sqlguard", "sqlguard/duckdb", false, "points up"},
		{"the guard that knows a protection", "sqlguard", "ratelimit", false, "may import only"},
		{"an adapter that knows a protection", "sqlguard/postgres", "ratelimit", false, "may import only"},
		{"adapters side by side", "sqlguard/postgres", "sqlguard/duckdb", false, "side by side in tier 2"},
		{"the guard's internals that know the guard", "sqlguard/internal/tree", "sqlguard", false, "points up"},
		{"an encoder that knows an engine", "internal/encode", "internal/engine", false, "points up"},
		{"an encoder that knows the guard", "internal/encode", "sqlguard", false, "may import only"},
		{"an encoder that links DuckDB", "internal/encode", "internal/duckdblib", false, "may import only"},
		{"the interface that knows an engine", "internal/engine", "internal/engine/duckdb", false, "points up"},
		{"the interface that links DuckDB", "internal/engine", "internal/duckdblib", false, "duckdb library is only for"},
		{"engines side by side", "internal/engine/duckdb/worker", "internal/engine/postgres", false, "side by side in tier 4"},
		{"the query path that names an engine", "internal/query", "internal/engine/duckdb", false, "engines is only for"},
		{"the query path that links DuckDB", "internal/query", "internal/duckdblib", false, "duckdb library is only for"},
		{"a front that names an engine", "internal/mcpapi", "internal/engine/postgres", false, "engines is only for"},
		{"fronts side by side", "internal/httpapi", "internal/mcpapi", false, "side by side in tier 6"},
		{"a front that reads the configuration", "internal/httpapi", "internal/config", false, "configuration is only for"},
		{"the configuration that knows a front", "internal/config", "internal/httpapi", false, "points up"},
		{"a front that knows the server", "internal/audit", "internal/server", false, "points up"},
		{"the server that knows the command", "internal/server", "cmd/sallyport", false, "points up"},
		{"a package that needs an example", "internal/server", "examples/flights", false, "points up"},
		{"a package that needs these tests", "cmd/sallyport", "internal/housetest", false, "points up"},
		{"a test that needs what is above it", "ratelimit", "internal/server", true, "points up"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := judgeImports(rows, []string{test.from, test.to}, []edge{{from: test.from, to: test.to, test: test.test, at: "x.go"}})
			wantComplaint(t, got, test.want)
		})
	}
}

func TestPackageWithoutTierIsRefused(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{".", "helpers", "internal/util", "internal", "internal/engineering", "internal/engine/mysql", "sqlguard/mysql", "corsair", "cmd/other"} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			wantComplaint(t, judgeImports(rows, []string{dir}, nil), "give it a tier")
		})
	}
}

func TestGraphFindsImports(t *testing.T) {
	t.Parallel()
	packages, edges := graph(fake(t, map[string]string{
		"cors/cors.go":        "package cors\nimport (\n\"net/http\"\nother \"" + modulePath + "/clientip\"\n_ \"" + modulePath + "\"\n)",
		"cors/cors_test.go":   "package cors_test\nimport (\n\"" + modulePath + "/cors\"\n\"" + modulePath + "/chain\"\n)",
		"cors/cors_plan9.go":  "//go:build plan9\n\npackage cors\nimport . \"" + modulePath + "/bearer\"",
		"clientip/ip.go":      "package clientip",
		"clientip/more_ip.go": "package clientip\nimport \"" + modulePath + "er/not/ours\"",
	}))
	if want := []string{"clientip", "cors"}; !slices.Equal(packages, want) {
		t.Errorf("packages %q, want %q", packages, want)
	}
	want := []edge{
		{"cors", "clientip", false, "cors/cors.go"},
		{"cors", ".", false, "cors/cors.go"},
		{"cors", "bearer", false, "cors/cors_plan9.go"},
		{"cors", "chain", true, "cors/cors_test.go"},
	}
	if !slices.Equal(edges, want) {
		t.Errorf("edges %v, want %v", edges, want)
	}
}

func TestTierTableIsSound(t *testing.T) {
	t.Parallel()
	rank := map[string]int{}
	seen := map[string]string{}
	for i, r := range rows {
		if r.name == "" || r.tier == "" || r.reason == "" || len(r.packages) == 0 {
			t.Errorf("row %d (%s) lacks a name, a tier, a reason or packages", i, r.name)
		}
		if _, twice := rank[r.name]; twice {
			t.Errorf("two rows are called %q", r.name)
		}
		rank[r.name] = i
		for _, pattern := range r.packages {
			if other, twice := seen[pattern]; twice {
				t.Errorf("%s is in %q and in %q", pattern, other, r.name)
			}
			seen[pattern] = r.name
		}
	}
	for i, r := range rows {
		for _, name := range r.only {
			if j, known := rank[name]; !known || j >= i {
				t.Errorf("%q may import only %q, which is not above it in the table", r.name, name)
			}
		}
		for _, name := range r.usedBy {
			if j, known := rank[name]; !known || j <= i {
				t.Errorf("%q is used by %q, which is not below it in the table", r.name, name)
			}
		}
	}
}
