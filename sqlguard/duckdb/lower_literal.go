package duckdb

import (
	"math/big"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (n *node) constant() tree.Expr {
	n.mustBe("VALUE_CONSTANT")
	var e tree.Expr = &tree.Literal{}
	n.each(func(key []byte, v *fastjson.Value) bool {
		if string(key) != "value" {
			return false
		}
		if string(v.GetStringBytes("type", "id")) == "BOOLEAN" {
			e = n.boolean(v)
			return true
		}
		e = n.literal(v)
		return true
	})
	return e
}

// boolean lowers the constant that IS TRUE compares with to the cast that
// TRUE itself is parsed to.
func (n *node) boolean(v *fastjson.Value) tree.Expr {
	text := "f"
	n.fields(v, "value", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "type":
			n.typeName(v)
		case "is_null":
			n.mustBeEmpty(v, ruleSyntax, "NULL of type BOOLEAN")
		case "value":
			if n.flag(v) {
				text = "t"
			}
		default:
			return false
		}
		return true
	})
	return &tree.Cast{Expr: &tree.Literal{Kind: tree.LiteralString, Text: text}, Type: tree.Type{Name: "BOOLEAN"}}
}

// literal lowers a Value: {"type", "is_null", "value"}.
func (l *lowering) literal(v *fastjson.Value) *tree.Literal {
	var id []byte
	var info, value *fastjson.Value
	null := false
	l.fields(v, "value", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "type":
			l.fields(v, "type", func(key []byte, v *fastjson.Value) bool {
				switch string(key) {
				case "id":
					id = l.value(v)
				case "type_info":
					info = v
				default:
					return false
				}
				return true
			})
		case "is_null":
			null = l.flag(v)
		case "value":
			value = v
		default:
			return false
		}
		return true
	})
	if l.err != nil {
		return &tree.Literal{}
	}
	switch {
	case null && string(id) == "NULL":
		return &tree.Literal{Kind: tree.LiteralNull}
	case null || value == nil:
		l.unsupported(ruleSyntax, "NULL of type %q", id)
		return &tree.Literal{}
	}
	if info != nil && info.Type() != fastjson.TypeNull && string(id) != "DECIMAL" && string(id) != "LIST" {
		l.unsupported(ruleSyntax, "constant of a made type")
	}
	return l.typedLiteral(id, info, value)
}

func (l *lowering) typedLiteral(id []byte, info, value *fastjson.Value) *tree.Literal {
	switch string(id) {
	case "VARCHAR":
		return &tree.Literal{Kind: tree.LiteralString, Text: l.text(value)}
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT":
		return l.numberLiteral(l.number(value), "-0123456789")
	case "HUGEINT":
		return &tree.Literal{Kind: tree.LiteralNumber, Text: l.hugeint(value).String()}
	case "DECIMAL":
		return l.decimal(info, value)
	case "DOUBLE", "FLOAT":
		literal := l.numberLiteral(l.number(value), "-+.0123456789eE")
		// Without an exponent the parser would read a DECIMAL.
		if !strings.ContainsAny(literal.Text, "eE") {
			literal.Text += "e0"
		}
		return literal
	case "LIST":
		return l.emptySlice(info, value)
	}
	l.unsupported(ruleSyntax, "constant of type %q", id)
	return &tree.Literal{}
}

// numberLiteral refuses spellings that are no SQL number, such as Infinity.
func (l *lowering) numberLiteral(text, chars string) *tree.Literal {
	if text == "" || strings.Trim(text, chars) != "" {
		l.unsupported(ruleSyntax, "number out of range")
	}
	return &tree.Literal{Kind: tree.LiteralNumber, Text: text}
}

// emptySlice reads the empty list that stands for the omitted bound of a
// slice.
func (l *lowering) emptySlice(info, value *fastjson.Value) *tree.Literal {
	l.fields(info, "LIST", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "type":
			return string(l.value(v)) == "LIST_TYPE_INFO"
		case "child_type":
			return string(v.GetStringBytes("id")) == "INTEGER" && v.GetObject().Len() == 2 && v.Get("type_info").Type() == fastjson.TypeNull
		case "alias", "extension_info":
			l.mustLack(v, ruleSyntax, key, "a list")
			return true
		default:
			return false
		}
	})
	l.fields(value, "LIST", func(key []byte, v *fastjson.Value) bool {
		if string(key) != "children" {
			return false
		}
		l.mustBeEmpty(v, ruleSyntax, "constant list")
		return true
	})
	return &tree.Literal{Kind: tree.LiteralEmptySlice}
}

// hugeint reads {"upper": int64, "lower": uint64}.
func (l *lowering) hugeint(v *fastjson.Value) *big.Int {
	high, low := new(big.Int), new(big.Int)
	l.fields(v, "HUGEINT", func(key []byte, v *fastjson.Value) bool {
		half := high
		switch string(key) {
		case "upper":
		case "lower":
			half = low
		default:
			return false
		}
		_, ok := half.SetString(l.number(v), 10)
		return ok
	})
	return high.Lsh(high, 64).Add(high, low)
}

// decimal writes an unscaled integer with its point.
func (l *lowering) decimal(info, value *fastjson.Value) *tree.Literal {
	width, scale := 0, 0
	l.fields(info, "DECIMAL", func(key []byte, v *fastjson.Value) bool {
		switch string(key) {
		case "type":
			return string(l.value(v)) == "DECIMAL_TYPE_INFO"
		case "width":
			width = int(l.integer(v))
		case "scale":
			scale = int(l.integer(v))
		case "alias", "extension_info":
			l.mustLack(v, ruleSyntax, key, "a DECIMAL")
		default:
			return false
		}
		return true
	})
	var unscaled string
	if value.Type() == fastjson.TypeObject {
		unscaled = l.hugeint(value).String()
	} else {
		unscaled = l.numberLiteral(l.number(value), "-0123456789").Text
	}
	sign := ""
	if strings.HasPrefix(unscaled, "-") {
		sign, unscaled = "-", unscaled[1:]
	}
	if scale < 0 || width > 38 || scale > width || len(unscaled) > width {
		l.unsupported(ruleSyntax, "DECIMAL(%d, %d)", width, scale)
		return &tree.Literal{}
	}
	// All digits are written: from their number the parser takes the width.
	if missing := width - len(unscaled); missing > 0 {
		unscaled = strings.Repeat("0", missing) + unscaled
	}
	point := len(unscaled) - scale
	return &tree.Literal{Kind: tree.LiteralNumber, Text: sign + unscaled[:point] + "." + unscaled[point:]}
}
