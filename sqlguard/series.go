package sqlguard

import (
	"strconv"
	"strings"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Calendars and scales need rows that no table has. Where a preset allows them,
// FROM may hold generate_series (and DuckDB's range) whose length shows in the
// query's text: bounds and step are literals.
const (
	maxSeriesRows = 10_000 // 27 years of days
	maxSeries     = 4      // in a statement
)

// isShortSeries reports whether a call in FROM makes a bounded number of rows.
func isShortSeries(c *tree.Call) bool {
	name := fold.Narrow(c.Name)
	if name != "generate_series" && name != "range" || c.Distinct || c.Filter != nil || len(c.OrderBy) > 0 {
		return false
	}
	start, step := tree.Expr(&tree.Literal{Kind: tree.LiteralNumber, Text: "0"}), tree.Expr(nil)
	var stop tree.Expr
	for _, arg := range c.Args {
		if arg.Name != "" {
			return false
		}
	}
	switch len(c.Args) {
	case 1:
		stop = c.Args[0].Expr
	case 2:
		start, stop = c.Args[0].Expr, c.Args[1].Expr
	case 3:
		start, stop, step = c.Args[0].Expr, c.Args[1].Expr, c.Args[2].Expr
	default:
		return false
	}
	if from, ok := integer(start); ok {
		to, ok := integer(stop)
		by, also := int64(1), true
		if step != nil {
			by, also = integer(step)
		}
		return ok && also && isShort(from, to, by, name == "range")
	}
	from, ok := moment(start)
	to, also := moment(stop)
	by, last := interval(step)
	return ok && also && last && sameType(start, stop) && isShort(from, to, by, name == "range")
}

// isShort reports whether a series has few rows; open leaves its end out. All
// three numbers are so small that nothing overflows.
func isShort(from, to, by int64, open bool) bool {
	if by == 0 {
		return false
	}
	rows := (to-from)/by + 1
	if open && (to-from)%by == 0 {
		rows--
	}
	return rows <= maxSeriesRows
}

// integer reads a whole number of at most 15 digits.
func integer(e tree.Expr) (int64, bool) {
	if c, ok := e.(*tree.Call); ok && c.Name == "-" && len(c.Args) == 1 {
		n, ok := integer(c.Args[0].Expr)
		return -n, ok
	}
	literal, ok := e.(*tree.Literal)
	if !ok || literal.Kind != tree.LiteralNumber || len(literal.Text) > 15 {
		return 0, false
	}
	n, err := strconv.ParseInt(literal.Text, 10, 64)
	return n, err == nil
}

// moment reads a date or a time of one, in seconds, as ISO 8601 writes it: other
// spellings mean to each engine what its settings say.
func moment(e tree.Expr) (int64, bool) {
	cast, ok := e.(*tree.Cast)
	if !ok || cast.Try {
		return 0, false
	}
	layouts := []string{time.DateOnly}
	switch fold.Narrow(cast.Type.Name) {
	case "date": // of a time it would keep the day only
	case "timestamp", "timestamptz", "timestamp with time zone", "timestamp without time zone":
		layouts = append(layouts, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05")
	default:
		return 0, false
	}
	if inner, nested := cast.Expr.(*tree.Cast); nested && fold.Narrow(inner.Type.Name) == "date" {
		return moment(inner)
	}
	literal, ok := cast.Expr.(*tree.Literal)
	if !ok || literal.Kind != tree.LiteralString {
		return 0, false
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, literal.Text); err == nil {
			return t.Unix(), true
		}
	}
	return 0, false
}

// sameType reports whether two casts are to the same type: between two there may
// be the hours of a time zone.
func sameType(a, b tree.Expr) bool {
	from, ok := a.(*tree.Cast)
	to, also := b.(*tree.Cast)
	return ok && also && from.Type.Name == to.Type.Name
}

// units are how many seconds an interval has at least.
var units = map[string]int64{
	"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400,
	"month": 28 * 86400, "quarter": 90 * 86400, "year": 365 * 86400,
}

// interval reads a number of units: '1 day', or what DuckDB's parser makes of
// INTERVAL 1 DAY, which is to_days(CAST(trunc(CAST(1 AS DOUBLE)) AS INTEGER)).
func interval(e tree.Expr) (int64, bool) {
	switch e := e.(type) {
	case *tree.Cast:
		literal, ok := e.Expr.(*tree.Literal)
		if !ok || fold.Narrow(e.Type.Name) != "interval" || len(e.Type.Modifiers) > 0 || literal.Kind != tree.LiteralString {
			return 0, false
		}
		number, unit, _ := strings.Cut(literal.Text, " ")
		return inSeconds(number, unit)
	case *tree.Call:
		unit, ok := strings.CutPrefix(fold.Narrow(e.Name), "to_")
		if !ok || len(e.Args) != 1 || e.Schema != "" {
			return 0, false
		}
		literal, ok := truncated(e.Args[0].Expr).(*tree.Literal)
		if !ok {
			return 0, false
		}
		return inSeconds(literal.Text, unit)
	default:
		return 0, false
	}
}

// truncated is what casts and trunc are of. A whole number, which is all that
// inSeconds takes, they leave as it is.
func truncated(e tree.Expr) tree.Expr {
	switch inner := e.(type) {
	case *tree.Cast:
		return truncated(inner.Expr)
	case *tree.Call:
		if fold.Narrow(inner.Name) == "trunc" && len(inner.Args) == 1 {
			return truncated(inner.Args[0].Expr)
		}
	}
	return e
}

func inSeconds(number, unit string) (int64, bool) {
	seconds := units[strings.TrimSuffix(strings.ToLower(unit), "s")]
	n, err := strconv.ParseInt(number, 10, 16)
	return n * seconds, err == nil && n > 0 && seconds > 0
}
