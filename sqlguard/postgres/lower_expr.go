package postgres

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// optional lowers an expression that may be absent.
func (l *lowering) optional(v *fastjson.Value) tree.Expr {
	if v == nil {
		return nil
	}
	return l.expr(v)
}

func (l *lowering) exprs(v *fastjson.Value) []tree.Expr {
	items := l.array(v)
	list := make([]tree.Expr, len(items))
	for i, item := range items {
		list[i] = l.expr(item)
	}
	return list
}

// list lowers a List node, or an array of nodes.
func (l *lowering) list(v *fastjson.Value) []tree.Expr {
	if v.Type() == fastjson.TypeArray {
		return l.exprs(v)
	}
	var list []tree.Expr
	kind, body := l.node(v)
	l.require("list", kind == "List")
	l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
		if string(key) != "items" {
			return false
		}
		list = l.exprs(v)
		return true
	})
	return list
}

// expr lowers an expression.
func (l *lowering) expr(v *fastjson.Value) tree.Expr {
	if l.copying {
		l.copiedOne()
	}
	var e tree.Expr
	switch kind, v := l.node(v); kind {
	case "":
	case "ColumnRef":
		e = l.column(v)
	case "A_Const":
		e = l.constant(v)
	case "ParamRef":
		e = l.param(v)
	case "A_Expr":
		e = l.operator(v)
	case "FuncCall":
		e = l.call(v)
	case "TypeCast":
		e = l.cast(v)
	case "BoolExpr":
		e = l.logic(v)
	case "NullTest":
		e = l.test(v, kind, "nulltesttype", nullTests)
	case "BooleanTest":
		e = l.test(v, kind, "booltesttype", booleanTests)
	case "CaseExpr":
		e = l.caseExpr(v)
	case "CoalesceExpr":
		e = l.operands(tree.OpCoalesce, v, kind, "args", 1)
	case "A_ArrayExpr":
		e = l.operands(tree.OpArray, v, kind, "elements", 0)
	case "GroupingFunc":
		e = l.operands(tree.OpGrouping, v, kind, "args", 1)
	case "MinMaxExpr":
		e = l.minMax(v)
	case "RowExpr":
		e = l.row(v)
	case "SQLValueFunction":
		e = l.valueFunction(v)
	case "SubLink":
		e = l.subquery(v)
	case "A_Indirection":
		e = l.indirection(v)
	case "CollateClause":
		e = l.collate(v)
	case "JsonFuncExpr", "JsonObjectConstructor", "JsonArrayConstructor", "JsonArrayQueryConstructor", "JsonObjectAgg", "JsonArrayAgg",
		"JsonIsPredicate", "JsonParseExpr", "JsonScalarExpr", "JsonSerializeExpr", "JsonValueExpr", "XmlExpr", "XmlSerialize", "MergeSupportFunc":
		l.unsupported(ruleFunction, "%s", kind)
	default:
		l.unsupported(ruleSyntax, "expression %q", kind)
	}
	if e == nil {
		e = &tree.Literal{} // never seen: l.err is set
	}
	return e
}

// operands lowers a node whose only field is a list of expressions.
func (l *lowering) operands(op tree.OpKind, v *fastjson.Value, node, field string, atLeast int) tree.Expr {
	var list []tree.Expr
	l.fields(v, node, func(key []byte, v *fastjson.Value) bool {
		if string(key) != field {
			return false
		}
		list = l.exprs(v)
		return true
	})
	l.require(node, len(list) >= atLeast)
	return &tree.Op{Kind: op, Args: list}
}

func (l *lowering) logic(v *fastjson.Value) tree.Expr {
	op := ""
	var args []tree.Expr
	l.fields(v, "BoolExpr", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "boolop":
			op = l.word(v, logicOperators)
		case "args":
			args = l.exprs(v)
		default:
			return false
		}
		return true
	})
	if op == string(tree.OpNot) {
		l.require("NOT", len(args) == 1)
		return not(args...)
	}
	l.require("AND, OR", len(args) > 1)
	return &tree.Logic{Op: op, Args: args}
}

var logicOperators = map[string]string{"AND_EXPR": "AND", "OR_EXPR": "OR", "NOT_EXPR": "NOT"}

func not(args ...tree.Expr) tree.Expr { return &tree.Op{Kind: tree.OpNot, Args: args} }

// test lowers IS NULL, IS TRUE and the like.
func (l *lowering) test(v *fastjson.Value, node, field string, kinds map[string]string) tree.Expr {
	op := &tree.Op{}
	l.fields(v, node, func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "arg":
			op.Args = []tree.Expr{l.expr(v)}
		case field:
			op.Kind = tree.OpKind(l.word(v, kinds))
		default:
			return false
		}
		return true
	})
	l.require(node, len(op.Args) == 1 && op.Kind != "")
	return op
}

var (
	nullTests    = map[string]string{"IS_NULL": string(tree.OpIsNull), "IS_NOT_NULL": string(tree.OpIsNotNull)}
	booleanTests = map[string]string{
		"IS_TRUE": string(opIsTrue), "IS_NOT_TRUE": string(opIsNotTrue), "IS_FALSE": string(opIsFalse),
		"IS_NOT_FALSE": string(opIsNotFalse), "IS_UNKNOWN": string(opIsUnknown), "IS_NOT_UNKNOWN": string(opIsKnown),
	}
)

func (l *lowering) caseExpr(v *fastjson.Value) tree.Expr {
	var operand, otherwise tree.Expr
	var whens []tree.When
	l.fields(v, "CASE", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "arg":
			operand = l.expr(v)
		case "args":
			for _, item := range l.array(v) {
				whens = append(whens, l.when(item))
			}
		case "defresult":
			otherwise = l.expr(v)
		default:
			return false
		}
		return true
	})
	l.require("CASE", len(whens) > 0)
	if operand == nil {
		return &tree.Case{Whens: whens, Else: otherwise}
	}
	args := []tree.Expr{operand}
	for _, w := range whens {
		args = append(args, w.Cond, w.Then)
	}
	if otherwise != nil {
		args = append(args, otherwise)
	}
	return &tree.Op{Kind: opSimpleCase, Args: args}
}

func (l *lowering) when(v *fastjson.Value) tree.When {
	var w tree.When
	kind, body := l.node(v)
	l.require("WHEN", kind == "CaseWhen")
	l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "expr":
			w.Cond = l.expr(v)
		case "result":
			w.Then = l.expr(v)
		default:
			return false
		}
		return true
	})
	l.require("WHEN", w.Cond != nil && w.Then != nil)
	return w
}
