package duckdb

import (
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (r *renderer) exprs(list []tree.Expr) {
	for i, e := range list {
		if i > 0 {
			r.put(", ")
		}
		r.expr(e)
	}
}

func (r *renderer) expr(e tree.Expr) {
	switch e := e.(type) {
	case *tree.Aliased:
		r.expr(e.Expr)
		r.put(" AS ")
		r.name(e.Alias)
	case *tree.Column:
		r.qualified(e.Path...)
	case *tree.Star:
		r.star(e)
	case *tree.Literal:
		r.constant(e)
	case *tree.Param:
		r.param(e.Number)
	case *tree.Call:
		r.call(e)
	case *tree.Window:
		r.window(e)
	case *tree.Compare:
		r.binary(e.Left, e.Op, e.Right)
	case *tree.Logic:
		r.put("(")
		for i, arg := range e.Args {
			if i > 0 {
				r.put(" ", e.Op, " ")
			}
			r.expr(arg)
		}
		r.put(")")
	case *tree.Op:
		r.op(e)
	case *tree.Between:
		r.put("(")
		r.expr(e.Expr)
		r.put(" BETWEEN ")
		r.expr(e.Lower)
		r.put(" AND ")
		r.expr(e.Upper)
		r.put(")")
	case *tree.Case:
		r.caseExpr(e)
	case *tree.Cast:
		if e.Try {
			r.put("TRY_")
		}
		r.put("CAST(")
		r.expr(e.Expr)
		r.put(" AS ")
		r.typeName(e.Type)
		r.put(")")
	case *tree.Collate:
		r.put("(")
		r.expr(e.Expr)
		r.put(" COLLATE ")
		r.qualified(strings.Split(e.Collation, ".")...)
		r.put(")")
	case *tree.SubqueryExpr:
		r.subquery(e)
	default:
		r.fail("expression", e)
	}
}

func (r *renderer) binary(left tree.Expr, op string, right tree.Expr) {
	r.put("(")
	r.expr(left)
	r.put(" ", op, " ")
	r.expr(right)
	r.put(")")
}

func (r *renderer) constant(l *tree.Literal) {
	switch {
	case l.Kind == tree.LiteralEmptySlice:
	case l.Kind == tree.LiteralNull:
		r.put("NULL")
	case !r.literals:
		r.put("?")
	case l.Kind == tree.LiteralString:
		r.put("'", strings.ReplaceAll(l.Text, "'", "''"), "'")
	case strings.HasPrefix(l.Text, "-"):
		r.put("(", l.Text, ")")
	default:
		r.put(l.Text)
	}
}

func (r *renderer) star(s *tree.Star) {
	if s.Columns {
		r.put("COLUMNS(")
		defer r.put(")")
	}
	if s.Relation != "" {
		r.name(s.Relation)
		r.put(".")
	}
	r.put("*")
	if len(s.Exclude) > 0 {
		r.put(" EXCLUDE")
		r.names(s.Exclude)
	}
	for i, a := range s.Replace {
		r.put([]string{", ", " REPLACE ("}[first(i)])
		r.expr(a.Expr)
		r.put(" AS ")
		r.name(a.Alias)
	}
	if len(s.Replace) > 0 {
		r.put(")")
	}
	for i, n := range s.Rename {
		r.put([]string{", ", " RENAME ("}[first(i)])
		r.name(n.From)
		r.put(" AS ")
		r.name(n.To)
	}
	if len(s.Rename) > 0 {
		r.put(")")
	}
}

func first(i int) int {
	if i == 0 {
		return 1
	}
	return 0
}

// postfixFactorial is what the parser names the operator of "x !".
const postfixFactorial = "!__postfix"

func (r *renderer) call(c *tree.Call) {
	if c.Operator && c.Schema == "" && c.Filter == nil && !c.Distinct && len(c.OrderBy) == 0 {
		switch {
		case c.Name == postfixFactorial && len(c.Args) == 1:
			r.put("(")
			r.expr(c.Args[0].Expr)
			r.put(" !)")
			return
		case len(c.Args) == 1 && operatorName(c.Name):
			r.put("(", c.Name, " ")
			r.expr(c.Args[0].Expr)
			r.put(")")
			return
		case len(c.Args) == 2 && operatorName(c.Name):
			r.put("(")
			r.chain(c)
			r.put(")")
			return
		}
	}
	r.callHead(c)
	r.put(")")
	if c.Filter != nil {
		r.put(" FILTER (WHERE ")
		r.expr(c.Filter)
		r.put(")")
	}
}

// chain writes a binary operator. A chain of operators of one precedence, all
// of which associate to the left, needs no parentheses within: without this a
// sum of a hundred terms would come out a hundred brackets deep.
func (r *renderer) chain(c *tree.Call) {
	left, ok := c.Args[0].Expr.(*tree.Call)
	if ok && left.Operator && left.Schema == "" && len(left.Args) == 2 && precedence[c.Name] > 0 && precedence[left.Name] == precedence[c.Name] {
		r.chain(left)
	} else {
		r.expr(c.Args[0].Expr)
	}
	r.put(" ", c.Name, " ")
	r.expr(c.Args[1].Expr)
}

// precedence groups the left-associative operators of DuckDB's grammar.
var precedence = map[string]int{"||": 1, "+": 2, "-": 2, "*": 3, "/": 3, "//": 3, "%": 3}

// operatorName reports whether the name is made of operator characters.
func operatorName(name string) bool {
	return name != "" && strings.Trim(name, "+-*/<>=~!@#%^&|`") == ""
}

// callHead writes a call up to its closing parenthesis.
func (r *renderer) callHead(c *tree.Call) {
	if c.Name == "count_star" && c.Schema == "" && len(c.Args) == 0 && !c.Distinct && len(c.OrderBy) == 0 {
		r.put("count(*")
		return
	}
	r.qualified(c.Catalog, c.Schema, c.Name)
	r.put("(")
	if c.Distinct {
		r.put("DISTINCT ")
	}
	for i, arg := range c.Args {
		if i > 0 {
			r.put(", ")
		}
		if arg.Name != "" {
			r.name(arg.Name)
			r.put(" := ")
		}
		r.expr(arg.Expr)
	}
	r.orderBy(c.OrderBy)
}

func (r *renderer) window(w *tree.Window) {
	r.callHead(&w.Call)
	if w.IgnoreNulls {
		r.put(" IGNORE NULLS")
	}
	r.put(")")
	if w.Call.Filter != nil {
		r.put(" FILTER (WHERE ")
		r.expr(w.Call.Filter)
		r.put(")")
	}
	r.put(" OVER (")
	if len(w.Partition) > 0 {
		r.put("PARTITION BY ")
		r.exprs(w.Partition)
	}
	r.orderBy(w.Order)
	r.frame(w)
	r.put(")")
}

// frame writes a window's frame; DuckDB's default is left out.
func (r *renderer) frame(w *tree.Window) {
	unit := w.Start.Unit
	if unit == "" {
		unit = w.End.Unit
	}
	if unit == "" {
		unit = "ROWS" // both ends unbounded: the unit makes no difference
	}
	if w.Start.Kind == "UNBOUNDED PRECEDING" && w.End == (tree.Bound{Unit: "RANGE", Kind: "CURRENT ROW"}) && w.Exclude == "" {
		return
	}
	r.put(" ", unit, " BETWEEN ")
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

func (r *renderer) subquery(s *tree.SubqueryExpr) {
	switch s.Kind {
	case tree.SubqueryScalar:
		r.put("(")
		r.query(s.Query)
		r.put(")")
	case tree.SubqueryExists:
		r.put("EXISTS (")
		r.query(s.Query)
		r.put(")")
	case tree.SubqueryAny:
		r.put("(")
		r.expr(s.Child)
		r.put(" ", s.Op, " ANY (")
		r.query(s.Query)
		r.put("))")
	}
}

func (r *renderer) caseExpr(c *tree.Case) {
	r.put("CASE")
	for _, w := range c.Whens {
		r.put(" WHEN ")
		r.expr(w.Cond)
		r.put(" THEN ")
		r.expr(w.Then)
	}
	if c.Else != nil {
		r.put(" ELSE ")
		r.expr(c.Else)
	}
	r.put(" END")
}

func (r *renderer) op(o *tree.Op) {
	switch o.Kind {
	case tree.OpNot:
		r.put("(NOT ")
		r.expr(o.Args[0])
		r.put(")")
	case tree.OpIsNull, tree.OpIsNotNull:
		r.put("(")
		r.expr(o.Args[0])
		r.put(" ", string(o.Kind), ")")
	case tree.OpIn, tree.OpNotIn:
		r.put("(")
		r.expr(o.Args[0])
		r.put(" ", string(o.Kind), " (")
		r.exprs(o.Args[1:])
		r.put("))")
	case tree.OpCoalesce, tree.OpTry, tree.OpGrouping:
		r.put(string(o.Kind), "(")
		r.exprs(o.Args)
		r.put(")")
	case tree.OpArray:
		r.put("ARRAY[")
		r.exprs(o.Args)
		r.put("]")
	case tree.OpElement:
		r.subscripted(o.Args[0])
		r.put("[")
		r.expr(o.Args[1])
		r.put("]")
	case tree.OpSlice:
		r.subscripted(o.Args[0])
		r.put("[")
		for i, bound := range o.Args[1:] {
			if i > 0 {
				r.put(":")
			}
			// With a step, an open upper bound is written as a minus.
			if l, ok := bound.(*tree.Literal); ok && l.Kind == tree.LiteralEmptySlice && i == 1 && len(o.Args) == 4 {
				r.put("-")
			}
			r.expr(bound)
		}
		r.put("]")
	case tree.OpField:
		r.put("(")
		r.expr(o.Args[0])
		r.put(").")
		field, ok := o.Args[1].(*tree.Literal)
		if !ok || field.Kind != tree.LiteralString {
			r.fail("field", o.Args[1])
			return
		}
		r.name(field.Text)
	default:
		r.fail("operator", o.Kind)
	}
}

// subscripted writes what a subscript applies to; subscripts chain.
func (r *renderer) subscripted(e tree.Expr) {
	if op, ok := e.(*tree.Op); ok && (op.Kind == tree.OpElement || op.Kind == tree.OpSlice) {
		r.expr(e)
		return
	}
	r.put("(")
	r.expr(e)
	r.put(")")
}

func (r *renderer) typeName(t tree.Type) {
	switch {
	case t.Name == "LIST" && t.Elem != nil:
		r.typeName(*t.Elem)
		r.put("[]")
	case t.Name == "ARRAY" && t.Elem != nil:
		r.typeName(*t.Elem)
		r.put("[", t.Size, "]")
	case t.Name == "STRUCT":
		r.put("STRUCT(")
		for i, f := range t.Fields {
			if i > 0 {
				r.put(", ")
			}
			r.name(f.Name)
			r.put(" ")
			r.typeName(f.Type)
		}
		r.put(")")
	case t.Name == "MAP":
		r.put("MAP(")
		r.typeName(t.Fields[0].Type)
		r.put(", ")
		r.typeName(t.Fields[1].Type)
		r.put(")")
	case t.Name == "DECIMAL":
		r.put("DECIMAL(", strings.Join(t.Modifiers, ", "), ")")
	case plainTypes[t.Name], t.Name == jsonType:
		r.put(t.Name)
	default:
		r.fail("type", t.Name)
	}
}
