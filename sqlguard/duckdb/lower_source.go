package duckdb

import (
	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// source lowers a TableRef; EMPTY, the absence of FROM, is nil.
func (l *lowering) source(v *fastjson.Value) tree.Source {
	if l.err != nil {
		return nil
	}
	switch kind := v.GetStringBytes("type"); string(kind) {
	case "EMPTY":
		l.fields(v, "EMPTY", func(key []byte, v *fastjson.Value) bool {
			var alias string
			var sample *tree.Sample
			if !l.commonSource(key, v, &alias, &sample) {
				return false
			}
			if alias != "" || sample != nil {
				l.unsupported(ruleSyntax, "alias or sample of nothing")
			}
			return true
		})
		return nil
	case "BASE_TABLE":
		return l.table(v)
	case "SUBQUERY":
		return l.subquerySource(v)
	case "EXPRESSION_LIST":
		l.unsupported(ruleSyntax, "VALUES that is no query of its own")
	case "TABLE_FUNCTION":
		return l.tableFunction(v)
	case "JOIN":
		return l.join(v)
	case "PIVOT":
		l.unsupported(ruleStatement, "PIVOT or UNPIVOT")
	case "SHOW_REF":
		l.unsupported(ruleStatement, "DESCRIBE, SHOW or SUMMARIZE in FROM")
	default:
		l.unsupported(ruleSyntax, "source %q", kind)
	}
	return nil
}

// commonSource lowers the fields that every TableRef has.
func (l *lowering) commonSource(key []byte, v *fastjson.Value, alias *string, sample **tree.Sample) bool {
	switch string(key) {
	case "type", "query_location":
	case "alias":
		*alias = l.text(v)
	case "sample":
		*sample = l.sample(v)
	default:
		return false
	}
	return true
}

func (l *lowering) table(v *fastjson.Value) *tree.Table {
	t := &tree.Table{}
	l.fields(v, "table", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "catalog_name":
			t.Catalog = l.text(v)
		case "schema_name":
			t.Schema = l.text(v)
		case "table_name":
			t.Name = l.text(v)
		case "column_name_alias":
			t.Columns = l.texts(v)
		case "at_clause":
			l.mustBeEmpty(v, ruleSyntax, "AT clause")
		default:
			return l.commonSource(key, v, &t.Alias, &t.Sample)
		}
		return true
	})
	l.require("table", t.Name != "")
	return t
}

func (l *lowering) subquerySource(v *fastjson.Value) *tree.Subquery {
	s := &tree.Subquery{}
	l.fields(v, "subquery", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "subquery":
			s.Query = l.statement(v)
		case "column_name_alias":
			s.Columns = l.texts(v)
		default:
			return l.commonSource(key, v, &s.Alias, &s.Sample)
		}
		return true
	})
	l.require("subquery", s.Query != nil)
	return s
}

func (l *lowering) tableFunction(v *fastjson.Value) *tree.TableFunction {
	s := &tree.TableFunction{}
	l.fields(v, "table function", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "function":
			call, ok := l.expr(v).(*tree.Call)
			if !ok {
				l.unsupported(ruleFunction, "table function that is no call")
				return true
			}
			s.Call = call
		case "column_name_alias":
			s.Columns = l.texts(v)
		case "with_ordinality":
			switch mode := l.value(v); string(mode) {
			case "WITHOUT_ORDINALITY":
			case "WITH_ORDINALITY":
				s.Ordinality = true
			default:
				l.unsupported(ruleSyntax, "ordinality %q", mode)
			}
		default:
			return l.commonSource(key, v, &s.Alias, &s.Sample)
		}
		return true
	})
	l.require("table function", s.Call != nil)
	return s
}

func (l *lowering) join(v *fastjson.Value) *tree.Join {
	j := &tree.Join{}
	var refType []byte
	l.fields(v, "join", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "left":
			j.Left = l.source(v)
		case "right":
			j.Right = l.source(v)
		case "condition":
			j.On = l.optional(v)
		case "join_type":
			j.Kind = tree.JoinKind(l.word(v, joinTypes))
		case "ref_type":
			refType = l.value(v)
		case "using_columns":
			j.Using = l.texts(v)
		case "delim_flipped", "is_implicit":
		case "duplicate_eliminated_columns":
			l.mustLack(v, ruleSources, key, "a join")
		default:
			var alias string
			var sample *tree.Sample
			known := l.commonSource(key, v, &alias, &sample)
			if alias != "" || sample != nil {
				l.unsupported(ruleSources, "alias or sample of a join")
			}
			return known
		}
		return true
	})
	l.require("join", j.Left != nil && j.Right != nil)
	switch string(refType) {
	case "REGULAR":
	case "NATURAL":
		j.Natural = true
	case "CROSS":
		j.Kind = tree.JoinCross
	case "ASOF":
		j.AsOf = true
	case "POSITIONAL":
		j.Kind = tree.JoinPositional
	default:
		l.unsupported(ruleSources, "join %q", refType)
	}
	return j
}

var joinTypes = map[string]string{
	"INNER": string(tree.JoinInner), "LEFT": string(tree.JoinLeft), "RIGHT": string(tree.JoinRight),
	"FULL": string(tree.JoinFull), "OUTER": string(tree.JoinFull), "SEMI": string(tree.JoinSemi), "ANTI": string(tree.JoinAnti),
}
