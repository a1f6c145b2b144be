package postgres

import (
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
)

func (r *renderer) call(c *tree.Call) {
	if c.Operator {
		r.operator(c)
		return
	}
	r.callHead(c)
	r.filter(c)
}

func (r *renderer) filter(c *tree.Call) {
	if c.Filter != nil {
		r.put(" FILTER (WHERE ")
		r.expr(c.Filter)
		r.put(")")
	}
}

// operator writes an operator. Those are not qualified: IN, BETWEEN, CASE and
// NULLIF use operators that cannot be, so the session's search_path has to
// be right in any case.
func (r *renderer) operator(c *tree.Call) {
	if c.Schema != "" || c.Catalog != "" || c.Filter != nil || c.Distinct || len(c.OrderBy) > 0 || !operatorName(c.Name) {
		r.fail("operator", c.Name)
	}
	r.put("(")
	switch len(c.Args) {
	case 1:
		r.put(c.Name, " ")
		r.expr(c.Args[0].Expr)
	case 2:
		r.chain(c)
	default:
		r.fail("operator", c.Name)
	}
	r.put(")")
}

// chain writes a binary operator. A chain of operators of one precedence, all
// of which associate to the left, needs no parentheses within: without this a
// sum of a hundred terms would come out a hundred brackets deep.
func (r *renderer) chain(c *tree.Call) {
	left, ok := c.Args[0].Expr.(*tree.Call)
	if ok && left.Operator && len(left.Args) == 2 && precedence[c.Name] > 0 && precedence[left.Name] == precedence[c.Name] {
		r.chain(left)
	} else {
		r.expr(c.Args[0].Expr)
	}
	r.put(" ", c.Name, " ")
	r.expr(c.Args[1].Expr)
}

// precedence groups the left-associative operators of PostgreSQL's grammar.
var precedence = map[string]int{"||": 1, "->": 1, "->>": 1, "+": 2, "-": 2, "*": 3, "/": 3, "%": 3}

// operatorName reports whether the name is made of operator characters.
func operatorName(name string) bool {
	return name != "" && strings.Trim(name, "+-*/<>=~!@#%^&|`?") == ""
}

// callHead writes a call up to its closing parenthesis.
func (r *renderer) callHead(c *tree.Call) {
	verdict, judged := functions.Judge(c.Name)
	switch {
	case c.Schema != "" || c.Catalog != "":
		r.qualified(c.Catalog, c.Schema, c.Name)
	case c.Name == countStar:
		r.put(systemSchema, ".count(*)")
		return
	case judged && verdict.Grammar:
		r.word(c)
		return
	case judged && !verdict.Extension:
		r.system(c.Name)
	default:
		// Only a policy can have allowed it; where it is, the session says.
		r.name(c.Name)
	}
	r.put("(")
	if c.Distinct {
		r.put("DISTINCT ")
	}
	r.args(c)
	if orderedSet[c.Name] {
		r.put(") WITHIN GROUP (")
	}
	r.orderBy(c.OrderBy)
	r.put(")")
}

func (r *renderer) args(c *tree.Call) {
	for i, arg := range c.Args {
		if i > 0 {
			r.put(", ")
		}
		if arg.Name != "" {
			r.name(arg.Name)
			r.put(" => ")
		}
		r.expr(arg.Expr)
	}
}

// word writes what the grammar has a word for.
func (r *renderer) word(c *tree.Call) {
	r.put(strings.ToUpper(c.Name))
	switch c.Name {
	case "greatest", "least", "nullif", "row":
		r.put("(")
		r.args(c)
		r.put(")")
	case "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp":
		if len(c.Args) > 0 {
			r.put("(")
			r.args(c)
			r.put(")")
		}
	default: // refused by the list, whose words are not run
		r.fail("word", c.Name)
	}
}

func (r *renderer) window(w *tree.Window) {
	if w.IgnoreNulls {
		r.fail("window", "IGNORE NULLS")
	}
	r.callHead(&w.Call)
	r.filter(&w.Call)
	r.put(" OVER (")
	if len(w.Partition) > 0 {
		r.put("PARTITION BY ")
		r.exprs(w.Partition)
	}
	r.orderBy(w.Order)
	r.frame(w)
	r.put(")")
}

// frame writes a window's frame; the default is left out.
func (r *renderer) frame(w *tree.Window) {
	byDefault := w.Start == (tree.Bound{Unit: "RANGE", Kind: "UNBOUNDED PRECEDING"}) && w.End == (tree.Bound{Unit: "RANGE", Kind: "CURRENT ROW"})
	if byDefault && w.Exclude == "" {
		return
	}
	r.put(" ", w.Start.Unit, " BETWEEN ")
	r.bound(w.Start)
	r.put(" AND ")
	r.bound(w.End)
	if w.Exclude != "" {
		r.put(" EXCLUDE ", w.Exclude)
	}
}

func (r *renderer) bound(b tree.Bound) {
	if b.Offset != nil {
		r.expr(b.Offset)
		r.put(" ")
	}
	r.put(b.Kind)
}
