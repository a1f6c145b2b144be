package functions

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDocumentNamesFamilies keeps docs/functions-postgres.md in step: each
// family stands in it with its number of names and its reason.
func TestDocumentNamesFamilies(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../docs/functions-postgres.md")
	if err != nil {
		t.Fatal(err)
	}
	table, err := verdicts()
	if err != nil {
		t.Fatal(err)
	}
	names, some := map[string]int{}, map[string]Verdict{}
	allowed := 0
	for _, v := range table {
		names[v.Family]++
		some[v.Family] = v
		if v.Allowed {
			allowed++
		}
	}
	for family, v := range some {
		want := fmt.Sprintf("| %s | %d | %s |", family, names[family], v.Reason)
		if !v.Allowed {
			want = fmt.Sprintf("| %s | %d | `%s` | %s |", family, names[family], v.Rule, v.Reason)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("the document lacks %q", want)
		}
	}
	if want := fmt.Sprintf("\n%d names are allowed, %d denied.", allowed, len(table)-allowed); !strings.Contains(string(text), want) {
		t.Errorf("the document lacks %q", want)
	}
}
