package postgres

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// constant lowers an A_Const: {"ival": {"ival": 1}} and the like, where the
// inner field is left out for 0, an empty text and false.
func (l *lowering) constant(v *fastjson.Value) tree.Expr {
	var e tree.Expr
	l.fields(v, "constant", func(key []byte, v *fastjson.Value) bool {
		l.require("constant", e == nil)
		switch string(key) {
		case "isnull":
			l.require("NULL", l.flag(v))
			e = &tree.Literal{Kind: tree.LiteralNull}
		case "ival":
			n := 0
			l.inner(v, string(key), func(v *fastjson.Value) { n = l.integer(v) })
			e = whole(n)
		case "fval":
			text := ""
			l.inner(v, string(key), func(v *fastjson.Value) { text = l.text(v) })
			e = l.decimal(text)
		case "sval":
			text := ""
			l.inner(v, string(key), func(v *fastjson.Value) { text = l.text(v) })
			// Where a number is wanted it is one, of that many digits.
			if hugeNumber.MatchString(text) || hugeInDocument.MatchString(text) {
				l.unsupported(ruleFunction, "text that is a number out of range")
			}
			e = &tree.Literal{Kind: tree.LiteralString, Text: text}
		case "boolval":
			kind := opFalse
			l.inner(v, string(key), func(v *fastjson.Value) {
				if l.flag(v) {
					kind = opTrue
				}
			})
			e = &tree.Op{Kind: kind}
		case "bsval":
			l.unsupported(ruleSyntax, "bit string")
		default:
			return false
		}
		return true
	})
	l.require("constant", e != nil)
	return e
}

// inner reads the one field of a value, which has the name of its kind.
func (l *lowering) inner(v *fastjson.Value, kind string, take func(*fastjson.Value)) {
	l.fields(v, kind, func(key []byte, v *fastjson.Value) bool {
		if string(key) != kind {
			return false
		}
		take(v)
		return true
	})
}

func whole(n int) *tree.Literal {
	return &tree.Literal{Kind: tree.LiteralNumber, Text: strconv.Itoa(n)}
}

// hugeInDocument is a number of a thousand digits or more within what may be a
// jsonb document, where PostgreSQL writes all of them out.
var hugeInDocument = regexp.MustCompile(`[\[,:\s]-?[0-9.]+[eE]\+?[0-9]{4,}\s*[\],}]`)

// maxPower bounds the exponent of a number: 1e130000 has so many digits.
const maxPower = 400

// decimal takes a number that is no 32-bit integer, in the one spelling that
// all versions of PostgreSQL read alike.
func (l *lowering) decimal(text string) tree.Expr {
	digits := strings.TrimPrefix(text, "-")
	mantissa, power, exponent := strings.Cut(strings.ToLower(digits), "e")
	plain := mantissa != "" && strings.Trim(mantissa, "0123456789.") == "" && strings.Count(mantissa, ".") <= 1 && mantissa != "."
	if exponent {
		n, err := strconv.Atoi(power)
		plain = plain && err == nil && -maxPower <= n && n <= maxPower
	}
	if !plain {
		l.unsupported(ruleSyntax, "number that is not decimal, or out of range")
	}
	return &tree.Literal{Kind: tree.LiteralNumber, Text: text}
}
