package sqlguard

import (
	"reflect"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// isFlat reports whether a query makes a column of next to nothing: of constants,
// of comparisons, or by what maps most values to few. Columns of tables, aggregates
// and window functions have the values that they have.
func (j *joins) isFlat(e tree.Expr, own *sources) bool {
	switch e := e.(type) {
	case *tree.Column:
		return own.flat(j, e)
	case *tree.Window:
		return false
	case *tree.Collate:
		return j.isFlat(e.Expr, own)
	case *tree.Cast:
		return fewValues(&e.Type) || j.isFlat(e.Expr, own)
	case *tree.Case:
		flat := e.Else == nil || j.isFlat(e.Else, own)
		for _, w := range e.Whens {
			flat = flat && j.isFlat(w.Then, own)
		}
		return flat
	case *tree.Op:
		switch e.Kind {
		case tree.OpCoalesce, tree.OpElement, tree.OpField:
			return j.isFlat(e.Args[0], own)
		default:
			return true
		}
	case *tree.Call:
		return j.isFlatCall(e, own)
	default:
		return true
	}
}

// spreading are functions beyond those of joins whose results are about as many
// as their arguments.
var spreading = map[string]bool{
	"abs": true, "round": true, "floor": true, "ceil": true, "ceiling": true, "trunc": true, "/": true, "//": true, "*": true,
	"->": true, "->>": true, "json_extract": true, "json_extract_string": true, "struct_extract": true, "row": true,
	"greatest": true, "least": true, "ifnull": true, "date_diff": true, "datediff": true, "date_add": true, "to_char": true,
}

func (j *joins) isFlatCall(c *tree.Call, own *sources) bool {
	name := fold.Narrow(c.Name)
	if j.function(c).Aggregate {
		return len(c.Args) > 0 && !j.anySpread(c.Args, own) // max(1), but not count(*)
	}
	if !spreading[name] && !keepsApart(name, c.Args) {
		return true
	}
	if name == "-" && len(c.Args) == 2 && reflect.DeepEqual(c.Args[0].Expr, c.Args[1].Expr) {
		return true
	}
	for _, arg := range c.Args {
		if literal, ok := arg.Expr.(*tree.Literal); ok && name == "*" && strings.Trim(literal.Text, "0.eE-+") == "" {
			return true
		}
	}
	return !j.anySpread(c.Args, own)
}

// anySpread reports whether an argument is not flat.
func (j *joins) anySpread(args []tree.Arg, own *sources) bool {
	for _, arg := range args {
		if !j.isFlat(arg.Expr, own) {
			return true
		}
	}
	return false
}
