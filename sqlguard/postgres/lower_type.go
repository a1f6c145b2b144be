package postgres

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// knownTypes are the types to which a query may cast, by their names in
// pg_catalog, with the number of modifiers each may have. A type that is not
// here may be one that a user made, whose input runs a function, or one that
// looks a name up in the catalog, such as regclass.
var knownTypes = map[string]int{
	"bool": 0, "int2": 0, "int4": 0, "int8": 0, "float4": 0, "float8": 0, "numeric": 2,
	"text": 0, "varchar": 1, "bpchar": 1, "bytea": 0, "uuid": 0, "json": 0, "jsonb": 0,
	"date": 0, "time": 1, "timetz": 1, "timestamp": 1, "timestamptz": 1, "interval": 2,
	"inet": 0, "cidr": 0, "macaddr": 0, "macaddr8": 0,
	"int4range": 0, "int8range": 0, "numrange": 0, "daterange": 0, "tsrange": 0, "tstzrange": 0,
}

// catalogTypes tell about the catalog.
var catalogTypes = map[string]bool{
	"regclass": true, "regcollation": true, "regconfig": true, "regdictionary": true, "regnamespace": true, "regoper": true, "regoperator": true,
	"regproc": true, "regprocedure": true, "regrole": true, "regtype": true, "oid": true, "aclitem": true, "pg_lsn": true,
	"pg_snapshot": true, "txid_snapshot": true, "xid": true, "xid8": true, "cid": true, "tid": true,
}

// bigint is the name by which the rules know int8, to which they cast a row
// limit.
const bigint = "BIGINT"

// systemType is the name of a lowered type in pg_catalog.
func systemType(t *tree.Type) string {
	if t.Name == bigint {
		return "int8"
	}
	return t.Name
}

// Type knows the types whose values are longer than what is cast to them: a
// byte may be written as \xAB or as four digits, quotes and backslashes double
// within arrays, rows and documents, and a number has as many digits as its
// exponent says.
func (a *Adapter) Type(t *tree.Type) dialect.Type {
	switch t.Name {
	case "text", "varchar", "json":
		return dialect.Type{Growth: 8, Text: true}
	case "jsonb":
		return dialect.Type{Growth: 8}
	case "numeric":
		if len(t.Modifiers) == 0 {
			return dialect.Type{Growth: 8}
		}
	case "bytea":
		return dialect.Type{Growth: 4}
	}
	return dialect.Type{Growth: 1}
}

const (
	maxPadding   = 256 // CHAR(n) pads to n
	maxModifier  = 1 << 20
	maxDimension = 6 // as PostgreSQL has it
)

func (l *lowering) cast(v *fastjson.Value) tree.Expr {
	c := &tree.Cast{}
	l.fields(v, "cast", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "arg":
			c.Expr = l.expr(v)
		case "typeName":
			c.Type = l.typeName(v)
		default:
			return false
		}
		return true
	})
	l.require("cast", c.Expr != nil && c.Type.Name != "")
	if literal, ok := c.Expr.(*tree.Literal); ok && readFrom(c) != nil && !c.Type.Holds("numeric") && madeZone.MatchString(literal.Text) {
		l.unsupported(ruleFunction, "date with a time zone of its own making")
	}
	return c
}

func (l *lowering) typeName(v *fastjson.Value) tree.Type {
	t := tree.Type{}
	dimensions := 0
	l.fields(v, "type", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "names":
			t.Name = l.knownType(l.names(v))
		case "typmods":
			t.Modifiers = l.modifiers(v)
		case "typemod":
			return l.integer(v) == -1
		case "arrayBounds":
			dimensions = l.dimensions(v)
		default: // SETOF, %TYPE
			return false
		}
		return true
	})
	if l.err != nil {
		return t
	}
	if len(t.Modifiers) > knownTypes[t.Name] || dimensions > maxDimension {
		l.unsupported(ruleSyntax, "modifiers of type %q", t.Name)
	}
	if t.Name == "bpchar" {
		if n, err := strconv.Atoi(strings.Join(t.Modifiers, "")); err != nil || n > maxPadding {
			l.unsupported(ruleSyntax, "CHAR of no or of great length")
		}
	}
	if t.Name == "int8" {
		t.Name = bigint
	}
	for range dimensions {
		elem := t
		t = tree.Type{Name: "LIST", Elem: &elem}
	}
	return t
}

// dimensions counts those of an array. PostgreSQL ignores their sizes.
func (l *lowering) dimensions(v *fastjson.Value) int {
	bounds := l.array(v)
	for _, bound := range bounds {
		kind, body := l.node(bound)
		l.require("array", kind == "Integer")
		l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
			l.integer(v)
			return string(key) == "ival"
		})
	}
	return len(bounds)
}

func (l *lowering) knownType(names []string) string {
	if len(names) == 2 && names[0] == systemSchema {
		names = names[1:]
	}
	if len(names) != 1 {
		l.unsupported(ruleSyntax, "type %q", names)
		return ""
	}
	if _, known := knownTypes[names[0]]; !known {
		rule := ruleSyntax
		if catalogTypes[names[0]] {
			rule = ruleCatalog
		}
		l.unsupported(rule, "type %q", names[0])
	}
	return names[0]
}

func (l *lowering) modifiers(v *fastjson.Value) []string {
	list := l.exprs(v)
	texts := make([]string, len(list))
	for i, e := range list {
		literal, ok := e.(*tree.Literal)
		if !ok || literal.Kind != tree.LiteralNumber {
			l.unsupported(ruleSyntax, "modifier of a type")
			return nil
		}
		n, err := strconv.Atoi(literal.Text)
		if err != nil || n < 0 || n > maxModifier {
			l.unsupported(ruleSyntax, "modifier of a type")
		}
		texts[i] = literal.Text
	}
	return texts
}
