package sqlguard

import (
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Bounds of patterns and paths. Matching takes time with what the pattern
// says, not with its length: LIKE tries each place of each wildcard in turn,
// a counted repetition is compiled that many times over, and a path with a
// wildcard copies the document once for each match.
const (
	maxPattern     = 256 // bytes
	maxWildcards   = 16  // of LIKE without other wildcards, which is searched piece by piece
	maxBacktracked = 2   // of the other patterns; each multiplies by the length of the text
	maxRepetition  = 500 // product of a regular expression's counts
)

// checkPatterns lets patterns be literals that are cheap to match, and
// parameters: what those hold is not known before the query runs, and only
// its deadline bounds it.
func checkPatterns(c *check) error {
	return c.firstExpr(func(e tree.Expr) error {
		call, ok := e.(*tree.Call)
		if !ok {
			return nil
		}
		f := c.function(call)
		if !f.Pattern {
			return nil
		}
		for i, arg := range call.Args {
			if i > 0 && !plainPattern(fold.Narrow(call.Name), arg.Expr, f.Linear) {
				return refusef(RuleFunction, "pattern of %q", call.Name)
			}
		}
		return nil
	})
}

// regexpOperators match by regular expressions.
var regexpOperators = map[string]bool{"~": true, "~*": true, "!~": true, "!~*": true}

// plainPattern judges one argument; linear says that wildcards cost nothing.
func plainPattern(function string, e tree.Expr, linear bool) bool {
	if isParam(e) {
		return true
	}
	literal, ok := e.(*tree.Literal)
	switch {
	case !ok || len(literal.Text) > maxPattern:
		return false
	case literal.Kind != tree.LiteralString:
		return true // an index, or NULL
	}
	text := literal.Text
	switch {
	case strings.HasPrefix(function, "json") || strings.HasPrefix(function, "->"):
		return !strings.ContainsRune(text, '*') && !strings.Contains(text, "..")
	case strings.HasPrefix(function, "regexp"), regexpOperators[function]:
		return repetitions(text) <= maxRepetition
	case linear:
		return true
	case function == "~~~":
		return strings.Count(strings.TrimRight(text, "*"), "*") <= maxBacktracked
	}
	wildcards := strings.Count(strings.TrimRight(text, "%"), "%")
	if (function == "~~" || function == "!~~") && !strings.ContainsRune(text, '_') {
		return wildcards <= maxWildcards
	}
	return wildcards <= maxBacktracked
}

// repetitions multiplies the counts of a regular expression, as nesting does.
func repetitions(pattern string) int {
	product := 1
	for {
		_, after, found := strings.Cut(pattern, "{")
		if !found {
			return product
		}
		pattern = after
		largest := 1
		inside, _, _ := strings.Cut(after, "}")
		for count := range strings.SplitSeq(inside, ",") {
			switch n, err := strconv.Atoi(count); {
			case err == nil:
				largest = max(largest, n)
			case count != "" && strings.Trim(count, "0123456789") == "":
				largest = maxRepetition + 1 // out of range
			}
		}
		product = min(product*largest, maxRepetition+1)
	}
}
