package sqlguard

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// An equality ties two sources if what it compares keeps the values of their
// columns apart: a column, or a function of one column and constants which
// leaves about as many values as there were. length(a) = length(b) or
// a % 2 = b % 2 would tie nothing.

// key is whose columns a side of an equality consists of. Several columns, as
// in coalesce(a.k, b.k), count where their owners are tied already.
func (t *ties) key(g *groups, e tree.Expr) (owners, bool) {
	switch e := e.(type) {
	case *tree.Column:
		found := t.sources.owner(t.joins, e)
		return found, len(found) > 0 && !t.sources.flat(t.joins, e)
	case *tree.Collate:
		return t.key(g, e.Expr)
	case *tree.Cast:
		if fewValues(&e.Type) {
			return nil, false
		}
		return t.key(g, e.Expr)
	case *tree.Op:
		if e.Kind == tree.OpCoalesce && areColumns(e.Args) {
			return t.keyAmong(g, e.Args)
		}
	case *tree.Call:
		if name := fold.Narrow(e.Name); e.Schema == "" && e.Filter == nil && keepsApart(name, e.Args) {
			args := make([]tree.Expr, len(e.Args))
			for i, arg := range e.Args {
				args[i] = arg.Expr
			}
			// A sum or a difference of columns may be the same for every row.
			if name == "||" || name == "concat" || varying(args) == 1 {
				return t.keyAmong(g, args)
			}
		}
	}
	return nil, false
}

// keyAmong is the key of a list of which the rest is constant.
func (t *ties) keyAmong(g *groups, list []tree.Expr) (owners, bool) {
	var found owners
	for _, e := range list {
		if isConstant(e) {
			continue
		}
		own, ok := t.key(g, e)
		if !ok {
			return nil, false
		}
		if found == nil {
			found = own
			continue
		}
		a, sure := g.one(found)
		b, also := g.one(own)
		if !sure || !also || a != b {
			return nil, false
		}
	}
	return found, found != nil
}

// areColumns reports whether coalesce chooses among columns only: with a constant
// behind, every row without a value would match every other.
func areColumns(list []tree.Expr) bool {
	return !slices.ContainsFunc(list, func(e tree.Expr) bool {
		_, column := e.(*tree.Column)
		return !column
	})
}

// varying counts the expressions that are not constant.
func varying(list []tree.Expr) int {
	n := 0
	for _, e := range list {
		if !isConstant(e) {
			n++
		}
	}
	return n
}

// isConstant reports whether an expression is the same for every row.
func isConstant(e tree.Expr) bool {
	constant := true
	v := &tree.Visitor{
		Query: func(*tree.Query) bool {
			constant = false
			return false
		},
		Expr: func(e tree.Expr) {
			switch e.(type) {
			case *tree.Column, *tree.Star, *tree.Window, *tree.Lambda:
				constant = false
			}
		},
	}
	v.WalkExpr(e)
	return constant
}

// fewValues reports whether a cast to a type leaves next to nothing apart.
func fewValues(t *tree.Type) bool {
	switch fold.Narrow(t.Name) {
	case "boolean", "bool", "bit", "utinyint", "tinyint", "time", "timetz", "time_ns", "time with time zone", "interval":
		return true
	default:
		return len(t.Modifiers) > 0 && t.Modifiers[0] == "1"
	}
}

// keepsApart reports whether a function leaves the values of one argument apart
// when the others are constants as these are.
func keepsApart(name string, args []tree.Arg) bool {
	if slices.ContainsFunc(args, func(a tree.Arg) bool { return a.Name != "" }) {
		return false
	}
	switch name {
	case "lower", "upper", "lcase", "ucase", "date", "concat", "||":
		return true
	case "timezone": // AT TIME ZONE
		return len(args) == 2 && isConstant(args[0].Expr)
	case "trim", "ltrim", "rtrim", "btrim":
		return len(args) == 1 || len(args) == 2 && isShortText(args[1].Expr)
	case "+", "-":
		return !slices.ContainsFunc(args, func(a tree.Arg) bool { return isConstant(a.Expr) && !isSmall(a.Expr) })
	case "year", "month", "week", "day", "quarter", "dayofyear", "weekofyear", "epoch":
		return len(args) == 1
	case "substr", "substring", "left", "right", "lpad", "rpad":
		// Beyond the first characters there may be nothing.
		return len(args) > 1 && countsBetween(args[1:2], 1, 6) && countsBetween(args[2:], 1, 64)
	case "date_trunc", "datetrunc":
		return len(args) == 2 && (isWord(args[0].Expr, dateParts) || isWord(args[0].Expr, timeParts))
	case "date_part", "datepart", "extract":
		return len(args) == 2 && isWord(args[0].Expr, dateParts)
	case "strftime":
		return len(args) == 2 && isDateFormat(args)
	default:
		return false
	}
}

// dateParts leave dates apart, and timeParts as well when the rest is kept.
var (
	dateParts = []string{"year", "quarter", "month", "week", "day", "doy", "epoch", "isoyear", "yearweek"}
	timeParts = []string{"hour", "minute", "second"}
)

// isSmall reports whether adding a constant leaves numbers and dates apart: beside
// 1e300 every number is the same, and so is every date beside infinity.
func isSmall(e tree.Expr) bool {
	if _, ok := interval(e); ok {
		return true
	}
	switch e := e.(type) {
	case *tree.Literal:
		return e.Kind == tree.LiteralNumber && len(e.Text) <= 9 && strings.Trim(e.Text, "-.0123456789") == ""
	case *tree.Cast:
		return isSmall(e.Expr)
	default:
		return false
	}
}

// isShortText reports whether an expression is the text of a character or two.
func isShortText(e tree.Expr) bool {
	literal, ok := e.(*tree.Literal)
	return ok && literal.Kind == tree.LiteralString && len(literal.Text) <= 2
}

func isWord(e tree.Expr, list []string) bool {
	literal, ok := e.(*tree.Literal)
	return ok && literal.Kind == tree.LiteralString && slices.Contains(list, strings.ToLower(literal.Text))
}

// countsBetween reports whether all arguments are whole numbers in a range, or
// text to fill with.
func countsBetween(args []tree.Arg, least, most int) bool {
	return !slices.ContainsFunc(args, func(a tree.Arg) bool {
		literal, ok := a.Expr.(*tree.Literal)
		if !ok {
			return true
		}
		n, err := strconv.Atoi(literal.Text)
		return literal.Kind == tree.LiteralNumber && (err != nil || n < least || n > most)
	})
}

// isDateFormat reports whether a date is written with its year, month, week or
// day.
func isDateFormat(args []tree.Arg) bool {
	for _, arg := range args {
		literal, ok := arg.Expr.(*tree.Literal)
		if !ok || literal.Kind != tree.LiteralString {
			continue
		}
		text := strings.ReplaceAll(literal.Text, "%%", "")
		for _, part := range []string{"%Y", "%y", "%m", "%d", "%j", "%U", "%W", "%V", "%G", "%x", "%c", "%s"} {
			if strings.Contains(text, part) {
				return true
			}
		}
	}
	return false
}
