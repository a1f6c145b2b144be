package postgres

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// comparators are the operators that the rules know as comparisons.
var comparators = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true}

// operator lowers an A_Expr: everything that the grammar makes of an operator.
func (l *lowering) operator(v *fastjson.Value) tree.Expr {
	var kind, name string
	var left, right tree.Expr
	var list []tree.Expr
	l.fields(v, "operator", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "kind":
			kind = l.text(v)
		case "name":
			name = l.operatorName(v)
		case "lexpr":
			left = l.expr(v)
		case "rexpr":
			if v.Get("List") != nil {
				list = l.list(v)
				return true
			}
			right = l.expr(v)
		default:
			return false
		}
		return true
	})
	switch {
	case l.err != nil:
		return nil
	case list != nil:
		l.require("operator", left != nil)
		return l.ofList(kind, name, left, list)
	case right == nil:
		l.require("operator", false)
		return nil
	}
	quantifying := kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL"
	switch kind {
	case "AEXPR_OP", "AEXPR_LIKE", "AEXPR_ILIKE", "AEXPR_SIMILAR":
		return l.plainOperator(name, left, right)
	case "AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT", "AEXPR_NULLIF", "AEXPR_OP_ANY", "AEXPR_OP_ALL":
		l.require("operator", left != nil)
		if l.err != nil {
			return nil
		}
	default:
		l.unsupported(ruleSyntax, "operator %q", kind)
		return nil
	}
	l.require("operator", name == "=" || quantifying)
	switch kind {
	case "AEXPR_DISTINCT":
		return &tree.Compare{Op: "IS DISTINCT FROM", Left: left, Right: right}
	case "AEXPR_NOT_DISTINCT":
		return &tree.Compare{Op: "IS NOT DISTINCT FROM", Left: left, Right: right}
	case "AEXPR_NULLIF":
		return wordCall("nullif", left, right)
	case "AEXPR_OP_ANY":
		return l.ofArray(name, "ANY", left, right)
	default:
		return l.ofArray(name, "ALL", left, right)
	}
}

// operatorName reads the name of an operator. OPERATOR(schema.op) can name the
// operator of any schema: only those of pg_catalog have been judged.
func (l *lowering) operatorName(v *fastjson.Value) string {
	parts := l.names(v)
	if len(parts) == 2 && parts[0] == systemSchema {
		parts = parts[1:]
	}
	if len(parts) != 1 {
		l.unsupported(ruleFunction, "operator %q", parts)
		return ""
	}
	return parts[0]
}

func (l *lowering) plainOperator(name string, left, right tree.Expr) tree.Expr {
	if comparators[name] && left != nil {
		return &tree.Compare{Op: name, Left: left, Right: right}
	}
	c := &tree.Call{Name: name, Operator: true}
	if left != nil {
		c.Args = append(c.Args, tree.Arg{Expr: left})
	}
	c.Args = append(c.Args, tree.Arg{Expr: right})
	l.require("operator", operatorName(name))
	if left == nil && infixOnly[name] {
		l.unsupported(ruleFunction, "%q before its operand", name)
	}
	l.checkCall(c)
	return c
}

// infixOnly are the operators that the grammar takes before an operand only if
// they are written OPERATOR(op), and of which none is.
var infixOnly = map[string]bool{
	"*": true, "/": true, "%": true, "^": true, "<": true, ">": true, "=": true, "<=": true, ">=": true, "<>": true,
}

// ofList lowers IN (…) and BETWEEN.
func (l *lowering) ofList(kind, name string, left tree.Expr, list []tree.Expr) tree.Expr {
	two := len(list) == 2
	args := append([]tree.Expr{left}, list...)
	switch {
	case kind == "AEXPR_IN" && name == "=" && len(list) > 0:
		return &tree.Op{Kind: tree.OpIn, Args: args}
	case kind == "AEXPR_IN" && name == "<>" && len(list) > 0:
		return &tree.Op{Kind: tree.OpNotIn, Args: args}
	case kind == "AEXPR_BETWEEN" && two:
		return &tree.Between{Expr: left, Lower: list[0], Upper: list[1]}
	case kind == "AEXPR_NOT_BETWEEN" && two:
		return not(&tree.Between{Expr: left, Lower: list[0], Upper: list[1]})
	case kind == "AEXPR_BETWEEN_SYM" && two:
		return &tree.Op{Kind: opSymmetric, Args: args}
	case kind == "AEXPR_NOT_BETWEEN_SYM" && two:
		return not(&tree.Op{Kind: opSymmetric, Args: args})
	default:
		l.unsupported(ruleSyntax, "operator %q of a list", kind)
		return nil
	}
}

// ofArray lowers a op ANY (array). Patterns must be literals, one by one.
func (l *lowering) ofArray(name, word string, left, right tree.Expr) tree.Expr {
	patterns, known := quantifiable[name]
	if !known {
		l.unsupported(ruleFunction, "%s %s of an array", name, word)
	}
	if patterns {
		array, ok := right.(*tree.Op)
		if !ok || array.Kind != tree.OpArray {
			l.unsupported(ruleFunction, "patterns that are no literals")
			return nil
		}
		for _, e := range array.Args {
			if !shortText(e) {
				l.unsupported(ruleFunction, "a pattern that is no literal")
			}
		}
	}
	return &tree.Op{Kind: quantify(name, word), Args: []tree.Expr{left, right}}
}

// minMax lowers GREATEST and LEAST.
func (l *lowering) minMax(v *fastjson.Value) tree.Expr {
	name := ""
	var args []tree.Expr
	l.fields(v, "GREATEST, LEAST", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "op":
			name = l.word(v, minMaxNames)
		case "args":
			args = l.exprs(v)
		default:
			return false
		}
		return true
	})
	l.require("GREATEST, LEAST", name != "" && len(args) > 0)
	return wordCall(name, args...)
}

var minMaxNames = map[string]string{"IS_GREATEST": "greatest", "IS_LEAST": "least"}

// row lowers ROW(…) and (a, b), which mean the same.
func (l *lowering) row(v *fastjson.Value) tree.Expr {
	var args []tree.Expr
	l.fields(v, "row", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "args":
			args = l.exprs(v)
		case "row_format":
			l.word(v, rowFormats)
		default:
			return false
		}
		return true
	})
	l.require("row", len(args) > 0)
	return wordCall("row", args...)
}

var rowFormats = map[string]string{"COERCE_EXPLICIT_CALL": "", "COERCE_IMPLICIT_CAST": ""}

// wordCall is a call of what the grammar has a word for. A function of that
// name that is written as a call is refused, so the two are never mistaken.
func wordCall(name string, args ...tree.Expr) *tree.Call {
	c := &tree.Call{Name: name}
	for _, e := range args {
		c.Args = append(c.Args, tree.Arg{Expr: e})
	}
	return c
}

// valueFunction lowers CURRENT_DATE and the like. Those that tell of the
// session are refused by the list of functions.
func (l *lowering) valueFunction(v *fastjson.Value) tree.Expr {
	name := ""
	var args []tree.Expr
	l.fields(v, "CURRENT_DATE and the like", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "op":
			name = l.word(v, valueFunctions)
		case "typmod":
			if n := l.integer(v); n >= 0 {
				args = []tree.Expr{whole(n)}
			}
		default:
			return false
		}
		return true
	})
	l.require("CURRENT_DATE and the like", name != "")
	return wordCall(name, args...)
}

// The precision is kept with the type; a missing field is 0.
var valueFunctions = map[string]string{
	"SVFOP_CURRENT_DATE": "current_date", "SVFOP_CURRENT_TIME": "current_time", "SVFOP_CURRENT_TIMESTAMP": "current_timestamp",
	"SVFOP_LOCALTIME": "localtime", "SVFOP_LOCALTIMESTAMP": "localtimestamp",
	"SVFOP_CURRENT_TIME_N": "current_time", "SVFOP_CURRENT_TIMESTAMP_N": "current_timestamp",
	"SVFOP_LOCALTIME_N": "localtime", "SVFOP_LOCALTIMESTAMP_N": "localtimestamp",
	"SVFOP_CURRENT_ROLE": "current_role", "SVFOP_CURRENT_USER": "current_user", "SVFOP_USER": "user", "SVFOP_SESSION_USER": "session_user",
	"SVFOP_CURRENT_CATALOG": "current_catalog", "SVFOP_CURRENT_SCHEMA": "current_schema",
}
