package housetest

import (
	"fmt"
	"strings"
	"testing"
)

// judgePackageDocs says which packages have no doc comment, or one that godoc
// would not show as theirs.
func judgePackageDocs(list []source) []string {
	docs := map[string]string{}
	var order, names []string
	for _, s := range list {
		if s.test {
			continue // godoc does not read them
		}
		if _, seen := docs[s.dir]; !seen {
			docs[s.dir] = ""
			order, names = append(order, s.dir), append(names, s.file.Name.Name)
		}
		if s.file.Doc != nil {
			docs[s.dir] += s.file.Doc.Text()
		}
	}
	var complaints []string
	for i, dir := range order {
		want := "Package " + names[i] + " "
		if names[i] == "main" {
			want = "Command "
		}
		switch text := docs[dir]; {
		case text == "":
			complaints = append(complaints, fmt.Sprintf("%s has no package comment: say in doc.go what it is for, its limits and its place in the chain", dir))
		case !strings.HasPrefix(text, want):
			complaints = append(complaints, fmt.Sprintf("%s: the package comment starts with %.40q, want %q", dir, text, want))
		}
	}
	return complaints
}

func TestEveryPackageHasADoc(t *testing.T) {
	t.Parallel()
	report(t, judgePackageDocs(sources(t)))
}

func TestPackageDocRuleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a doc", map[string]string{"cors/doc.go": "// Package cors answers preflights.\npackage cors", "cors/b.go": "package cors"}, ""},
		{"a command's doc", map[string]string{"cmd/x/main.go": "// Command x runs.\npackage main"}, ""},
		{"none", map[string]string{"cors/a.go": "package cors"}, "cors has no package comment"},
		{"only in a test", map[string]string{"cors/a.go": "package cors", "cors/a_test.go": "// Package cors is tested.\npackage cors"}, "no package comment"},
		{"detached", map[string]string{"cors/a.go": "// Package cors answers preflights.\n\npackage cors"}, "no package comment"},
		{"a build constraint is none", map[string]string{"cors/a.go": "//go:build linux\n\npackage cors"}, "no package comment"},
		{"of another package", map[string]string{"cors/a.go": "// Package chain orders.\npackage cors"}, `want "Package cors "`},
		{"a command's as a package", map[string]string{"cmd/x/main.go": "// Package main runs.\npackage main"}, `want "Command "`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantComplaint(t, judgePackageDocs(fake(t, test.files)), test.want)
		})
	}
}
