package duckdb

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// windowQueries are window functions in all forms that DuckDB has.
var windowQueries = func() []string {
	queries := []string{
		"SELECT a, rank() OVER (ORDER BY sum(x)) FROM t GROUP BY a", "SELECT sum(sum(x)) OVER (PARTITION BY y) FROM t GROUP BY y, z", "SELECT a, sum(x) / sum(sum(x)) OVER () FROM t GROUP BY a",
		"SELECT a FROM (SELECT a, row_number() OVER (PARTITION BY b ORDER BY c) AS n FROM t) WHERE n = 1", "SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY b ORDER BY c DESC NULLS LAST) = 1",
		"SELECT count(*) FILTER (WHERE x > 1) OVER (PARTITION BY a), sum(x) FILTER (WHERE y) OVER (ORDER BY z) FROM t", "SELECT coalesce(lag(x) OVER (ORDER BY y), 0) + x, CASE WHEN row_number() OVER () = 1 THEN 'x' END FROM t",
		"SELECT lag(x IGNORE NULLS) OVER (ORDER BY y), first_value(x IGNORE NULLS) OVER (ORDER BY y), last_value(x RESPECT NULLS) OVER () FROM t",
		"SELECT count(DISTINCT x) OVER (PARTITION BY y) FROM t", "SELECT x OVER_ FROM t", "SELECT sum(x) OVER (PARTITION BY a, b + 1 ORDER BY c DESC, d ASC NULLS FIRST), max(x) OVER (PARTITION BY (SELECT 1)) FROM t",
		"SELECT sum(x) OVER w, avg(x) OVER w FROM t WINDOW w AS (PARTITION BY a)", "SELECT row_number() OVER (w ORDER BY b) FROM t WINDOW w AS (PARTITION BY a)",
		"SELECT sum(x) OVER w FROM t WINDOW w AS (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", "SELECT sum(x) OVER w FROM t WINDOW w AS ()",
		"SELECT a FROM t WINDOW w AS (PARTITION BY a ORDER BY b) QUALIFY row_number() OVER w = 1",
	}
	for _, call := range []string{
		"row_number()", "rank()", "percent_rank()", "cume_dist()", "ntile(4)", "lag(x)", "lag(x, 2, 0)", "lead(x, 1)", "first_value(x)", "last_value(x)", "nth_value(x, 2)",
		"sum(x)", "avg(x)", "count(*)", "count(x)", "min(x)", "max(x)", "stddev(x)", "median(x)", "arg_max(x, y)",
	} {
		queries = append(queries, "SELECT "+call+" OVER (PARTITION BY a ORDER BY b), "+call+" OVER () FROM t")
	}
	queries = append(queries, "SELECT dense_rank() OVER (PARTITION BY a ORDER BY b), dense_rank() OVER (ORDER BY a) FROM t")
	for _, frame := range []string{
		"ROWS UNBOUNDED PRECEDING", "ROWS 3 PRECEDING", "ROWS CURRENT ROW", "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING",
		"ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING", "RANGE UNBOUNDED PRECEDING", "RANGE CURRENT ROW", "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
		"RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING", "RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW", "GROUPS 1 PRECEDING", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
		"ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE GROUP", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE TIES", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE NO OTHERS",
	} {
		queries = append(queries, "SELECT sum(x) OVER (PARTITION BY a ORDER BY b "+frame+") FROM t")
	}
	return queries
}()

// Each form lowers, and renders to a text of the same tree.
func TestWindowQueries(t *testing.T) {
	t.Parallel()
	if len(windowQueries) < 40 {
		t.Fatalf("%d queries", len(windowQueries))
	}
	for _, sql := range windowQueries {
		first, err := adapter.Parse(t.Context(), sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		text, err := adapter.Render(first, true)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		second, err := adapter.Parse(t.Context(), text)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%s:\n%s: %v", sql, text, err)
		}
	}
}

// windowsOf are the windows of a statement, in the order of the text.
func windowsOf(t *testing.T, sql string) []*tree.Window {
	t.Helper()
	s, err := adapter.Parse(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var list []*tree.Window
	v := tree.Visitor{Expr: func(e tree.Expr) {
		if w, ok := e.(*tree.Window); ok {
			list = append(list, w)
		}
	}}
	v.Walk(s)
	return list
}

// DuckDB's parser writes a named window out in each call that uses it: there is
// no name for the rules to look up.
func TestNamedWindowsAreCopied(t *testing.T) {
	t.Parallel()
	named := windowsOf(t, "SELECT sum(x) OVER w, row_number() OVER (w ORDER BY b), x FROM t WINDOW w AS (PARTITION BY a, abs(c))")
	plain := windowsOf(t, "SELECT sum(x) OVER (PARTITION BY a, abs(c)), row_number() OVER (PARTITION BY a, abs(c) ORDER BY b), x FROM t")
	if len(named) != 2 || !reflect.DeepEqual(named, plain) {
		t.Errorf("%+v, want %+v", named, plain)
	}
	// Each copy is one of its own, of all that is in the definition.
	const uses, terms = 20, 30
	sql := fmt.Sprintf("SELECT %s FROM t WINDOW w AS (PARTITION BY %s)",
		strings.TrimSuffix(strings.Repeat("sum(x) OVER w,", uses), ","), strings.TrimSuffix(strings.Repeat("a,", terms), ","))
	copies := windowsOf(t, sql)
	if len(copies) != uses || slices.ContainsFunc(copies, func(w *tree.Window) bool { return len(w.Partition) != terms }) {
		t.Errorf("%d copies", len(copies))
	}
}

// DuckDB 1.5.6 ends by a segmentation fault on dense_rank() OVER () over an outer
// join with nothing.
func TestDenseRankOverNoOrder(t *testing.T) {
	t.Parallel()
	for _, over := range []string{"()", "(ROWS UNBOUNDED PRECEDING)"} {
		_, err := adapter.Parse(t.Context(), "SELECT dense_rank() OVER "+over+" FROM t")
		var unsupported *dialect.UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Rule != ruleFunction {
			t.Errorf("OVER %s: %v", over, err)
		}
	}
}
