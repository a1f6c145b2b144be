package duckdb

import (
	"reflect"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// isValues reports whether a SELECT is what DuckDB makes of VALUES: SELECT *
// FROM a list under a name of its own.
func isValues(v *fastjson.Value) bool {
	return string(v.GetStringBytes("from_table", "type")) == "EXPRESSION_LIST"
}

// valuesNode lowers such a SELECT and its modifiers.
func (l *lowering) valuesNode(v *fastjson.Value, q *tree.Query) *tree.Values {
	list := v.Get("from_table")
	v.Set("from_table", fastjson.MustParse(emptySource))
	if around := l.selectNode(v, q); l.err == nil && !reflect.DeepEqual(around, &tree.Select{Items: []tree.Expr{&tree.Star{}}}) {
		l.unsupported(ruleSyntax, "VALUES inside a SELECT")
	}
	values := &tree.Values{}
	l.fields(list, "VALUES", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "values":
			for _, row := range l.array(v) {
				values.Rows = append(values.Rows, l.exprs(row))
			}
		case "expected_names", "expected_types":
			l.mustLack(v, ruleSyntax, key, "VALUES")
		default:
			var alias string
			var sample *tree.Sample
			known := l.commonSource(key, v, &alias, &sample)
			if alias != "" && alias != "valueslist" || sample != nil {
				l.unsupported(ruleSyntax, "alias or sample of VALUES")
			}
			return known
		}
		return true
	})
	l.require("VALUES", len(values.Rows) > 0)
	return values
}
