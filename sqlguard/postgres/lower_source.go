package postgres

import (
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// defaultSchema is the schema of tables without one. Rendering names it, so
// that the server does not look anywhere else.
const defaultSchema = "public"

// sources lowers FROM; the comma is a CROSS JOIN. Queries in FROM do not see
// the sources beside them, only those around.
func (l *lowering) sources(v *fastjson.Value, around *scope) tree.Source {
	own := l.from
	var all tree.Source
	for _, item := range l.array(v) {
		s := l.source(item, own, around)
		if all == nil {
			all = s
		} else {
			all = &tree.Join{Kind: tree.JoinCross, Left: all, Right: s}
		}
	}
	l.from = own
	l.require("FROM", all != nil)
	return all
}

func (l *lowering) source(v *fastjson.Value, own, around *scope) tree.Source {
	switch kind, body := l.node(v); kind {
	case "RangeVar":
		return l.table(body, own)
	case "RangeTableSample":
		return l.sampled(body, own)
	case "RangeSubselect":
		return l.subquerySource(body, own, around)
	case "RangeFunction":
		return l.functionSource(body, own, around)
	case "JoinExpr":
		return l.join(body, own, around)
	case "RangeTableFunc", "JsonTable":
		l.unsupported(ruleGenerator, "%s", kind)
	default:
		l.unsupported(ruleSyntax, "source %q", kind)
	}
	return &tree.Table{} // never seen: l.err is set
}

func (l *lowering) table(v *fastjson.Value, own *scope) *tree.Table {
	t := &tree.Table{}
	inherited := false
	l.fields(v, "table", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "catalogname":
			t.Catalog = l.text(v)
		case "schemaname":
			t.Schema = l.text(v)
		case "relname":
			t.Name = l.text(v)
		case "inh":
			inherited = l.flag(v)
		case "relpersistence":
			l.word(v, persistence)
		case "alias":
			t.Alias, t.Columns = l.alias(v)
		default:
			return false
		}
		return true
	})
	l.require("table", t.Name != "")
	if !inherited {
		l.unsupported(ruleSyntax, "ONLY")
	}
	cte := l.ctes.find(t.Name)
	switch {
	case t.Schema == "" && cte != nil:
		own.add(t.Name, t.Alias, cte.columns, t.Columns)
		l.reads[t] = cte.query
		return t
	case systemRelation(t.Schema, t.Name):
		l.unsupported(ruleCatalog, "relation %q of schema %q", t.Name, t.Schema)
	case t.Schema == defaultSchema && t.Catalog == "":
		// Without its schema the rules would take it for the CTE.
		if cte != nil {
			l.unsupported(ruleTable, "table %q, which is also the name of a CTE", t.Name)
		}
		t.Schema = ""
	}
	if strings.Contains(t.Schema+t.Name, ".") {
		l.unsupported(ruleTable, "relation %q with a dot in its name", t.Name)
	}
	own.add(t.Name, t.Alias, nil, t.Columns)
	return t
}

// persistence is what a relation that is only named has.
var persistence = map[string]string{"p": ""}

// add names a source; the alias takes the place of its name, and renames of
// columns that of the names that are known.
func (s *scope) add(name, alias string, columns, renamed []string) {
	if alias != "" {
		name = alias
	}
	if len(renamed) > 0 {
		columns = renamed
	}
	s.sources = append(s.sources, named{name: name, columns: columns})
}

func (l *lowering) alias(v *fastjson.Value) (name string, columns []string) {
	l.fields(v, "alias", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "aliasname":
			name = l.text(v)
		case "colnames":
			columns = l.names(v)
		default:
			return false
		}
		return true
	})
	return name, columns
}

// sampled lowers TABLESAMPLE by the two methods that PostgreSQL has itself.
func (l *lowering) sampled(v *fastjson.Value, own *scope) tree.Source {
	s := &tree.Sample{Percent: true}
	var t *tree.Table
	l.fields(v, "TABLESAMPLE", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "relation":
			if kind, body := l.node(v); kind == "RangeVar" {
				t = l.table(body, own)
			}
		case "method":
			if name := l.names(v); len(name) == 1 && (name[0] == "bernoulli" || name[0] == "system") {
				s.Method = name[0]
			} else {
				l.unsupported(ruleFunction, "sampling by %q", name)
			}
		case "args":
			if args := l.list(v); len(args) == 1 {
				s.Size = l.sampleNumber(args[0])
			}
		case "repeatable":
			s.Seed = l.sampleNumber(l.expr(v))
		default:
			return false
		}
		return true
	})
	l.require("TABLESAMPLE", t != nil && s.Size != "" && s.Method != "")
	if t == nil {
		return &tree.Table{}
	}
	t.Sample = s
	return t
}

func (l *lowering) sampleNumber(e tree.Expr) string {
	if literal, ok := e.(*tree.Literal); ok && literal.Kind == tree.LiteralNumber {
		return literal.Text
	}
	l.unsupported(ruleSyntax, "sample size or seed that is no number")
	return ""
}

// unnamed is what PostgreSQL 16 calls a query in FROM that has no name; those
// before want one.
const unnamed = "unnamed_subquery"

func (l *lowering) subquerySource(v *fastjson.Value, own, around *scope) *tree.Subquery {
	s := &tree.Subquery{Alias: unnamed}
	l.fields(v, "subquery", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "lateral":
			l.unsupported(ruleSources, "LATERAL")
		case "subquery":
			kind, body := l.node(v)
			if kind != "SelectStmt" {
				l.unsupported(ruleStatement, "%s in FROM", kind)
				return true
			}
			l.from = around
			s.Query = l.query(body)
			l.from = own
		case "alias":
			s.Alias, s.Columns = l.alias(v)
		default:
			return false
		}
		return true
	})
	l.require("subquery", s.Query != nil)
	own.add("", s.Alias, outputs(s.Query), s.Columns)
	return s
}

func (l *lowering) join(v *fastjson.Value, own, around *scope) *tree.Join {
	j := &tree.Join{}
	var on *fastjson.Value
	first := len(own.sources)
	l.fields(v, "join", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "jointype":
			j.Kind = tree.JoinKind(l.word(v, joinTypes))
		case "isNatural":
			j.Natural = l.flag(v)
		case "larg":
			j.Left = l.source(v, own, around)
		case "rarg":
			j.Right = l.source(v, own, around)
		case "usingClause":
			j.Using = l.names(v)
		case "quals":
			on = v
		case "alias", "join_using_alias":
			l.unsupported(ruleSources, "alias of a join")
		default:
			return false
		}
		return true
	})
	l.require("join", j.Left != nil && j.Right != nil)
	if on != nil {
		// ON sees the sources of its join alone.
		l.from = &scope{sources: own.sources[first:], outer: around}
		j.On = l.expr(on)
		l.from = own
	}
	if j.Kind == tree.JoinInner && j.On == nil && j.Using == nil && !j.Natural {
		j.Kind = tree.JoinCross
	}
	return j
}

var joinTypes = map[string]string{
	"JOIN_INNER": string(tree.JoinInner), "JOIN_LEFT": string(tree.JoinLeft),
	"JOIN_RIGHT": string(tree.JoinRight), "JOIN_FULL": string(tree.JoinFull),
}
