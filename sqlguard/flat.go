package sqlguard

import (
	"slices"
	"strconv"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// isFlat reports whether a query may make a column of next to nothing: of constants,
// of comparisons, of counts, or by what maps most values to few. Not flat are the
// columns of tables, what keeps their values apart, and aggregates of such.
func (j *joins) isFlat(e tree.Expr, own *sources) bool {
	switch e := e.(type) {
	case *tree.Column:
		return own.flat(j, e)
	case *tree.Collate:
		return j.isFlat(e.Expr, own)
	case *tree.Cast:
		return fewValues(&e.Type) || j.isFlat(e.Expr, own)
	case *tree.Case:
		flat := e.Else != nil && j.isFlat(e.Else, own)
		for _, w := range e.Whens {
			flat = flat || j.isFlat(w.Then, own)
		}
		return flat
	case *tree.Op:
		switch e.Kind {
		case tree.OpCoalesce, tree.OpElement, tree.OpField:
			return j.isFlat(e.Args[0], own)
		default:
			return true
		}
	case *tree.Window:
		return j.isFlatWindow(e, own)
	case *tree.Call:
		return j.isFlatCall(e, own)
	default:
		return true
	}
}

// isFlatWindow: over one window for all rows, most functions are the same for all.
func (j *joins) isFlatWindow(w *tree.Window, own *sources) bool {
	ordered := slices.ContainsFunc(w.Order, func(o tree.Order) bool { return !j.isFlat(o.Expr, own) })
	switch fold.Narrow(w.Call.Name) {
	case "row_number":
		return false
	case "rank", "dense_rank", "rank_dense", "percent_rank", "cume_dist", "ntile":
		return !ordered
	}
	parted := slices.ContainsFunc(w.Partition, func(e tree.Expr) bool { return !j.isFlat(e, own) })
	return !ordered && !parted || j.isFlatCall(&w.Call, own)
}

func (j *joins) isFlatCall(c *tree.Call, own *sources) bool {
	name := fold.Narrow(c.Name)
	switch {
	case name == "count" || name == "count_star" || len(c.Args) == 0:
		return true
	case j.function(c).Aggregate, name == "lag", name == "lead", name == "first_value", name == "last_value", name == "nth_value":
		return j.isFlat(c.Args[0].Expr, own)
	}
	switch name {
	case "+", "-", "*":
		return j.isFlatSum(name, c, own)
	case "/", "//":
		return len(c.Args) != 2 || !isScale(c.Args[1].Expr) || j.isFlat(c.Args[0].Expr, own)
	case "abs", "round", "floor", "ceil", "ceiling", "trunc":
		return len(c.Args) > 1 || j.isFlat(c.Args[0].Expr, own)
	case "->", "->>", "json_extract", "json_extract_string", "struct_extract":
		return j.isFlat(c.Args[0].Expr, own)
	}
	if !keepsApart(name, c.Args) {
		return true
	}
	return !slices.ContainsFunc(c.Args, func(a tree.Arg) bool { return !isConstant(a.Expr) && !j.isFlat(a.Expr, own) })
}

// isFlatSum: what is added or multiplied must be columns that are not flat, and
// numbers that leave them apart. Where something is subtracted no column may stand
// twice: k - (k + 1) is the same for every k.
func (j *joins) isFlatSum(name string, c *tree.Call, own *sources) bool {
	var seen []tree.Expr
	twice, minus := false, false
	v := &tree.Visitor{Expr: func(e tree.Expr) {
		switch e := e.(type) {
		case *tree.Column:
			twice = twice || slices.ContainsFunc(seen, func(other tree.Expr) bool { return tree.EqualExpr(other, e) })
			seen = append(seen, e)
		case *tree.Call:
			minus = minus || fold.Narrow(e.Name) == "-"
		}
	}}
	v.WalkExpr(c)
	if twice && minus || len(seen) == 0 {
		return true
	}
	for _, arg := range c.Args {
		small := isSmall(arg.Expr) && name != "*" || isScale(arg.Expr)
		if isConstant(arg.Expr) && !small || !isConstant(arg.Expr) && j.isFlat(arg.Expr, own) {
			return true
		}
	}
	return false
}

// isScale reports whether multiplying or dividing by a literal leaves numbers
// apart.
func isScale(e tree.Expr) bool {
	literal, ok := e.(*tree.Literal)
	if !ok || literal.Kind != tree.LiteralNumber {
		return false
	}
	f, err := strconv.ParseFloat(literal.Text, 64)
	return err == nil && f >= 0.001 && f <= 1000
}
