package functions

import (
	"strings"
	"testing"
	"time"
)

const (
	goodFamilies  = "# comment\ngood\tallow\tBounded.\nbad\tdeny\tUnbounded.\n"
	goodFunctions = "# comment\nabs\tscalar\tallow\t-\tgood\t-\nrepeat\tscalar,set\tdeny\tsql.function\tbad\t-\n"
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	table, err := parse(goodFunctions, goodFamilies)
	if err != nil || len(table) != 2 {
		t.Fatalf("got %d functions, %v", len(table), err)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ functions, families, want string }{
		"few columns":       {goodFunctions + "x\tscalar\n", goodFamilies, "2 columns"},
		"many columns":      {goodFunctions + "x\tscalar\tallow\t-\tgood\t-\t-\n", goodFamilies, "more than 6"},
		"empty column":      {goodFunctions + "x\t\tallow\t-\tgood\t-\n", goodFamilies, "column 2 is empty"},
		"upper case":        {goodFunctions + "X\tscalar\tallow\t-\tgood\t-\n", goodFamilies, "lower case"},
		"twice":             {goodFunctions + "repeat\tscalar\tdeny\tsql.function\tbad\t-\n", goodFamilies, "sort"},
		"unsorted":          {goodFunctions + "acos\tscalar\tallow\t-\tgood\t-\n", goodFamilies, "sort"},
		"no family":         {goodFunctions + "x\tscalar\tallow\t-\tother\t-\n", goodFamilies, "no family"},
		"family disagrees":  {goodFunctions + "x\tscalar\tallow\t-\tbad\t-\n", goodFamilies, "its family's"},
		"deny without rule": {goodFunctions + "x\tscalar\tdeny\t-\tbad\t-\n", goodFamilies, "without a rule"},
		"allow with rule":   {goodFunctions + "x\tscalar\tallow\tsql.function\tgood\t-\n", goodFamilies, "yet refused"},
		"unknown rule":      {goodFunctions + "x\tscalar\tdeny\tsql.other\tbad\t-\n", goodFamilies, "unknown rule"},
		"unknown kind":      {goodFunctions + "x\tother\tallow\t-\tgood\t-\n", goodFamilies, "unknown kind"},
		"set function":      {goodFunctions + "x\tset\tallow\t-\tgood\t-\n", goodFamilies, "no expression"},
		"extension":         {goodFunctions + "x\textension\tallow\t-\tgood\t-\n", goodFamilies, "no expression"},
		"unknown trait":     {goodFunctions + "x\tscalar\tallow\t-\tgood\tother\n", goodFamilies, "unknown trait"},
		"trait on deny":     {goodFunctions + "x\tscalar\tdeny\tsql.function\tbad\tgrowing\n", goodFamilies, "traits on"},
		"factor of one":     {goodFunctions + "x\tscalar\tallow\t-\tgood\tgrowing:1\n", goodFamilies, "2 or more"},
		"multiplying":       {goodFunctions + "x\tscalar\tallow\t-\tgood\tmultiplying\n", goodFamilies, "not growing by its arguments"},
		"multiplying by 2":  {goodFunctions + "x\tscalar\tallow\t-\tgood\tgrowing:2,multiplying\n", goodFamilies, "not growing by its arguments"},
		"copying":           {goodFunctions + "x\tscalar\tallow\t-\tgood\tcopying:2\n", goodFamilies, "unknown trait"},
		"gathering scalar":  {goodFunctions + "x\tscalar\tallow\t-\tgood\tgathering\n", goodFamilies, "no aggregate"},
		"blank line":        {goodFunctions + "\n", goodFamilies, "column 1 is empty"},
		"unused family":     {goodFunctions, goodFamilies + "more\tdeny\tNothing.\n", "no function is of family"},
		"family twice":      {goodFunctions, goodFamilies + "bad\tdeny\tUnbounded.\n", "line 4"},
		"family's verdict":  {goodFunctions, goodFamilies + "more\tmaybe\tNothing.\n", "line 4"},
		"no sentence":       {goodFunctions, goodFamilies + "more\tdeny\tbecause\n", "line 4"},
	} {
		table, err := parse(test.functions, test.families)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, test.want)
		}
		if table != nil {
			t.Errorf("%s: a table in spite of the error", name)
		}
	}
}

func TestParseReportsAll(t *testing.T) {
	t.Parallel()
	_, err := parse("x\n\ny\n", "z\n")
	if err == nil || strings.Count(err.Error(), "line") != 4 {
		t.Errorf("got %v, want four mistakes", err)
	}
}

// TestFamiliesHaveOneRule keeps a family's single reason true of each rule.
func TestFamiliesHaveOneRule(t *testing.T) {
	t.Parallel()
	table, err := verdicts()
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

// TestParseIsQuick guards start-up: the best of several runs, since a busy
// machine only makes them slower.
func TestParseIsQuick(t *testing.T) {
	t.Parallel()
	best := time.Hour
	for range 50 {
		begin := time.Now()
		if _, err := parse(functionsTSV, familiesTSV); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(begin))
	}
	// The race detector takes some five times as long as the 1 ms promised.
	if best > 8*time.Millisecond {
		t.Errorf("parsing took %v", best)
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(functionsTSV, familiesTSV); err != nil {
			b.Fatal(err)
		}
	}
}
