package postgres

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
		r.between(" BETWEEN ", e.Expr, e.Lower, e.Upper)
	case *tree.Case:
		r.caseExpr(e)
	case *tree.Cast:
		if e.Try {
			r.fail("cast", "TRY_CAST")
		}
		r.put("CAST(")
		r.expr(e.Expr)
		r.put(" AS ")
		r.typeName(e.Type)
		r.put(")")
	case *tree.Collate:
		r.put("(")
		r.expr(e.Expr)
		r.put(" COLLATE ", systemSchema, ".")
		r.name(e.Collation)
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

func (r *renderer) between(word string, e, lower, upper tree.Expr) {
	r.put("(")
	r.expr(e)
	r.put(word)
	r.expr(lower)
	r.put(" AND ")
	r.expr(upper)
	r.put(")")
}

func (r *renderer) constant(l *tree.Literal) {
	switch l.Kind {
	case tree.LiteralNull:
		r.put("NULL")
	case tree.LiteralNumber:
		r.number(l.Text)
	case tree.LiteralString:
		r.text(l.Text)
	default:
		r.fail("literal", l.Kind)
	}
}

// text writes a string. With a backslash in it, it is written so that it means
// the same whatever standard_conforming_strings is.
func (r *renderer) text(text string) {
	if !r.literals {
		r.put("?")
		return
	}
	text = strings.ReplaceAll(text, "'", "''")
	if strings.Contains(text, `\`) {
		r.put("E'", strings.ReplaceAll(text, `\`, `\\`), "'")
		return
	}
	r.put("'", text, "'")
}

func (r *renderer) star(s *tree.Star) {
	if s.Columns || len(s.Exclude) > 0 || len(s.Replace) > 0 || len(s.Rename) > 0 {
		r.fail("star", s)
	}
	if s.Relation != "" {
		r.name(s.Relation)
		r.put(".")
	}
	r.put("*")
}

func (r *renderer) subquery(s *tree.SubqueryExpr) {
	switch s.Kind {
	case tree.SubqueryScalar:
		r.put("(")
	case tree.SubqueryExists:
		r.put("EXISTS (")
	case tree.SubqueryAny:
		r.put("(")
		r.expr(s.Child)
		r.put(" ", s.Op, " ANY (")
	default:
		r.fail("subquery", s.Kind)
	}
	r.query(s.Query)
	r.put(")")
	if s.Kind == tree.SubqueryAny {
		r.put(")")
	}
}

func (r *renderer) caseExpr(c *tree.Case) {
	r.put("CASE")
	for _, w := range c.Whens {
		r.when(w.Cond, w.Then)
	}
	r.clause(" ELSE ", c.Else)
	r.put(" END")
}

func (r *renderer) when(cond, then tree.Expr) {
	r.put(" WHEN ")
	r.expr(cond)
	r.put(" THEN ")
	r.expr(then)
}

// simpleCase writes CASE operand WHEN value THEN result.
func (r *renderer) simpleCase(args []tree.Expr) {
	r.put("CASE ")
	r.expr(args[0])
	for args = args[1:]; len(args) > 1; args = args[2:] {
		r.when(args[0], args[1])
	}
	if len(args) > 0 {
		r.clause(" ELSE ", args[0])
	}
	r.put(" END")
}

func (r *renderer) op(o *tree.Op) {
	switch o.Kind {
	case opTrue, opFalse:
		r.put(string(o.Kind))
	case tree.OpNot:
		r.put("(NOT ")
		r.expr(o.Args[0])
		r.put(")")
	case tree.OpIsNull, tree.OpIsNotNull, opIsTrue, opIsNotTrue, opIsFalse, opIsNotFalse, opIsUnknown, opIsKnown:
		r.put("(")
		r.expr(o.Args[0])
		r.put(" ", string(o.Kind), ")")
	case tree.OpIn, tree.OpNotIn:
		r.put("(")
		r.expr(o.Args[0])
		r.put(" ", string(o.Kind), " (")
		r.exprs(o.Args[1:])
		r.put("))")
	case opSymmetric:
		r.between(" BETWEEN SYMMETRIC ", o.Args[0], o.Args[1], o.Args[2])
	case opSimpleCase:
		r.simpleCase(o.Args)
	case tree.OpCoalesce, tree.OpGrouping:
		r.put(string(o.Kind), "(")
		r.exprs(o.Args)
		r.put(")")
	case tree.OpArray:
		r.put("ARRAY[")
		r.exprs(o.Args)
		r.put("]")
	case tree.OpElement, tree.OpSlice:
		r.subscripted(o)
	default:
		if !quantified[o.Kind] {
			r.fail("operator", o.Kind)
			return
		}
		r.put("(")
		r.expr(o.Args[0])
		r.put(" ", string(o.Kind), " (")
		r.expr(o.Args[1])
		r.put("))")
	}
}

// subscripted writes a chain of subscripts: a[1][2] is one subscript of two
// numbers, so no brackets may stand between.
func (r *renderer) subscripted(o *tree.Op) {
	if base, ok := o.Args[0].(*tree.Op); ok && (base.Kind == tree.OpElement || base.Kind == tree.OpSlice) {
		r.subscripted(base)
	} else {
		r.put("(")
		r.expr(o.Args[0])
		r.put(")")
	}
	r.put("[")
	for i, bound := range o.Args[1:] {
		if i > 0 {
			r.put(":")
		}
		if l, ok := bound.(*tree.Literal); !ok || l.Kind != tree.LiteralEmptySlice {
			r.expr(bound)
		}
	}
	r.put("]")
}

func (r *renderer) typeName(t tree.Type) {
	if t.Name == "LIST" && t.Elem != nil {
		r.typeName(*t.Elem)
		r.put("[]")
		return
	}
	if _, known := knownTypes[systemType(&t)]; !known || t.Size != "" || len(t.Fields) > 0 {
		r.fail("type", t)
	}
	r.system(systemType(&t))
	if len(t.Modifiers) > 0 {
		r.put("(", strings.Join(t.Modifiers, ", "), ")")
	}
}
