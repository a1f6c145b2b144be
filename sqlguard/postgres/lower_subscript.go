package postgres

import (
	"slices"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// indirection lowers subscripts. A field, as in (x).f, is refused: whatever x
// is, to PostgreSQL it is also a call of the function f.
func (l *lowering) indirection(v *fastjson.Value) tree.Expr {
	var base tree.Expr
	var steps []*fastjson.Value
	nested := false
	l.fields(v, "subscript", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "arg":
			nested = v.Get("A_Indirection") != nil
			base = l.expr(v)
		case "indirection":
			steps = l.array(v)
		default:
			return false
		}
		return true
	})
	l.require("subscript", base != nil && len(steps) > 0)
	// (a[1])[2] is no a[1][2]: the one has an array of arrays, which no type is.
	if nested {
		l.unsupported(ruleSyntax, "subscript of a subscript in brackets")
	}
	for _, step := range steps {
		base = l.subscript(base, step)
	}
	return base
}

func (l *lowering) subscript(base tree.Expr, v *fastjson.Value) tree.Expr {
	switch kind, body := l.node(v); kind {
	case "A_Indices":
		slice := false
		var lower, upper tree.Expr
		l.fields(body, kind, func(key []byte, v *fastjson.Value) bool {
			switch string(key) {
			case "is_slice":
				slice = l.flag(v)
			case "lidx":
				lower = l.expr(v)
			case "uidx":
				upper = l.expr(v)
			default:
				return false
			}
			return true
		})
		if !slice {
			l.require("subscript", lower == nil && upper != nil)
			return &tree.Op{Kind: tree.OpElement, Args: []tree.Expr{base, upper}}
		}
		for _, bound := range []*tree.Expr{&lower, &upper} {
			if *bound == nil {
				*bound = &tree.Literal{Kind: tree.LiteralEmptySlice}
			}
		}
		return &tree.Op{Kind: tree.OpSlice, Args: []tree.Expr{base, lower, upper}}
	case "A_Star":
		l.unsupported(ruleColumn, "all fields of a row")
	case "String":
		l.unsupported(ruleFunction, "%q, a field or a function in its place", l.name(v))
	default:
		l.unsupported(ruleSyntax, "subscript %q", kind)
	}
	return base
}

func (l *lowering) collate(v *fastjson.Value) tree.Expr {
	c := &tree.Collate{}
	l.fields(v, "COLLATE", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "arg":
			c.Expr = l.expr(v)
		case "collname":
			name := l.names(v)
			if len(name) == 2 && name[0] == systemSchema {
				name = name[1:]
			}
			if len(name) != 1 || slices.ContainsFunc([]rune(name[0]), func(r rune) bool { return !collationRune(r) }) {
				l.unsupported(ruleSyntax, "collation %q", name)
				return true
			}
			c.Collation = name[0]
		default:
			return false
		}
		return true
	})
	l.require("COLLATE", c.Expr != nil && c.Collation != "")
	return c
}

// collationRune is what the names of PostgreSQL's own collations are made of.
// The rest of the guard splits names at dots.
func collationRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_' || r == '-'
}
