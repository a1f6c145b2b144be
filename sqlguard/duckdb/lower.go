package duckdb

import (
	"fmt"
	"strconv"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// lowering turns DuckDB's serialised tree into the neutral one. The first
// thing it does not know ends it: err is set, and what is built is dropped.
type lowering struct {
	names  fieldNames
	params int
	err    error
}

// lower lowers the "statements" of one serialisation. It adds to the names that
// are known.
func lower(document *fastjson.Value, known fieldNames) (*tree.Statement, error) {
	statements := document.GetArray("statements")
	switch len(statements) {
	case 0:
		return nil, dialect.ErrSyntax
	case 1:
	default:
		return nil, dialect.ErrMultiple
	}
	if isShow(statements[0]) {
		return lowerShow(statements[0], known)
	}
	l := &lowering{names: known}
	query := l.statement(statements[0])
	if l.err != nil {
		return nil, l.err
	}
	s := &tree.Statement{Kind: tree.KindQuery, Query: query, Params: l.params}
	return s, nil
}

// unsupported refuses the statement; what names the part, for the log.
func (l *lowering) unsupported(rule, what string, args ...any) {
	if l.err == nil {
		l.err = &dialect.UnsupportedError{Rule: rule, What: fmt.Sprintf(what, args...)}
	}
}

// fields gives every field of an object to take, which returns false for one
// it does not know. Deny by default starts here: no field goes unread.
func (l *lowering) fields(v *fastjson.Value, node string, take func(key string, v *fastjson.Value) bool) {
	if v == nil || v.Type() != fastjson.TypeObject {
		l.unsupported(ruleSyntax, "%s that is no object", node)
		return
	}
	object := v.GetObject()
	object.Visit(func(key []byte, field *fastjson.Value) {
		if l.err == nil && !take(l.names.intern(key), field) {
			l.unsupported(ruleSyntax, "field %q of %s", key, node)
		}
	})
}

// fieldNames keeps the names of fields, of which DuckDB has some hundred, so that
// not every field of every statement makes a new string.
type fieldNames map[string]string

// maxNames bounds what is kept, in case the names are not what they should be.
const maxNames = 512

func (n fieldNames) intern(key []byte) string {
	if name, ok := n[string(key)]; ok {
		return name
	}
	name := string(key)
	if len(n) < maxNames {
		n[name] = name
	}
	return name
}

// The rule ids under which parts that the adapter does not lower are refused.
const (
	ruleSyntax    = "sql.syntax"
	ruleStatement = "sql.statement"
	ruleFunction  = "sql.function"
	ruleSources   = "sql.multiple_sources"
	ruleCatalog   = "sql.catalog"
)

// text reads a string field.
func (l *lowering) text(v *fastjson.Value) string {
	b, err := v.StringBytes()
	if err != nil {
		l.unsupported(ruleSyntax, "a %s where text was expected", v.Type())
	}
	return string(b)
}

func (l *lowering) texts(v *fastjson.Value) []string {
	items := l.array(v)
	if len(items) == 0 {
		return nil
	}
	list := make([]string, len(items))
	for i, item := range items {
		list[i] = l.text(item)
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

func (l *lowering) integer(v *fastjson.Value) int64 {
	n, err := v.Int64()
	if err != nil {
		l.unsupported(ruleSyntax, "a %s where an integer was expected", v.Type())
	}
	return n
}

// number is a JSON number in its own spelling.
func (l *lowering) number(v *fastjson.Value) string {
	if v.Type() != fastjson.TypeNumber {
		l.unsupported(ruleSyntax, "a %s where a number was expected", v.Type())
		return ""
	}
	return string(v.MarshalTo(nil))
}

// require refuses a node that lacks a part. DuckDB always writes every part;
// the rules and the renderer rely on it.
func (l *lowering) require(node string, present bool) {
	if !present {
		l.unsupported(ruleSyntax, "incomplete %s", node)
	}
}

// mustBeEmpty refuses a part that nothing here lowers, unless it is absent.
func (l *lowering) mustBeEmpty(v *fastjson.Value, rule, what string) {
	switch v.Type() {
	case fastjson.TypeNull, fastjson.TypeFalse:
	case fastjson.TypeString:
		if len(v.GetStringBytes()) > 0 {
			l.unsupported(rule, "%s", what)
		}
	case fastjson.TypeArray:
		if len(v.GetArray()) > 0 {
			l.unsupported(rule, "%s", what)
		}
	default:
		l.unsupported(rule, "%s", what)
	}
}

// param notes a positional parameter; a named one is refused.
func (l *lowering) param(name string) int {
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > maxParams {
		l.unsupported(ruleSyntax, "parameter that is not $1 to $%d", maxParams)
		return 0
	}
	l.params = max(l.params, n)
	return n
}

// maxParams bounds how many parameters a statement may have.
const maxParams = 100
