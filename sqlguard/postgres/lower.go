package postgres

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// The rule ids under which parts that the adapter does not lower are refused.
const (
	ruleSyntax    = "sql.syntax"
	ruleEncoding  = "sql.encoding"
	ruleStatement = "sql.statement"
	ruleRecursive = "sql.recursive_cte"
	ruleGenerator = "sql.generator"
	ruleFunction  = "sql.function"
	ruleCatalog   = "sql.catalog"
	ruleTable     = "sql.table"
	ruleColumn    = "sql.column"
	ruleRows      = "sql.rows"
	ruleOrderBy   = "sql.order_by"
	ruleSources   = "sql.multiple_sources"
	ruleDepth     = "sql.depth"
)

// lowering turns PostgreSQL's parse tree into the neutral one. The first thing
// it does not know ends it: err is set, and what is built is dropped.
type lowering struct {
	params int
	err    error
	ctes   *cteScope // that are visible
	from   *scope    // the sources whose columns may be named
	// reads are the queries that WITH names, by the tables that stand for them.
	reads map[*tree.Table]*tree.Query
	// windows are those that the SELECT names; copies counts the expressions
	// that they come to, while copying is set.
	windows *windowNames
	copying bool
	copies  int
}

// lower lowers the document of one parse.
func lower(document *fastjson.Value) (*tree.Statement, error) {
	l := &lowering{reads: map[*tree.Table]*tree.Query{}}
	s := &tree.Statement{Kind: tree.KindQuery}
	l.fields(document, "parse", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "version":
		case "stmts":
			switch statements := l.array(v); len(statements) {
			case 0:
			case 1:
				l.raw(statements[0], s)
			default:
				l.fail(dialect.ErrMultiple)
			}
		default:
			return false
		}
		return true
	})
	if s.Query == nil && s.Kind != tree.KindShowTables {
		l.fail(dialect.ErrSyntax) // nothing but blanks and semicolons
	}
	if l.err == nil && readsMadeText(s.Query, l.reads) {
		l.unsupported(ruleFunction, "date or number read from a text that is put together")
	}
	if l.err != nil {
		return nil, l.err
	}
	s.Params = l.params
	return s, nil
}

func (l *lowering) raw(v *fastjson.Value, s *tree.Statement) {
	l.fields(v, "statement", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "stmt_location", "stmt_len":
		case "stmt":
			l.statement(v, s)
		default:
			return false
		}
		return true
	})
}

func (l *lowering) statement(v *fastjson.Value, s *tree.Statement) {
	switch kind, body := l.node(v); kind {
	case "SelectStmt":
		s.Query = l.query(body)
	case "ExplainStmt":
		s.Kind = tree.KindExplain
		l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
			if string(key) != "query" {
				l.unsupported(ruleStatement, "EXPLAIN with %s", key)
				return true
			}
			explained, body := l.node(v)
			if explained != "SelectStmt" {
				l.unsupported(ruleStatement, "EXPLAIN of %s", explained)
				return true
			}
			s.Query = l.query(body)
			return true
		})
	case "VariableShowStmt":
		// To PostgreSQL that is a setting of this name. The guard answers it.
		if string(body.GetStringBytes("name")) != "tables" {
			l.unsupported(ruleCatalog, "SHOW of a setting")
		}
		s.Kind = tree.KindShowTables
	default:
		l.fail(dialect.ErrNotQuery)
	}
}

func (l *lowering) fail(err error) {
	if l.err == nil {
		l.err = err
	}
}

// unsupported refuses the statement; what names the part, for the log.
func (l *lowering) unsupported(rule, what string, args ...any) {
	if l.err == nil {
		l.err = &dialect.UnsupportedError{Rule: rule, What: fmt.Sprintf(what, args...)}
	}
}

// fields gives every field of an object to take, which returns false for one
// it does not know. Deny by default starts here: no field goes unread but the
// place in the text. A field that the parser leaves out is null, 0 or false.
func (l *lowering) fields(v *fastjson.Value, node string, take func(key []byte, v *fastjson.Value) bool) {
	if v == nil || v.Type() != fastjson.TypeObject {
		l.unsupported(ruleSyntax, "%s that is no object", node)
		return
	}
	object := v.GetObject()
	object.Visit(func(key []byte, field *fastjson.Value) {
		if l.err != nil || string(key) == "location" {
			return
		}
		if !take(key, field) {
			l.unsupported(ruleSyntax, "field %q of %s", key, node)
		}
	})
}

// node splits {"Kind": {…}}, as the parse tree writes a node whose kind is not
// given by its place.
func (l *lowering) node(v *fastjson.Value) (kind string, body *fastjson.Value) {
	if l.err != nil {
		return "", nil
	}
	if v == nil || v.Type() != fastjson.TypeObject || v.GetObject().Len() != 1 {
		l.unsupported(ruleSyntax, "a node of no kind")
		return "", nil
	}
	v.GetObject().Visit(func(key []byte, field *fastjson.Value) { kind, body = nodeKind(key), field })
	return kind, body
}

// text reads a string field.
func (l *lowering) text(v *fastjson.Value) string {
	b, err := v.StringBytes()
	switch {
	case err != nil:
		l.unsupported(ruleSyntax, "a %s where text was expected", v.Type())
	case !utf8.Valid(b) || strings.IndexByte(string(b), 0) >= 0:
		l.unsupported(ruleEncoding, "text that is no UTF-8")
	}
	return string(b)
}

// name reads a String node.
func (l *lowering) name(v *fastjson.Value) string {
	kind, body := l.node(v)
	if kind != "String" {
		l.unsupported(ruleSyntax, "%q where a name was expected", kind)
		return ""
	}
	var name string
	l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
		if string(key) != "sval" {
			return false
		}
		name = l.text(v)
		return true
	})
	return name
}

func (l *lowering) names(v *fastjson.Value) []string {
	items := l.array(v)
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = l.name(item)
	}
	return list
}

func (l *lowering) array(v *fastjson.Value) []*fastjson.Value {
	items, err := v.Array()
	if err != nil {
		l.unsupported(ruleSyntax, "a %s where a list was expected", v.Type())
	}
	return items
}

func (l *lowering) flag(v *fastjson.Value) bool {
	b, err := v.Bool()
	if err != nil {
		l.unsupported(ruleSyntax, "a %s where true or false was expected", v.Type())
	}
	return b
}

func (l *lowering) integer(v *fastjson.Value) int {
	n, err := v.Int()
	if err != nil {
		l.unsupported(ruleSyntax, "a %s where an integer was expected", v.Type())
	}
	return n
}

// word translates one of the parser's enumeration values.
func (l *lowering) word(v *fastjson.Value, words map[string]string) string {
	text := l.text(v)
	word, ok := words[text]
	if !ok {
		l.unsupported(ruleSyntax, "the value %q", text)
	}
	return word
}

// require refuses a node that lacks a part.
func (l *lowering) require(node string, present bool) {
	if !present {
		l.unsupported(ruleSyntax, "incomplete %s", node)
	}
}

// maxParams bounds how many parameters a statement may have.
const maxParams = 100

// param notes a positional parameter.
func (l *lowering) param(body *fastjson.Value) tree.Expr {
	p := &tree.Param{}
	l.fields(body, "ParamRef", func(key []byte, v *fastjson.Value) bool {
		if string(key) != "number" {
			return false
		}
		p.Number = l.integer(v)
		return true
	})
	if p.Number < 1 || p.Number > maxParams {
		l.unsupported(ruleSyntax, "parameter that is not $1 to $%s", strconv.Itoa(maxParams))
	}
	l.params = max(l.params, p.Number)
	return p
}
