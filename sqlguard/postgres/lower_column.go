package postgres

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// path reads a ColumnRef: its names, and whether a star ends them.
func (l *lowering) path(v *fastjson.Value) (path []string, star bool) {
	l.fields(v, "column", func(key []byte, v *fastjson.Value) bool {
		if string(key) != "fields" {
			return false
		}
		for _, item := range l.array(v) {
			l.require("column", !star)
			if kind, body := l.node(item); kind == "A_Star" {
				l.fields(body, kind, func([]byte, *fastjson.Value) bool { return false })
				star = true
				continue
			}
			path = append(path, l.name(item))
		}
		return true
	})
	return path, star
}

// star lowers * and t.* where they may stand, in a SELECT list; nil is
// anything else.
func (l *lowering) star(v *fastjson.Value) tree.Expr {
	kind, body := l.node(v)
	if kind != "ColumnRef" || body.Get("fields") == nil {
		return nil
	}
	fields := body.GetArray("fields")
	if len(fields) == 0 || fields[len(fields)-1].Get("A_Star") == nil {
		return nil
	}
	path, _ := l.path(body)
	s := &tree.Star{}
	switch len(path) {
	case 0:
	case 1:
		s.Relation = path[0]
	default:
		l.unsupported(ruleColumn, "star over a qualified relation")
	}
	return s
}

// singleName is the name of a column that stands alone, empty for anything
// else.
func (l *lowering) singleName(v *fastjson.Value) string {
	kind, body := l.node(v)
	if kind != "ColumnRef" {
		return ""
	}
	if path, star := l.path(body); len(path) == 1 && !star {
		return path[0]
	}
	return ""
}

func (l *lowering) column(v *fastjson.Value) tree.Expr {
	path, star := l.path(v)
	switch {
	case l.err != nil:
	case star:
		l.unsupported(ruleColumn, "whole row as a value")
	case len(path) == 1 && l.from.wholeRow(path[0]):
		l.unsupported(ruleColumn, "whole row of %q", path[0])
	case len(path) > 1 && rowFunctions[path[len(path)-1]] && !l.from.has(path[len(path)-2], path[len(path)-1]):
		l.unsupported(ruleFunction, "%q, which may be a function of the whole row", path[len(path)-1])
	}
	return l.plainColumn(path)
}

// rowFunctions take a whole row, or anything. To PostgreSQL t.f is f(t) when t
// has no column f. Missing are functions whose names are columns more often,
// and that tell nothing of the row: count, rank and the like.
var rowFunctions = map[string]bool{
	"any_value": true, "any_out": true, "anycompatible_out": true, "anycompatiblenonarray_out": true, "anyelement_out": true, "anynonarray_out": true,
	"array_agg": true, "concat": true, "hash_record": true, "json_agg": true, "json_build_array": true, "json_build_object": true,
	"jsonb_agg": true, "jsonb_build_array": true, "jsonb_build_object": true, "pg_collation_for": true, "pg_column_compression": true,
	"pg_column_size": true, "pg_typeof": true, "quote_literal": true, "quote_nullable": true, "record_out": true, "record_send": true,
	"row_to_json": true, "to_json": true, "to_jsonb": true, "json_agg_strict": true, "jsonb_agg_strict": true, "max": true, "min": true,
	"num_nulls": true, "num_nonnulls": true,
}

func (l *lowering) plainColumn(path []string) tree.Expr {
	l.require("column", len(path) > 0 && len(path) <= 3)
	if len(path) > 0 && systemColumns[path[len(path)-1]] {
		l.unsupported(ruleCatalog, "column %q", path[len(path)-1])
	}
	return &tree.Column{Path: path}
}
