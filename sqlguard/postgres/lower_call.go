package postgres

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
)

// systemSchema is where PostgreSQL's own functions, operators and types are.
const systemSchema = "pg_catalog"

// countStar is the name of count(*), which is no function of its own.
const countStar = "count_star"

// orderedSet are the aggregates that are written WITHIN GROUP (ORDER BY …),
// and only so.
var orderedSet = map[string]bool{"mode": true, "percentile_cont": true, "percentile_disc": true}

func (l *lowering) call(v *fastjson.Value) tree.Expr {
	c := tree.Call{}
	var over *fastjson.Value
	star, within := false, false
	l.fields(v, "call", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "funcname":
			l.functionName(v, &c)
		case "args":
			for _, item := range l.array(v) {
				c.Args = append(c.Args, l.arg(item))
			}
		case "agg_order":
			c.OrderBy = l.orders(v, nil)
		case "agg_filter":
			c.Filter = l.expr(v)
		case "agg_distinct":
			c.Distinct = l.flag(v)
		case "agg_star":
			star = l.flag(v)
		case "agg_within_group":
			within = l.flag(v)
		case "func_variadic":
			l.unsupported(ruleFunction, "VARIADIC")
		case "over":
			over = v
		case "funcformat":
			// How it was written, SUBSTRING(a FROM 1) or substring(a, 1).
			l.word(v, callFormats)
		default:
			return false
		}
		return true
	})
	l.require("call", c.Name != "")
	if l.err != nil {
		return nil
	}
	l.checkName(&c)
	if star {
		if c.Name != "count" || len(c.Args) > 0 || len(c.OrderBy) > 0 || c.Distinct {
			l.unsupported(ruleFunction, "%s(*)", c.Name)
		}
		c.Name = countStar
	}
	if verdict, judged := functions.Judge(c.Name); within != orderedSet[c.Name] && judged && verdict.Allowed {
		l.unsupported(ruleFunction, "%q with or without WITHIN GROUP", c.Name)
	}
	l.checkCall(&c)
	if over != nil {
		return l.window(over, c)
	}
	return &c
}

var callFormats = map[string]string{"COERCE_EXPLICIT_CALL": "", "COERCE_SQL_SYNTAX": ""}

// functionName reads a name of up to three parts. That of pg_catalog is
// dropped, since rendering writes it.
func (l *lowering) functionName(v *fastjson.Value, c *tree.Call) {
	parts := l.names(v)
	switch {
	case len(parts) == 1:
		c.Name = parts[0]
	case len(parts) == 2 && parts[0] == systemSchema:
		c.Name = parts[1]
	case len(parts) == 2:
		c.Schema, c.Name = parts[0], parts[1]
	case len(parts) == 3:
		c.Catalog, c.Schema, c.Name = parts[0], parts[1], parts[2]
	}
	l.require("call", c.Name != "")
}

// checkName refuses names that are written as no function of PostgreSQL is,
// since the rules do not tell "Abs" from abs, and those of what the grammar
// has a word for: "least"(…) is not LEAST(…).
func (l *lowering) checkName(c *tree.Call) {
	if strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		l.unsupported(ruleFunction, "function %q", c.Name)
	}
	if verdict, judged := functions.Judge(c.Name); judged && verdict.Allowed && verdict.Grammar {
		l.unsupported(ruleFunction, "function %q", c.Name)
	}
}

// arg lowers an argument. Only functions that make dates take names: with
// names the arguments come in any order, and rules count them.
func (l *lowering) arg(v *fastjson.Value) tree.Arg {
	if v.Get("NamedArgExpr") == nil {
		return tree.Arg{Expr: l.expr(v)}
	}
	var a tree.Arg
	kind, body := l.node(v)
	l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "name":
			a.Name = l.text(v)
		case "arg":
			a.Expr = l.expr(v)
		case "argnumber":
			return l.integer(v) == -1
		default:
			return false
		}
		return true
	})
	l.require("argument", a.Name != "" && a.Expr != nil)
	return a
}
