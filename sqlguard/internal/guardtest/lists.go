package guardtest

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/verdict"
)

// Lists are a dialect's lists of functions with the parser that knows their form.
type Lists struct {
	Parse               func(functions, families string) (map[string]verdict.Verdict, error)
	Functions, Families string // the lists themselves
	// Wrong are lines that this dialect's form refuses, each with part of the
	// complaint, by what is wrong with them.
	Wrong map[string][2]string
}

const (
	goodFamilies  = "# comment\ngood\tallow\tBounded.\nbad\tdeny\tUnbounded.\n"
	goodFunctions = "# comment\nabs\tscalar\tallow\t-\tgood\t-\nrepeat\tscalar\tdeny\tsql.function\tbad\t-\n"
)

// wrongFunctions are lines that no dialect's form lets stand after those of goodFunctions.
var wrongFunctions = map[string][2]string{
	"few columns":       {"x\tscalar\n", "2 columns"},
	"many columns":      {"x\tscalar\tallow\t-\tgood\t-\t-\n", "more than 6"},
	"empty column":      {"x\t\tallow\t-\tgood\t-\n", "column 2 is empty"},
	"upper case":        {"X\tscalar\tallow\t-\tgood\t-\n", "lower case"},
	"twice":             {"repeat\tscalar\tdeny\tsql.function\tbad\t-\n", "sort"},
	"unsorted":          {"acos\tscalar\tallow\t-\tgood\t-\n", "sort"},
	"no family":         {"x\tscalar\tallow\t-\tother\t-\n", "no family"},
	"family disagrees":  {"x\tscalar\tallow\t-\tbad\t-\n", "its family's"},
	"deny without rule": {"x\tscalar\tdeny\t-\tbad\t-\n", "without a rule"},
	"allow with rule":   {"x\tscalar\tallow\tsql.function\tgood\t-\n", "yet refused"},
	"unknown rule":      {"x\tscalar\tdeny\tsql.other\tbad\t-\n", "unknown rule"},
	"unknown kind":      {"x\tother\tallow\t-\tgood\t-\n", "unknown kind"},
	"unknown trait":     {"x\tscalar\tallow\t-\tgood\tother\n", "unknown trait"},
	"trait on deny":     {"x\tscalar\tdeny\tsql.function\tbad\tgrowing\n", "traits on"},
	"factor of one":     {"x\tscalar\tallow\t-\tgood\tgrowing:1\n", "2 or more"},
	"multiplying":       {"x\tscalar\tallow\t-\tgood\tmultiplying\n", "not growing by its arguments"},
	"multiplying by 2":  {"x\tscalar\tallow\t-\tgood\tgrowing:2,multiplying\n", "not growing by its arguments"},
	"gathering scalar":  {"x\tscalar\tallow\t-\tgood\tgathering\n", "no aggregate"},
	"blank line":        {"\n", "column 1 is empty"},
}

// wrongFamilies are the same for families.
var wrongFamilies = map[string][2]string{
	"unused family":    {"more\tdeny\tNothing.\n", "no function is of family"},
	"family twice":     {"bad\tdeny\tUnbounded.\n", "line 4"},
	"family's verdict": {"more\tmaybe\tNothing.\n", "line 4"},
	"no sentence":      {"more\tdeny\tbecause\n", "line 4"},
}

// ParsesLists sees that lists are read as their form says, that every mistake
// in them is reported, and that the dialect's own keep to one reason a family.
func ParsesLists(t *testing.T, l Lists) {
	t.Helper()
	table, err := l.Parse(goodFunctions, goodFamilies)
	if err != nil || len(table) != 2 {
		t.Fatalf("got %d functions, %v", len(table), err)
	}
	wrong := maps.Clone(wrongFunctions)
	maps.Copy(wrong, l.Wrong)
	for name, line := range wrong {
		l.refuses(t, name, goodFunctions+line[0], goodFamilies, line[1])
	}
	for name, line := range wrongFamilies {
		l.refuses(t, name, goodFunctions, goodFamilies+line[0], line[1])
	}
	_, err = l.Parse("x\n\ny\n", "z\n")
	if err == nil || strings.Count(err.Error(), "line") != 4 {
		t.Errorf("got %v, want four mistakes", err)
	}
	l.oneRuleAFamily(t)
}

func (l Lists) refuses(t *testing.T, name, functions, families, want string) {
	t.Helper()
	table, err := l.Parse(functions, families)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want an error with %q", name, err, want)
	}
	if table != nil {
		t.Errorf("%s: a table in spite of the error", name)
	}
}

// oneRuleAFamily keeps a family's single reason true of each rule.
func (l Lists) oneRuleAFamily(t *testing.T) {
	t.Helper()
	table, err := l.Parse(l.Functions, l.Families)
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	for name, v := range table {
		if rule, known := rules[v.Family]; known && rule != v.Rule {
			t.Errorf("%s: rule %q, others of family %q have %q", name, v.Rule, v.Family, rule)
		}
		rules[v.Family] = v.Rule
	}
}

// ParsesQuickly guards start-up: the best of several runs, since a busy machine
// only makes them slower.
func ParsesQuickly(t *testing.T, l Lists) {
	t.Helper()
	best := time.Hour
	for range 50 {
		begin := time.Now()
		if _, err := l.Parse(l.Functions, l.Families); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(begin))
	}
	// The race detector takes some five times as long as the 1 ms promised.
	if best > 8*time.Millisecond {
		t.Errorf("parsing took %v", best)
	}
}

// BenchmarkLists measures reading the dialect's own lists.
func BenchmarkLists(b *testing.B, l Lists) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.Parse(l.Functions, l.Families); err != nil {
			b.Fatal(err)
		}
	}
}
