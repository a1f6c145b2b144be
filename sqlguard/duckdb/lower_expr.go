package duckdb

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// optional lowers an expression that may be absent.
func (l *lowering) optional(v *fastjson.Value) tree.Expr {
	if v.Type() == fastjson.TypeNull {
		return nil
	}
	return l.expr(v)
}

func (l *lowering) exprs(v *fastjson.Value) []tree.Expr {
	items := l.array(v)
	if len(items) == 0 {
		return nil
	}
	list := make([]tree.Expr, len(items))
	for i, item := range items {
		list[i] = l.expr(item)
	}
	return list
}

// items lowers a SELECT list: the one list whose expressions have names.
func (l *lowering) items(v *fastjson.Value) []tree.Expr {
	values := l.array(v)
	list := make([]tree.Expr, len(values))
	for i, item := range values {
		expr, alias := l.named(item)
		if alias != "" {
			expr = &tree.Aliased{Expr: expr, Alias: alias}
		}
		list[i] = expr
	}
	return list
}

// expr lowers an expression where no alias can stand.
func (l *lowering) expr(v *fastjson.Value) tree.Expr {
	e, alias := l.named(v)
	if alias != "" {
		l.unsupported(ruleSyntax, "alias inside an expression")
	}
	return e
}

// named lowers an expression and its alias.
func (l *lowering) named(v *fastjson.Value) (e tree.Expr, alias string) {
	if l.err != nil {
		return &tree.Literal{}, ""
	}
	n := node{lowering: l, v: v, class: v.GetStringBytes("class"), kind: v.GetStringBytes("type")}
	switch string(n.class) {
	case "COLUMN_REF":
		e = n.column()
	case "CONSTANT":
		e = n.constant()
	case "PARAMETER":
		e = n.parameter()
	case "STAR":
		e = n.star()
	case "FUNCTION":
		e = n.function()
	case "WINDOW":
		e = n.window()
	case "COMPARISON":
		e = n.comparison()
	case "CONJUNCTION":
		e = n.conjunction()
	case "OPERATOR":
		e = n.operator()
	case "BETWEEN":
		e = n.between()
	case "CASE":
		e = n.caseExpr()
	case "CAST":
		e = n.cast()
	case "COLLATE":
		e = n.collate()
	case "SUBQUERY":
		e = n.subquery()
	case "LAMBDA":
		e = n.lambda()
	case "POSITIONAL_REFERENCE":
		l.unsupported("sql.column", "column by position")
	default:
		l.unsupported(ruleSyntax, "expression %q", n.class)
	}
	if e == nil {
		e = &tree.Literal{} // never seen: l.err is set
	}
	return e, n.alias
}

// node is one expression being lowered.
type node struct {
	*lowering
	v           *fastjson.Value
	class, kind []byte
	alias       string
}

// each takes every field; those that all expressions have are taken here.
func (n *node) each(take func(key []byte, v *fastjson.Value) bool) {
	n.fields(n.v, "expression", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "class", "type", "query_location":
			return true
		case "alias":
			n.alias = n.text(v)
			return true
		default:
			if !take(key, v) {
				n.unsupported(ruleSyntax, "field %q of %s", key, n.class)
			}
			return true
		}
	})
}

// mustBe refuses a kind that does not belong to the class.
func (n *node) mustBe(kinds ...string) {
	for _, kind := range kinds {
		if string(n.kind) == kind {
			return
		}
	}
	n.unsupported(ruleSyntax, "%s of kind %q", n.class, n.kind)
}

func (n *node) column() tree.Expr {
	n.mustBe("COLUMN_REF")
	c := &tree.Column{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		if string(key) != "column_names" {
			return false
		}
		c.Path = n.texts(v)
		return true
	})
	n.require("column", len(c.Path) > 0)
	return c
}

func (n *node) parameter() tree.Expr {
	n.mustBe("VALUE_PARAMETER")
	p := &tree.Param{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		if string(key) != "identifier" {
			return false
		}
		p.Number = n.param(n.text(v))
		return true
	})
	n.require("parameter", p.Number > 0)
	return p
}

func (n *node) comparison() tree.Expr {
	c := &tree.Compare{Op: n.comparator(n.kind)}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "left":
			c.Left = n.expr(v)
		case "right":
			c.Right = n.expr(v)
		default:
			return false
		}
		return true
	})
	n.require("comparison", c.Left != nil && c.Right != nil)
	return c
}

func (n *node) comparator(kind []byte) string {
	op, ok := comparators[string(kind)]
	if !ok {
		n.unsupported(ruleSyntax, "comparison %q", kind)
	}
	return op
}

var comparators = map[string]string{
	"COMPARE_EQUAL": "=", "COMPARE_NOTEQUAL": "<>",
	"COMPARE_LESSTHAN": "<", "COMPARE_LESSTHANOREQUALTO": "<=",
	"COMPARE_GREATERTHAN": ">", "COMPARE_GREATERTHANOREQUALTO": ">=",
	"COMPARE_DISTINCT_FROM": "IS DISTINCT FROM", "COMPARE_NOT_DISTINCT_FROM": "IS NOT DISTINCT FROM",
}

func (n *node) conjunction() tree.Expr {
	n.mustBe("CONJUNCTION_AND", "CONJUNCTION_OR")
	c := &tree.Logic{Op: "AND"}
	if string(n.kind) == "CONJUNCTION_OR" {
		c.Op = "OR"
	}
	n.each(n.children(&c.Args))
	n.require("conjunction", len(c.Args) > 1)
	return c
}

// children takes the one field of a class whose operands are a list.
func (n *node) children(list *[]tree.Expr) func([]byte, *fastjson.Value) bool {
	return func(key []byte, v *fastjson.Value) bool {
		if string(key) != "children" {
			return false
		}
		*list = n.exprs(v)
		return true
	}
}

var operators = map[string]tree.OpKind{
	"OPERATOR_NOT": tree.OpNot, "OPERATOR_IS_NULL": tree.OpIsNull, "OPERATOR_IS_NOT_NULL": tree.OpIsNotNull,
	"COMPARE_IN": tree.OpIn, "COMPARE_NOT_IN": tree.OpNotIn, "OPERATOR_COALESCE": tree.OpCoalesce,
	"OPERATOR_TRY": tree.OpTry, "ARRAY_CONSTRUCTOR": tree.OpArray, "ARRAY_EXTRACT": tree.OpElement,
	"ARRAY_SLICE": tree.OpSlice, "STRUCT_EXTRACT": tree.OpField, "GROUPING_FUNCTION": tree.OpGrouping,
}

func (n *node) operator() tree.Expr {
	kind, ok := operators[string(n.kind)]
	if !ok {
		n.unsupported(ruleFunction, "operator %q", n.kind)
		return nil
	}
	op := &tree.Op{Kind: kind}
	n.each(n.children(&op.Args))
	want := map[tree.OpKind][2]int{
		tree.OpNot: {1, 1}, tree.OpIsNull: {1, 1}, tree.OpIsNotNull: {1, 1}, tree.OpTry: {1, 1},
		tree.OpElement: {2, 2}, tree.OpField: {2, 2}, tree.OpSlice: {3, 4}, tree.OpIn: {2, maxArgs}, tree.OpNotIn: {2, maxArgs},
		tree.OpCoalesce: {1, maxArgs}, tree.OpArray: {0, maxArgs}, tree.OpGrouping: {1, maxArgs},
	}[kind]
	if len(op.Args) < want[0] || len(op.Args) > want[1] {
		n.unsupported(ruleSyntax, "%s of %d operands", kind, len(op.Args))
	}
	for i, arg := range op.Args {
		literal, ok := arg.(*tree.Literal)
		if empty := ok && literal.Kind == tree.LiteralEmptySlice; empty && (kind != tree.OpSlice || i == 0) {
			n.unsupported(ruleSyntax, "empty bound outside a slice")
		}
	}
	return op
}

// maxArgs is more than a statement of the longest accepted length can have.
const maxArgs = 1 << 16

func (n *node) between() tree.Expr {
	n.mustBe("COMPARE_BETWEEN", "COMPARE_NOT_BETWEEN")
	b := &tree.Between{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "input":
			b.Expr = n.expr(v)
		case "lower":
			b.Lower = n.expr(v)
		case "upper":
			b.Upper = n.expr(v)
		default:
			return false
		}
		return true
	})
	n.require("BETWEEN", b.Expr != nil && b.Lower != nil && b.Upper != nil)
	if string(n.kind) == "COMPARE_NOT_BETWEEN" {
		return &tree.Op{Kind: tree.OpNot, Args: []tree.Expr{b}}
	}
	return b
}

func (n *node) caseExpr() tree.Expr {
	n.mustBe("CASE_EXPR")
	c := &tree.Case{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "case_checks":
			for _, check := range n.array(v) {
				c.Whens = append(c.Whens, n.when(check))
			}
		case "else_expr":
			c.Else = n.optional(v)
		default:
			return false
		}
		return true
	})
	n.require("CASE", len(c.Whens) > 0)
	return c
}

func (n *node) when(v *fastjson.Value) tree.When {
	var w tree.When
	n.fields(v, "WHEN", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "when_expr":
			w.Cond = n.expr(v)
		case "then_expr":
			w.Then = n.expr(v)
		default:
			return false
		}
		return true
	})
	n.require("WHEN", w.Cond != nil && w.Then != nil)
	return w
}

func (n *node) cast() tree.Expr {
	n.mustBe("OPERATOR_CAST")
	c := &tree.Cast{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "child":
			c.Expr = n.expr(v)
		case "cast_type":
			c.Type = n.typeName(v)
		case "try_cast":
			c.Try = n.flag(v)
		default:
			return false
		}
		return true
	})
	n.require("cast", c.Expr != nil && c.Type.Name != "")
	if elements := c.Type.Elements(); elements > maxArraySize {
		n.unsupported(ruleSyntax, "type of %d elements", elements)
	}
	return c
}

func (n *node) collate() tree.Expr {
	n.mustBe("COLLATE")
	c := &tree.Collate{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "child":
			c.Expr = n.expr(v)
		case "collation":
			c.Collation = n.text(v)
		default:
			return false
		}
		return true
	})
	n.require("collation", c.Expr != nil && c.Collation != "")
	return c
}

func (n *node) subquery() tree.Expr {
	n.mustBe("SUBQUERY")
	s := &tree.SubqueryExpr{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "subquery_type":
			switch kind := n.value(v); string(kind) {
			case "SCALAR":
				s.Kind = tree.SubqueryScalar
			case "EXISTS":
				s.Kind = tree.SubqueryExists
			case "ANY":
				s.Kind = tree.SubqueryAny
			default:
				n.unsupported(ruleSyntax, "subquery %q", kind)
			}
		case "subquery":
			s.Query = n.statement(v)
		case "child":
			s.Child = n.optional(v)
		case "comparison_type":
			if kind := n.value(v); string(kind) != "INVALID" {
				s.Op = n.comparator(kind)
			}
		default:
			return false
		}
		return true
	})
	n.require("subquery", s.Query != nil)
	if compared := s.Kind == tree.SubqueryAny; compared != (s.Child != nil) || compared != (s.Op != "") {
		n.unsupported(ruleSyntax, "subquery with a misplaced operand")
	}
	return s
}
