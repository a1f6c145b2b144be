package duckdb

import (
	"reflect"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// isShow reports whether a statement is DESCRIBE, SHOW or SUMMARIZE, which
// DuckDB parses to SELECT * FROM a source of its own.
func isShow(statement *fastjson.Value) bool {
	return string(statement.GetStringBytes("node", "from_table", "type")) == "SHOW_REF"
}

// lowerShow lowers such a statement.
func lowerShow(statement *fastjson.Value) (*tree.Statement, error) {
	l := &lowering{}
	shown := &tree.Statement{}
	var from *fastjson.Value
	q := &tree.Query{}
	l.fields(statement, "statement", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "node":
			from = v.Get("from_table")
			// The rest must be the bare SELECT * that the parser writes.
			v.Set("from_table", fastjson.MustParse(emptySource))
			q = l.query(v)
		case "named_param_map":
		default:
			return false
		}
		return true
	})
	if l.err != nil {
		return nil, l.err
	}
	if !reflect.DeepEqual(q, &tree.Query{Body: &tree.Select{Items: []tree.Expr{&tree.Star{}}}}) {
		return nil, &dialect.UnsupportedError{Rule: ruleStatement, What: "DESCRIBE or SHOW inside a query"}
	}
	l.fields(from, "SHOW", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "type", "query_location":
		case "query":
			if v.Type() != fastjson.TypeNull {
				shown.Query = l.query(v)
			}
		case "show_type":
			shown.Kind = l.showKind(from)
		case "table_name":
		default:
			l.mustLack(v, ruleCatalog, key, "SHOW")
		}
		return true
	})
	if l.err == nil && (shown.Kind == tree.KindDescribe) != (shown.Query != nil) {
		l.unsupported(ruleCatalog, "SHOW of this kind")
	}
	if l.err != nil {
		return nil, l.err
	}
	shown.Params = l.params
	return shown, nil
}

const emptySource = `{"type":"EMPTY","alias":"","sample":null,"query_location":0}`

func (l *lowering) showKind(show *fastjson.Value) tree.StatementKind {
	switch kind := string(show.GetStringBytes("show_type")); kind {
	case "DESCRIBE":
		return tree.KindDescribe
	case "SHOW_UNQUALIFIED":
		if string(show.GetStringBytes("table_name")) == `"tables"` {
			return tree.KindShowTables
		}
		l.unsupported(ruleCatalog, "SHOW of %s", show.GetStringBytes("table_name"))
	case "SUMMARY":
		l.unsupported(ruleStatement, "SUMMARIZE")
	default:
		l.unsupported(ruleCatalog, "SHOW of kind %q", kind)
	}
	return tree.KindInvalid
}
