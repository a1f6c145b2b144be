package postgres

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (l *lowering) subquery(v *fastjson.Value) tree.Expr {
	s := &tree.SubqueryExpr{}
	kind, op := "", "="
	l.fields(v, "subquery", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "subLinkType":
			kind = l.text(v)
		case "testexpr":
			s.Child = l.expr(v)
		case "operName":
			op = l.operatorName(v)
		case "subselect":
			node, body := l.node(v)
			if node != "SelectStmt" {
				l.unsupported(ruleStatement, "%s in an expression", node)
				return true
			}
			s.Query = l.query(body)
		default:
			return false
		}
		return true
	})
	l.require("subquery", s.Query != nil)
	switch kind {
	case "EXPR_SUBLINK":
		s.Kind = tree.SubqueryScalar
	case "EXISTS_SUBLINK":
		s.Kind = tree.SubqueryExists
	case "ANY_SUBLINK", "ALL_SUBLINK":
		s.Kind, s.Op = tree.SubqueryAny, op
		if negated[op] == "" {
			l.unsupported(ruleFunction, "%s ANY or ALL of a query", op)
		}
		if kind == "ALL_SUBLINK" { // of all is not not of any
			s.Op = negated[op]
			l.require("subquery", s.Child != nil)
			return not(s)
		}
	default:
		l.unsupported(ruleFunction, "subquery %q", kind)
	}
	l.require("subquery", (s.Kind == tree.SubqueryAny) == (s.Child != nil))
	return s
}

// negated is the comparison that is true where the other is false.
var negated = map[string]string{"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
