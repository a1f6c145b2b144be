package sqlguard

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/scan"
)

// Caps on the text, beyond its length. They keep every accepted statement far
// from the stack limits of the engines' parsers, which recurse along the
// nesting and the chains of operators; a test runs the worst accepted cases
// on a small stack.
const (
	maxTokens    = 2_500
	maxWord      = 128 // bytes; PostgreSQL keeps 63 of a name
	maxNumber    = 64  // bytes
	maxNesting   = 40
	maxOperators = 128
	maxBranches  = 48 // SELECTs, set operations and joins together

	// maxCopiedTokens bounds what the parser makes of nested simple CASEs, ten of
	// which with three branches each are a tree of 55 MB, and of named windows.
	maxCopiedTokens = 1_500

	// The rendering has a pair of brackets for each operation.
	maxRendered       = 4 * MaxMaxLength // bytes
	maxRenderedTokens = 4 * maxTokens
)

// textLimits are what a text may be.
type textLimits struct {
	bounds
	length int // bytes
	tokens int
}

// readText is the layers that come before the parser: they see tokens only.
func readText(sql string, most textLimits) error {
	_, err := readTokens(sql, most)
	return err
}

// readTokens is readText that hands on what it saw.
func readTokens(sql string, most textLimits) ([]scan.Token, error) {
	tokens, err := shaped(sql, most)
	if err != nil {
		return nil, err
	}
	return tokens, wellMeant(tokens, most)
}

// shaped splits a text that is neither too long nor too deep.
func shaped(sql string, most textLimits) ([]scan.Token, error) {
	if len(sql) > most.length && (!most.indented || len(sql) > MaxMaxLength) {
		return nil, Refuse(RuleTooLong, fmt.Errorf("%d bytes", len(sql)))
	}
	tokens, err := scan.Scan(sql, scan.Limits{Tokens: most.tokens, Word: maxWord, Number: maxNumber})
	switch {
	case errors.Is(err, scan.ErrEncoding):
		return nil, Refuse(RuleEncoding, err)
	case errors.Is(err, scan.ErrTooMany):
		return nil, Refuse(RuleTooLong, err)
	case err != nil:
		return nil, Refuse(RuleSyntax, err)
	}
	switch shape := scan.Measure(tokens); {
	case most.indented && scan.Dense(tokens) > most.length:
		return nil, Refuse(RuleTooLong, fmt.Errorf("%d bytes without indentation", scan.Dense(tokens)))
	case shape.Operators > maxOperators:
		return nil, Refuse(RuleTooLong, fmt.Errorf("%d operators in a row", shape.Operators))
	case shape.Depth > maxNesting:
		return nil, Refuse(RuleDepth, fmt.Errorf("%d brackets deep", shape.Depth))
	case shape.Selects > maxBranches:
		return nil, Refuse(RuleDepth, fmt.Errorf("%d branches", shape.Selects))
	case shape.Copied > maxCopiedTokens:
		return nil, Refuse(RuleDepth, fmt.Errorf("%d tokens copied out of operands of CASE", shape.Copied))
	case most.windows && shape.Windows > maxCopiedTokens:
		return nil, Refuse(RuleDepth, fmt.Errorf("%d tokens copied out of named windows", shape.Windows))
	case shape.Sets > maxGroupingSets:
		return nil, Refuse(RuleDepth, fmt.Errorf("%d grouping sets", shape.Sets))
	}
	return tokens, nil
}

// wellMeant judges the words of a text.
func wellMeant(tokens []scan.Token, most textLimits) error {
	for _, layer := range []func([]scan.Token) error{startsAsQuery, oneStatement, noCommands, noComment, noRecursion} {
		if err := layer(tokens); err != nil {
			return err
		}
	}
	if most.windows {
		return nil
	}
	return noNamedWindow(tokens)
}

// isLateral reports whether the word LATERAL stands in a text. DuckDB's tree does
// not show it.
func isLateral(tokens []scan.Token) bool {
	return slices.ContainsFunc(tokens, func(t scan.Token) bool { return t.Is("LATERAL") })
}

// significant skips comments and opening parentheses.
func significant(tokens []scan.Token) []scan.Token {
	for len(tokens) > 0 && (tokens[0].Kind == scan.Comment || tokens[0].Kind == scan.Operator && tokens[0].Text == "(") {
		tokens = tokens[1:]
	}
	return tokens
}

// openers begin the statements that only read.
var openers = []string{"SELECT", "WITH", "FROM", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN"}

// explainable may follow EXPLAIN: no ANALYZE and no list of options.
var explainable = openers[:5]

func startsAsQuery(tokens []scan.Token) error {
	rest := significant(tokens)
	if len(rest) == 0 {
		if len(tokens) > 0 && tokens[0].Kind == scan.Comment {
			return Refuse(RuleComment, errors.New("nothing but a comment"))
		}
		return Refuse(RuleSyntax, errors.New("empty"))
	}
	switch explained := significant(rest[1:]); {
	case !isOneOf(rest[0], openers):
		return Refuse(RuleStatement, fmt.Errorf("begins with %q", rest[0].Text))
	case rest[0].Is("EXPLAIN") && len(explained) > 0 && !isOneOf(explained[0], explainable):
		return Refuse(RuleStatement, errors.New("EXPLAIN of no query, or with options"))
	}
	return nil
}

func isOneOf(t scan.Token, words []string) bool {
	return slices.ContainsFunc(words, t.Is)
}

// oneStatement lets semicolons stand at the end only.
func oneStatement(tokens []scan.Token) error {
	ended := false
	for _, t := range tokens {
		switch {
		case t.Kind == scan.Operator && t.Text == ";":
			ended = true
		case t.Kind == scan.Comment:
		case ended:
			return Refuse(RuleMultipleStatements, errors.New("text after a semicolon"))
		}
	}
	return nil
}

// commands write or administer. They are refused as whole words outside
// literals and quoted names, unless they stand where only a name can: after a
// dot or after AS.
var commands = scan.WordSet(
	"INSERT", "UPDATE", "DELETE", "MERGE", "UPSERT", "INTO", "RETURNING",
	"CREATE", "ALTER", "DROP", "TRUNCATE", "GRANT", "REVOKE",
	"COPY", "EXPORT", "IMPORT", "ATTACH", "DETACH", "INSTALL", "LOAD",
	"PRAGMA", "CALL", "EXECUTE", "EXEC", "PREPARE", "DEALLOCATE", "DO",
	"SET", "RESET", "USE", "VACUUM", "ANALYZE", "ANALYSE", "CHECKPOINT", "REINDEX",
	"BEGIN", "COMMIT", "ROLLBACK", "ABORT", "SAVEPOINT", "LOCK", "NOTIFY", "LISTEN", "UNLISTEN",
)

func noCommands(tokens []scan.Token) error {
	for _, t := range tokens {
		if t.MayBeIn(commands) {
			return Refuse(RuleStatement, fmt.Errorf("the word %q", t.Text))
		}
	}
	return nil
}

func noComment(tokens []scan.Token) error {
	for _, t := range tokens {
		if t.Kind == scan.Comment {
			return Refuse(RuleComment, errors.New("comment"))
		}
	}
	return nil
}

func noRecursion(tokens []scan.Token) error {
	for i := 1; i < len(tokens); i++ {
		if tokens[i].Is("RECURSIVE") && tokens[i-1].Is("WITH") {
			return Refuse(RuleRecursiveCTE, errors.New("WITH RECURSIVE"))
		}
	}
	return nil
}

// noNamedWindow refuses the clause WINDOW where no window functions are allowed.
// The word is reserved, so that it is the clause wherever it does not stand for
// a name after a dot or AS.
func noNamedWindow(tokens []scan.Token) error {
	for _, t := range tokens {
		if t.Is("WINDOW") {
			return Refuse(RuleFunction, errors.New("named window"))
		}
	}
	return nil
}
