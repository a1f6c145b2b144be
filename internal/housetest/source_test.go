package housetest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// modulePath is this module's path in imports.
const modulePath = "github.com/sallyport-dev/sallyport"

// A source is one parsed Go file.
type source struct {
	path  string // from the root, with slashes
	dir   string // the package: path without the file's name, "." for the root
	test  bool   // a _test.go file
	lines int
	file  *ast.File
	fset  *token.FileSet
}

// imports lists what the file imports, as written.
func (s source) imports() []string {
	list := make([]string, 0, len(s.file.Imports))
	for _, spec := range s.file.Imports {
		if name, err := strconv.Unquote(spec.Path.Value); err == nil {
			list = append(list, name)
		}
	}
	return list
}

// at is the position of a node as path:line.
func (s source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(node.Pos()).Line)
}

// parseTree reads every Go file of a module, whatever its build constraints:
// `go list` would hide the files of other operating systems.
func parseTree(root fs.FS) ([]source, error) {
	var list []source
	err := walk(root, func(name string) error {
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		list = append(list, source{
			path:  name,
			dir:   path.Dir(name),
			test:  strings.HasSuffix(name, "_test.go"),
			lines: bytes.Count(text, []byte("\n")),
			file:  file,
			fset:  fset,
		})
		return nil
	})
	return list, err
}

// walk calls visit for every file that belongs to the module: not for hidden
// directories, build output, test data or other modules below this one.
func walk(root fs.FS, visit func(name string) error) error {
	return fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			return visit(name)
		case name == ".":
			return nil
		}
		base := entry.Name()
		if base == "testdata" || name == "bin" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
			return fs.SkipDir
		}
		if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
			return fs.SkipDir
		}
		return nil
	})
}

// house is this repository.
var house = sync.OnceValue(func() fs.FS { return os.DirFS("../..") })

// houseSources are its Go files.
var houseSources = sync.OnceValues(func() ([]source, error) { return parseTree(house()) })

// sources returns the Go files of this repository, and fails the test if they
// are not the tree that the rules are about.
func sources(t *testing.T) []source {
	t.Helper()
	mod, err := fs.ReadFile(house(), "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(mod, []byte("module "+modulePath+"\n")) {
		t.Fatalf("../../go.mod is not the module %s", modulePath)
	}
	list, err := houseSources()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(list, func(s source) bool { return s.path == "internal/housetest/doc.go" }) {
		t.Fatal("the tree that was read does not hold this package")
	}
	return list
}

// fake parses files given as path and text.
func fake(t *testing.T, files map[string]string) []source {
	t.Helper()
	list, err := parseTree(fakeFS(files))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func fakeFS(files map[string]string) fs.FS {
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

// report fails the test once for each complaint.
func report(t *testing.T, complaints []string) {
	t.Helper()
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}

// wantComplaint checks that a rule said exactly one thing, and that it said
// want; an empty want means that it said nothing.
func wantComplaint(t *testing.T, complaints []string, want string) {
	t.Helper()
	switch {
	case want == "" && len(complaints) > 0:
		t.Errorf("refused, but should pass: %q", complaints)
	case want != "" && (len(complaints) != 1 || !strings.Contains(complaints[0], want)):
		t.Errorf("got %q, want one complaint with %q", complaints, want)
	}
}

func TestParseTreeReadsWhatBelongsToTheModule(t *testing.T) {
	t.Parallel()
	var got []string
	for _, s := range fake(t, map[string]string{
		"a.go":                    "package a",
		"b/b_windows.go":          "package b",
		"b/b_test.go":             "package b",
		"b/testdata/broken.go":    "not Go",
		"bin/x.go":                "not Go",
		".hidden/x.go":            "not Go",
		"_old/x.go":               "not Go",
		"tools/go.mod":            "module tools",
		"tools/x.go":              "package tools",
		"docs/node_modules/x.go":  "not Go",
		"docs/architecture.md":    "not Go",
		"internal/bin/kept.go":    "package bin",
		"internal/bin/ignored.md": "",
	}) {
		got = append(got, s.path)
	}
	slices.Sort(got)
	want := []string{"a.go", "b/b_test.go", "b/b_windows.go", "internal/bin/kept.go"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
