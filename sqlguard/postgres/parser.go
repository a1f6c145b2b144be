package postgres

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pganalyze/pg_query_go/v6/parser"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
)

// parse returns PostgreSQL's parse tree as JSON. Of the two forms that
// libpg_query has this is the faster by far: it writes the tree once, while
// the binary form is copied into another tree first.
func parse(sql string) (string, error) {
	// C would end the text at a NUL.
	if strings.IndexByte(sql, 0) >= 0 {
		return "", dialect.ErrSyntax
	}
	text, err := parser.ParseToJSON(sql)
	var failed *parser.Error
	switch {
	case err == nil:
		return text, nil
	case !errors.As(err, &failed):
		return "", err
	case strings.Contains(failed.Message, "stack depth limit"):
		return "", dialect.ErrTooDeep
	default:
		return "", fmt.Errorf("%w: %w", dialect.ErrSyntax, err)
	}
}

// nesting is the depth of a JSON text.
func nesting(text string) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
