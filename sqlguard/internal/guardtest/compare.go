package guardtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// changing are words of statements that answer otherwise each time they run.
var changing = regexp.MustCompile(`(?i)random|setseed|uuid|now\b|\bnow|clock|timeofday|today|current_|local_?time|_timestamp\(|get_current|\bage\(|sample|explain|^\W*(show|desc)|pg_typeof|txid`)

// unordered are words of statements whose rows depend on an order that they do
// not fix.
var unordered = regexp.MustCompile(`(?i)limit|offset|fetch|distinct\s+on|first|last|any_value|arbitrary|arg_m|max_by|min_by|mode|agg|list|array|over\b|nth|lag|lead|row_number|ntile|rank|positional|asof|histogram|approx|quantile|percentile|sum|avg|stddev|var|corr|regr|kurt|skew|entropy|mad`)

// materialized is the hint of a CTE.
var materialized = regexp.MustCompile(`(?i)materialized`)

// apart are errors of an original that its rendering need not have: PostgreSQL
// is older than the guard's parser, and DuckDB's own serialisation leaves out
// the schema of a type.
var apart = regexp.MustCompile(`SQLSTATE 42601|Type with name`)

// outcome is what the comparison of two answers says.
type outcome uint8

const (
	same     outcome = iota
	failed           // both failed
	unlike           // they are not to be compared
	differs          // one of them is wrong
	shortage         // only their numbers of rows were compared
)

// compare compares the answer to a rendering with the answer to its original.
// The words of a statement are looked at only where the answers differ.
func compare(sql string, q sqlguard.Query, got, want Answer) (outcome, string) {
	switch {
	case got.Late || want.Late || q.Explain():
		return unlike, ""
	case got.Err != nil && want.Err != nil:
		return failed, ""
	}
	why := difference(q, got, want)
	switch {
	case why == "":
		return same, ""
	case changing.MatchString(sql):
		return unlike, ""
	case got.Err == nil && want.Err == nil && len(got.Rows) == rowsOf(q, want) && unordered.MatchString(sql):
		return shortage, ""
	case (got.Err != nil || want.Err != nil) && materialized.MatchString(sql):
		return unlike, "" // the guard drops the hint: another plan computes other values, which may fail
	case want.Err != nil && (apart.MatchString(want.Err.Error()) || q.CappedAt() > 0 && int64(len(got.Rows)) == q.CappedAt()):
		return unlike, "" // the rows beyond the cap are not computed
	default:
		return differs, why
	}
}

// rowsOf is how many rows of the original's answer the rendering gives.
func rowsOf(q sqlguard.Query, want Answer) int {
	if most := q.CappedAt(); most > 0 && int64(len(want.Rows)) > most {
		return int(most)
	}
	return len(want.Rows)
}

// difference says in what two answers differ; empty: in nothing.
func difference(q sqlguard.Query, got, want Answer) string {
	switch {
	case got.Err != nil:
		return fmt.Sprintf("only the rendering fails: %v", got.Err)
	case want.Err != nil:
		return fmt.Sprintf("only the original fails: %v", want.Err)
	case !slices.Equal(got.Columns, want.Columns):
		return fmt.Sprintf("columns %q, want %q", got.Columns, want.Columns)
	case len(got.Rows) != rowsOf(q, want):
		return fmt.Sprintf("%d rows, want %d", len(got.Rows), rowsOf(q, want))
	case slices.Equal(got.Rows, want.Rows), within(got.Rows, want.Rows), within(unsigned(got.Rows), unsigned(want.Rows)):
		return ""
	default:
		return fmt.Sprintf("rows\n%.400q, want\n%.400q", got.Rows, want.Rows)
	}
}

// minusZero is what equals zero and is written otherwise: which of the two
// stands for both, where rows or groups are made distinct, is not fixed.
var minusZero = strings.NewReplacer("-0.0", "0.0", `"-0"`, `"0"`)

func unsigned(rows []string) []string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = minusZero.Replace(row)
	}
	return list
}
