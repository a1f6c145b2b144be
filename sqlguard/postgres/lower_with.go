package postgres

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (l *lowering) with(v *fastjson.Value, q *tree.Query) {
	l.fields(v, "WITH", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "recursive":
			l.unsupported(ruleRecursive, "WITH RECURSIVE")
		case "ctes":
			for _, item := range l.array(v) {
				kind, body := l.node(item)
				l.require("WITH", kind == "CommonTableExpr")
				c := l.cte(body)
				columns := c.Columns
				if len(columns) == 0 {
					columns = outputs(c.Query)
				}
				q.CTEs = append(q.CTEs, c)
				l.ctes = &cteScope{name: c.Name, columns: columns, query: c.Query, outer: l.ctes}
			}
		default:
			return false
		}
		return true
	})
}

func (l *lowering) cte(v *fastjson.Value) tree.CTE {
	var c tree.CTE
	l.fields(v, "CTE", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "ctename":
			c.Name = l.text(v)
		case "aliascolnames":
			c.Columns = l.names(v)
		case "ctematerialized":
			// How the engine evaluates it does not change the answer.
			l.word(v, materialized)
		case "ctequery":
			kind, body := l.node(v)
			if kind != "SelectStmt" {
				l.unsupported(ruleStatement, "%s in WITH", kind)
				return true
			}
			c.Query = l.query(body)
		case "search_clause", "cycle_clause":
			l.unsupported(ruleRecursive, "SEARCH or CYCLE")
		default:
			return false
		}
		return true
	})
	l.require("CTE", c.Query != nil && c.Name != "")
	return c
}

var materialized = map[string]string{"CTEMaterializeDefault": "", "CTEMaterializeAlways": "", "CTEMaterializeNever": ""}
