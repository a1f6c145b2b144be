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
	params int
	err    error
}

// lower lowers the "statements" of one serialisation.
func lower(document *fastjson.Value) (*tree.Statement, error) {
	statements := document.GetArray("statements")
	switch len(statements) {
	case 0:
		return nil, dialect.ErrSyntax
	case 1:
	default:
		return nil, dialect.ErrMultiple
	}
	if isShow(statements[0]) {
		return lowerShow(statements[0])
	}
	l := &lowering{}
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
// it does not know. Deny by default starts here: no field goes unread. The key
// is bytes, as are the values of enumerations, since these are a view of the
// serialisation: what goes into the tree must be made a string of its own.
func (l *lowering) fields(v *fastjson.Value, node string, take func(key []byte, v *fastjson.Value) bool) {
	if v == nil || v.Type() != fastjson.TypeObject {
		l.unsupported(ruleSyntax, "%s that is no object", node)
		return
	}
	object := v.GetObject()
	object.Visit(func(key []byte, field *fastjson.Value) {
		if l.err == nil && !take(key, field) {
			l.unsupported(ruleSyntax, "field %q of %s", key, node)
		}
	})
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

// value reads a string field whose values are DuckDB's own words.
func (l *lowering) value(v *fastjson.Value) []byte {
	b, err := v.StringBytes()
	if err != nil {
		l.unsupported(ruleSyntax, "a %s where text was expected", v.Type())
	}
	return b
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

// maxDigits is as long as most numbers are; a longer one takes more memory.
const maxDigits = 32

// number is a JSON number in its own spelling.
func (l *lowering) number(v *fastjson.Value) string {
	if v.Type() != fastjson.TypeNumber {
		l.unsupported(ruleSyntax, "a %s where a number was expected", v.Type())
		return ""
	}
	var digits [maxDigits]byte
	return string(v.MarshalTo(digits[:0]))
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
	if !isEmpty(v) {
		l.unsupported(rule, "%s", what)
	}
}

// mustLack is mustBeEmpty for a field of a node.
func (l *lowering) mustLack(v *fastjson.Value, rule string, key []byte, node string) {
	if !isEmpty(v) {
		l.unsupported(rule, "%s of %s", key, node)
	}
}

func isEmpty(v *fastjson.Value) bool {
	switch v.Type() {
	case fastjson.TypeNull, fastjson.TypeFalse:
		return true
	case fastjson.TypeString:
		return len(v.GetStringBytes()) == 0
	case fastjson.TypeArray:
		return len(v.GetArray()) == 0
	default:
		return false
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
