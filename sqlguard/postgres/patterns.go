package postgres

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

const (
	maxPattern     = 256 // bytes, as the rules have it
	maxRepetitions = 500 // the product of a regular expression's counts
	maxExponent    = 64
)

// checkCall refuses what an allowed name alone does not tell.
func (l *lowering) checkCall(c *tree.Call) {
	for _, a := range c.Args {
		if a.Name != "" && !strings.HasPrefix(c.Name, "make_") {
			l.unsupported(ruleFunction, "named argument of %q", c.Name)
		}
	}
	switch c.Name {
	case "power", "pow", "^":
		// A numeric power has as many digits as its exponent says.
		if len(c.Args) == 2 && !smallNumber(c.Args[1].Expr) {
			l.unsupported(ruleFunction, "exponent that is no small literal")
		}
	case "round", "trunc":
		// So many digits come behind the point.
		if len(c.Args) > 1 && !smallNumber(c.Args[1].Expr) {
			l.unsupported(ruleFunction, "places of %q that are no small literal", c.Name)
		}
	case "@>", "<@", "&&", "?|", "?&":
		// Each element of the one side is sought in the other, and nobody looks
		// at the deadline: 100,000 in 100,000 run for 17 seconds.
		if len(c.Args) == 2 && !isShort(c.Args[0].Expr) && !isShort(c.Args[1].Expr) {
			l.unsupported(ruleFunction, "%q of two values that are not short", c.Name)
		}
	case "timezone":
		if len(c.Args) != 2 || !plainZone(c.Args[0].Expr) {
			l.unsupported(ruleFunction, "time zone that is no plain literal")
		}
	case "date_trunc", "date_add", "date_subtract":
		if len(c.Args) > 2 && !plainZone(c.Args[2].Expr) {
			l.unsupported(ruleFunction, "time zone that is no plain literal")
		}
	case "make_timestamptz":
		for i, a := range c.Args {
			if (i >= 6 || a.Name == "timezone") && !plainZone(a.Expr) {
				l.unsupported(ruleFunction, "time zone that is no plain literal")
			}
		}
	case "substring":
		// With text as its second argument it is a regular expression.
		if len(c.Args) > 1 && !isNumber(c.Args[1].Expr) && (len(c.Args) > 2 || !cheapRegexp(c.Args[1].Expr)) {
			l.unsupported(ruleFunction, "substring by a pattern that is no cheap literal")
		}
	case "~", "~*", "!~", "!~*", "regexp_like", "regexp_match", "regexp_substr", "regexp_instr":
		if len(c.Args) > 1 && !cheapRegexp(c.Args[1].Expr) {
			l.unsupported(ruleFunction, "regular expression that is no cheap literal")
		}
	}
}

func smallNumber(e tree.Expr) bool {
	literal, ok := e.(*tree.Literal)
	if !ok || literal.Kind != tree.LiteralNumber {
		return false
	}
	n, err := strconv.ParseFloat(literal.Text, 64)
	return err == nil && math.Abs(n) <= maxExponent
}

// isShort reports whether a value has as many elements as the query writes out,
// or is a range, which has two.
func isShort(e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Literal, *tree.Param:
		return true
	case *tree.Op:
		return e.Kind == tree.OpArray
	case *tree.Cast:
		return strings.HasSuffix(e.Type.Name, "range") || isShort(e.Expr)
	case *tree.Call:
		return strings.HasSuffix(e.Name, "range") && len(e.Args) > 1
	default:
		return false
	}
}

// hugeNumber is a text that is read as a number with an exponent of three or
// more digits.
var hugeNumber = regexp.MustCompile(`^\s*[+-]?[0-9_.]+[eE][+-]?[0-9_]{3,}\s*$`)

// shortText reports whether the expression is a text of the query's, or a
// parameter.
func shortText(e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Param:
		return true
	case *tree.Literal:
		return e.Kind == tree.LiteralString && len(e.Text) <= maxPattern
	default:
		return false
	}
}

// isNumber reports whether an expression is surely a number: where it may also
// be text, a name of a column is not enough.
func isNumber(e tree.Expr) bool {
	switch e := e.(type) {
	case *tree.Literal:
		return e.Kind == tree.LiteralNumber
	case *tree.Cast:
		return e.Type.Name == "int4" || e.Type.Name == "int2"
	case *tree.Call:
		switch e.Name {
		case "+", "-", "*", "/", "%":
			return e.Operator
		case "strpos", "position", "length", "char_length", "character_length", "ascii":
			return true
		case "greatest", "least":
			for _, a := range e.Args {
				if !isNumber(a.Expr) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// cheapRegexp reports whether the expression is a regular expression without
// back references, which are tried in exponential time, without a change of
// syntax, and with few repetitions, which are compiled one by one. Parameters
// are bounded by the deadline.
func cheapRegexp(e tree.Expr) bool {
	literal, ok := e.(*tree.Literal)
	if !ok || literal.Kind != tree.LiteralString {
		return shortText(e)
	}
	text := literal.Text
	return len(text) <= maxPattern && !strings.HasPrefix(text, "***") && !backReference.MatchString(text) && repetitions(text) <= maxRepetitions
}

// backReference is a digit behind a backslash; "\\1" is one too, to be safe.
var backReference = regexp.MustCompile(`\\[1-9]`)

// repetitions multiplies the counts of a regular expression, as nesting does.
func repetitions(pattern string) int {
	product := 1
	for {
		_, after, found := strings.Cut(pattern, "{")
		if !found {
			return product
		}
		pattern = after
		inside, _, _ := strings.Cut(after, "}")
		largest := 1
		for count := range strings.SplitSeq(inside, ",") {
			if n, err := strconv.Atoi(strings.TrimSpace(count)); err == nil {
				largest = max(largest, n)
			}
		}
		product = min(product*largest, maxRepetitions+1)
	}
}
