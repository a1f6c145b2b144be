package postgres

import (
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
	own.add(f.Call.Name, f.Alias, nil, f.Columns, true)
	return f
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
