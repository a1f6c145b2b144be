package sqlguard_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// docs/rules.md has a line for each rule, in the order of judging, with the
// hint of the code and an example that the guard really refuses by it.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	strict, analyst := newGuard(t, sqlguard.Policy{}, nil), newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, nil)
	var documented []sqlguard.Rule
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "| `sql.") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|\n "), " | ")
		if len(cells) != 5 {
			t.Errorf("%d cells in %q", len(cells), line)
			continue
		}
		rule := sqlguard.Rule(strings.Trim(cells[0], "`"))
		documented = append(documented, rule)
		if cells[3] != rule.Hint() {
			t.Errorf("%s: repair %q, in the code %q", rule, cells[3], rule.Hint())
		}
		_, example, found := strings.Cut(cells[2], "`")
		example, _, _ = strings.Cut(example, "`")
		if byGuard := cells[4] != "planner" && cells[4] != "engine"; found != byGuard {
			t.Errorf("%s: example %q for layer %q", rule, example, cells[4])
		}
		g := strict
		if strings.HasPrefix(cells[1], "Under `analyst`") {
			g = analyst
		}
		if found && ruleOf(t, g, example) != rule {
			t.Errorf("%s: the example is judged %q", rule, ruleOf(t, g, example))
		}
	}
	if !slices.Equal(documented, sqlguard.Rules()) {
		t.Errorf("documented are %q, want %q", documented, sqlguard.Rules())
	}
}
