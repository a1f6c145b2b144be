package duckdb

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// node writes a node of a plan as DuckDB does.
func node(name, rows, joinType string, children ...string) string {
	var info []string
	if joinType != "" {
		info = append(info, `"Join Type": "`+joinType+`"`)
	}
	if rows != "" {
		info = append(info, `"Estimated Cardinality": "`+rows+`"`)
	}
	return `{"name": "` + name + `", "children": [` + strings.Join(children, ", ") + `], "extra_info": {` + strings.Join(info, ", ") + `}}`
}

func scan(rows string) string { return node("SEQ_SCAN", rows, "") }

func TestPlans(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		root string
		want float64
	}{
		"a leaf":                     {scan("7"), 7},
		"a leaf without a figure":    {scan(""), 0},
		"the largest is below":       {node("AGGREGATE", "1", "", scan("900")), 900},
		"the largest is above":       {node("UNNEST", "5000", "", scan("900")), 5000},
		"as far as is counted":       {scan("18446744073709551615"), math.MaxUint64},
		"a join says":                {node("COMPARISON_JOIN", "40", "INNER", scan("10"), scan("20")), 40},
		"a join does not say":        {node("COMPARISON_JOIN", "", "INNER", scan("10"), scan("20")), 200},
		"a join says nothing":        {node("COMPARISON_JOIN", "0", "LEFT", scan("10"), scan("20")), 200},
		"an unknown one":             {node("NEW_JOIN", "", "", scan("10"), scan("20"), scan("3")), 600},
		"a product":                  {node("CROSS_PRODUCT", "", "", scan("10"), scan("")), 10},
		"through what has no figure": {node("CROSS_PRODUCT", "", "", node("PROJECTION", "0", "", node("LIMIT", "", "", scan("10"))), scan("20")), 200},
		"a limit":                    {node("CROSS_PRODUCT", "", "", node("PROJECTION", "", "", node("LIMIT", "1", "", scan("10"))), scan("20")), 20},
		"semi":                       {node("COMPARISON_JOIN", "", "SEMI", scan("10"), scan("20")), 20},
		"mark":                       {node("DELIM_JOIN", "", "MARK", scan("10"), scan("20")), 20},
		"right anti":                 {node("DELIM_JOIN", "", "RIGHT_ANTI", scan("10"), scan("20")), 20},
		"every pair":                 {node("ANY_JOIN", "10", "LEFT", scan("10"), scan("20")), 200},
		"every pair, all handed on":  {node("ANY_JOIN", "300", "FULL", scan("10"), scan("20")), 300},
		"a union":                    {node("CROSS_PRODUCT", "", "", node("UNION", "", "", scan("10"), scan("20")), scan("2")), 60},
		"what is in both":            {node("INTERSECT", "", "", scan("10"), scan("20")), 20},
		"a CTE":                      {node("CROSS_PRODUCT", "", "", node("CTE", "", "", scan("100"), scan("2")), scan("3")), 100},
		"what is not shown":          {`{"name": "X", "children": [], "extra_info": {"Filters": ["a\n", 1], "Estimated Cardinality": "3"}, "more": {}}`, 3},
	} {
		if got, err := readPlan([]byte("[" + c.root + "]")); err != nil || got != c.want {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

// deep is a plan of so many nodes in one another, each of them a join.
func deep(n int, rows string) string {
	open, end := `{"name": "ANY_JOIN", "extra_info": {"Estimated Cardinality": "`+rows+`"}, "children": [`+scan(rows)+`, `, "]}"
	return "[" + strings.Repeat(open, n-1) + scan(rows) + strings.Repeat(end, n-1) + "]"
}

func TestPlansThatAreNotRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":            "",
		"no root":            "[]",
		"two roots":          "[" + scan("1") + "," + scan("1") + "]",
		"no list":            scan("1"),
		"cut off":            `[{"name": "X", "children": [`,
		"more":               "[" + scan("1") + "] x",
		"no number":          "[" + scan("many") + "]",
		"negative":           "[" + scan("-1") + "]",
		"a fraction":         "[" + scan("1.5") + "]",
		"not a number":       "[" + scan("NaN") + "]",
		"infinite":           "[" + scan("Inf") + "]",
		"too large":          "[" + scan("18446744073709551616") + "]",
		"a figure, bare":     `[{"name": "X", "children": [], "extra_info": {"Estimated Cardinality": 1}}]`,
		"figures":            `[{"name": "X", "children": [], "extra_info": {"Estimated Cardinality": ["1"]}}]`,
		"info as text":       `[{"name": "X", "children": [], "extra_info": "Estimated Cardinality: 1"}]`,
		"children, one":      `[{"name": "X", "children": ` + scan("1") + `, "extra_info": {}}]`,
		"too deep":           deep(maxPlanDepth+1, "1"),
		"absurdly deep":      strings.Repeat(`[{"children":`, 30_000),
		"brackets":           strings.Repeat("[", maxPlanText),
		"too long":           "[" + scan("1") + strings.Repeat(" ", maxPlanText) + "]",
		"one byte too long":  strings.Repeat(" ", maxPlanText+1-len("["+scan("1")+"]")) + "[" + scan("1") + "]",
		"a number in a name": `[{"name": 1, "children": [], "extra_info": {}}]`,
	} {
		if got, err := readPlan([]byte(text)); !errors.Is(err, errPlan) || reasonOf(err) != reasonCost {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, text := range map[string]string{
		"deep": deep(maxPlanDepth, "1"), "long": strings.Repeat(" ", maxPlanText-len("["+scan("1")+"]")) + "[" + scan("1") + "]",
	} {
		if _, err := readPlan([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However many products there are, what is told stays a number that JSON has.
func TestEstimatesAreFinite(t *testing.T) {
	t.Parallel()
	if got, err := readPlan([]byte(strings.ReplaceAll(deep(100, "18446744073709551615"), `{"Estimated Cardinality": "18446744073709551615"}, "children"`, `{}, "children"`))); err != nil || got != maxRows {
		t.Errorf("%v, %v", got, err)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add([]byte("[" + node("ANY_JOIN", "10", "LEFT", scan("10"), node("UNION", "", "", scan(""), scan("18446744073709551615"))) + "]"))
	f.Add([]byte("[" + node("CTE", "", "", scan("1"), node("CROSS_PRODUCT", "0", "", scan("2"), scan("3"))) + "]"))
	f.Add([]byte(`[{"name": "X", "children": [], "extra_info": {"Filters": ["a", "b"], "Estimated Cardinality": "3"}}]`))
	f.Add([]byte(deep(20, "18446744073709551615")))
	f.Add([]byte(`[{"name":`))
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := readPlan(text)
		if err != nil {
			if !errors.Is(err, errPlan) {
				t.Fatalf("%v", err)
			}
			return
		}
		if !(rows >= 0 && rows <= maxRows) {
			t.Fatalf("%v rows", rows)
		}
	})
}

func BenchmarkReadPlan(b *testing.B) {
	text := []byte("[" + node("AGGREGATE", "1", "", node("COMPARISON_JOIN", "5000000000", "INNER", scan("100000"), scan("100000"))) + "]")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readPlan(text); err != nil {
			b.Fatal(err)
		}
	}
}
