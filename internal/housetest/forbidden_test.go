package housetest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// judgeUses says what a list of files uses that is forbidden to them.
func judgeUses(table []ban, list []source) []string {
	var complaints []string
	for _, s := range list {
		complaints = append(complaints, dotImports(s)...)
		for _, b := range table {
			if b.tests && s.test || b.allows(s.dir) {
				continue
			}
			for _, use := range b.uses(s) {
				complaints = append(complaints, use+": "+b.reason)
			}
		}
	}
	return complaints
}

func (b ban) allows(dir string) bool {
	for _, pattern := range b.allowed {
		base, deep := strings.CutSuffix(pattern, "/...")
		if dir == base || deep && strings.HasPrefix(dir, base+"/") {
			return true
		}
	}
	return false
}

// uses lists where a file breaks the ban.
func (b ban) uses(s source) []string {
	if b.name != "" {
		return namesIn(s, b.name)
	}
	var found []string
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil || !b.covers(name) {
			continue
		}
		if b.calls == nil {
			found = append(found, fmt.Sprintf("%s imports %s", s.at(spec), name))
			continue
		}
		local := path.Base(name)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		found = append(found, selectorsIn(s, local, b.calls)...)
	}
	return found
}

func (b ban) covers(name string) bool {
	if strings.HasSuffix(b.imports, "/") {
		return strings.HasPrefix(name, b.imports)
	}
	return name == b.imports
}

// dotImports lists imports that hide where a name comes from, from readers and
// from the bans.
func dotImports(s source) []string {
	var found []string
	for _, spec := range s.file.Imports {
		if spec.Name != nil && spec.Name.Name == "." {
			found = append(found, fmt.Sprintf("%s imports all names of %s: name the package at each use", s.at(spec), spec.Path.Value))
		}
	}
	return found
}

// namesIn finds an identifier wherever it stands: a field, a variable, a method.
func namesIn(s source, name string) []string {
	var found []string
	ast.Inspect(s.file, func(node ast.Node) bool {
		if id, ok := node.(*ast.Ident); ok && id.Name == name {
			found = append(found, fmt.Sprintf("%s names %s", s.at(id), name))
		}
		return true
	})
	return found
}

// selectorsIn finds pkg.name for the names given.
//
// It goes by spelling: a variable that has the package's name and such a field
// would be reported too, and is better renamed.
func selectorsIn(s source, pkg string, names []string) []string {
	var found []string
	ast.Inspect(s.file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := selector.X.(*ast.Ident); ok && id.Name == pkg && slices.Contains(names, selector.Sel.Name) {
			found = append(found, fmt.Sprintf("%s uses %s.%s", s.at(selector), pkg, selector.Sel.Name))
		}
		return true
	})
	return found
}

func TestNothingForbiddenIsUsed(t *testing.T) {
	t.Parallel()
	report(t, judgeUses(bans, sources(t)))
}

func TestForbiddenUseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		path string
		text string
		want string // part of the complaint; empty if the file is fine
	}{
		{"cgo in the library", "internal/duckdblib/conn.go", `import "C"`, ""},
		{"cgo in a protection", "cors/cors.go", `import "C"`, "imports C"},
		{"cgo in an adapter", "sqlguard/duckdb/parse.go", `import "C"`, "imports C"},
		{"unsafe in the engine", "internal/engine/duckdb/chunk.go", `import "unsafe"`, ""},
		{"unsafe in the encoder", "internal/encode/json.go", `import "unsafe"`, "imports unsafe"},
		{"unsafe in a test", "internal/encode/json_test.go", `import "unsafe"`, "imports unsafe"},
		{"DuckDB in the library", "internal/duckdblib/conn.go", `import native "github.com/duckdb/duckdb-go-bindings"`, ""},
		{"DuckDB in an example", "examples/flights/cut/main.go", `import _ "github.com/duckdb/duckdb-go/v2"`, ""},
		{"DuckDB in the guard", "sqlguard/duckdb/parse.go", `import native "github.com/duckdb/duckdb-go-bindings"`, "imports github.com/duckdb/"},
		{"Postgres's parser in its adapter", "sqlguard/postgres/parse.go", `import pg "github.com/pganalyze/pg_query_go/v6"`, ""},
		{"Postgres's parser in the guard", "sqlguard/check.go", `import pg "github.com/pganalyze/pg_query_go/v6"`, "imports github.com/pganalyze/"},
		{"old random numbers", "apikey/key.go", `import "math/rand"`, "imports math/rand"},
		{"old random numbers in a test", "apikey/key_test.go", `import "math/rand"`, "imports math/rand"},
		{"new random numbers", "apikey/key.go", `import "math/rand/v2"`, ""},
		{"profiles in the server", "internal/server/operator.go", `import "net/http/pprof"`, ""},
		{"profiles in the command", "cmd/sallyport/main.go", `import _ "net/http/pprof"`, "net/http/pprof"},
		{"a program started by the engine", "internal/engine/duckdb/spawn.go", `import "os/exec"`, ""},
		{"a program started by a protection", "upload/scan.go", `import "os/exec"`, "imports os/exec"},
		{"a program started by a test", "upload/scan_test.go", `import "os/exec"`, ""},
		{"flags in the command", "cmd/sallyport/main.go", `import "flag"`, ""},
		{"flags in a package", "internal/config/flags.go", `import "flag"`, "imports flag"},
		{"a package named like a banned one", "internal/config/flags.go", `import "example.org/flag"`, ""},
		{"environment in the command", "cmd/sallyport/main.go", `import "os"; var _ = os.Getenv("X")`, ""},
		{"environment in a package", "internal/config/env.go", `import "os"; var _ = os.Getenv("X")`, "env.go:3 uses os.Getenv"},
		{"environment in a test", "internal/config/env_test.go", `import "os"; var _ = os.Getenv("X")`, ""},
		{"environment as a function value", "internal/config/env.go", `import "os"; var lookup = os.LookupEnv`, "uses os.LookupEnv"},
		{"environment under another name", "internal/config/env.go", `import system "os"; var _ = system.Environ()`, "uses system.Environ"},
		{"environment without a name", "internal/config/env.go", `import . "os"; var _ = Getenv("X")`, `imports all names of "os"`},
		{"arguments in a package", "internal/engine/duckdb/worker.go", `import "os"; var _ = os.Args[1]`, "uses os.Args"},
		{"files in a package", "internal/config/env.go", `import "os"; var _, _ = os.ReadFile("x")`, ""},
		{"exit in a package", "internal/server/run.go", `import "os"; func f() { os.Exit(1) }`, "uses os.Exit"},
		{"the default client", "monitor/ship.go", `import "net/http"; var c = http.DefaultClient`, "uses http.DefaultClient"},
		{"a fetch with it in a test", "monitor/ship_test.go", `import "net/http"; var f = http.Get`, "uses http.Get"},
		{"a header's Get", "monitor/ship.go", `import "net/http"; func f(h http.Header) string { return h.Get("x") }`, ""},
		{"a server without timeouts", "cmd/sallyport/main.go", `import "net/http"; var f = http.ListenAndServe`, "no timeouts"},
		{"the default mux", "internal/server/mux.go", `import "net/http"; func f() { http.HandleFunc("/", nil) }`, "uses http.HandleFunc"},
		{"no verification", "safefetch/tls.go", `import "crypto/tls"; var c = tls.Config{InsecureSkipVerify: true}`, "names InsecureSkipVerify"},
		{"no verification, later, in a test", "safefetch/tls_test.go", `import "crypto/tls"; func f(c *tls.Config) { c.InsecureSkipVerify = true }`, "names InsecureSkipVerify"},
		{"speaking of it", "safefetch/tls.go", `const why = "InsecureSkipVerify is not offered" // InsecureSkipVerify`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantComplaint(t, judgeUses(bans, fake(t, map[string]string{test.path: "package p\n\n" + test.text})), test.want)
		})
	}
}

func TestEveryBanSaysWhatAndWhy(t *testing.T) {
	t.Parallel()
	for i, b := range bans {
		if (b.imports == "") == (b.name == "") {
			t.Errorf("ban %d must be of an import or of a name", i)
		}
		if len(b.reason) < 20 {
			t.Errorf("ban %d (%s%s) gives no reason", i, b.imports, b.name)
		}
	}
}
