package postgres

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
	"github.com/sallyport-dev/sallyport/sqlguard/postgres/functions"
)

// functionSource lowers a function in FROM, for the rules to refuse. Several,
// and what only FROM can say about one, are refused here, by the rule of the
// first function that one refuses.
func (l *lowering) functionSource(v *fastjson.Value, own, around *scope) tree.Source {
	f := &tree.TableFunction{}
	var calls []*tree.Call
	rule, what := "", ""
	l.fields(v, "function in FROM", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "lateral":
			rule, what = ruleSources, "LATERAL"
		case "is_rowsfrom":
			rule, what = ruleFunction, "ROWS FROM"
		case "ordinality":
			f.Ordinality = l.flag(v)
		case "functions":
			l.from = around
			for _, item := range l.array(v) {
				calls = append(calls, l.fromCall(item))
			}
			l.from = own
		case "alias":
			f.Alias, f.Columns = l.alias(v)
		case "coldeflist":
			rule, what = ruleFunction, "columns defined for a function in FROM"
		default:
			return false
		}
		return true
	})
	l.require("function in FROM", len(calls) > 0)
	if l.err == nil && (rule != "" || len(calls) > 1) {
		for _, c := range calls {
			if verdict, judged := functions.Judge(c.Name); judged && !verdict.Allowed {
				rule = verdict.Rule
				break
			}
		}
		l.unsupported(rule, "%s", what)
	}
	if l.err != nil {
		return &tree.Table{}
	}
	f.Call = calls[0]
	typeStep(f.Call)
	own.add(f.Call.Name, f.Alias, seriesColumn(f), f.Columns)
	return f
}

// typeStep writes out the type of a step such as '1 day', which PostgreSQL gives
// it where the series is one of dates, so that the rules need not guess.
func typeStep(c *tree.Call) {
	if c.Name != "generate_series" || c.Schema != "" || len(c.Args) != 3 {
		return
	}
	start, isCast := c.Args[0].Expr.(*tree.Cast)
	step, isLiteral := c.Args[2].Expr.(*tree.Literal)
	if isCast && isLiteral && step.Kind == tree.LiteralString && (start.Type.Name == "date" || strings.HasPrefix(start.Type.Name, "timestamp")) {
		c.Args[2].Expr = &tree.Cast{Expr: step, Type: tree.Type{Name: "interval"}}
	}
}

// seriesColumn is the column of generate_series, which is called as the source
// is. Of other functions in FROM nothing is known.
func seriesColumn(f *tree.TableFunction) []string {
	switch {
	case f.Call.Name != "generate_series" || f.Call.Schema != "":
		return nil
	case f.Alias != "":
		return []string{f.Alias}
	default:
		return []string{f.Call.Name}
	}
}

// fromCall reads [function, column definitions].
func (l *lowering) fromCall(v *fastjson.Value) *tree.Call {
	kind, body := l.node(v)
	l.require("function in FROM", kind == "List")
	var parts []*fastjson.Value
	l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
		if string(key) != "items" {
			return false
		}
		parts = l.array(v)
		return true
	})
	if len(parts) != 2 {
		l.require("function in FROM", false)
		return &tree.Call{}
	}
	if definitions, err := parts[1].Object(); err != nil || definitions.Len() > 0 {
		l.unsupported(ruleFunction, "columns defined for a function in FROM")
	}
	call, ok := l.expr(parts[0]).(*tree.Call)
	if !ok {
		l.unsupported(ruleFunction, "something in FROM that is no call")
		return &tree.Call{}
	}
	return call
}
