package sqlguard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/fold"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// Config makes a Guard.
type Config struct {
	// Adapter is the dialect, opened by the package of an engine, such as
	// sqlguard/duckdb. Required; it outlives the Guard and is closed by its
	// owner.
	Adapter dialect.Adapter
	// Policy says what may be asked. Its zero allows no table.
	Policy Policy
	// Catalog is what the source holds. Nil: unknown, and only the policy
	// says which tables may be read.
	Catalog *Catalog
	// TakeNamesAsGiven gives an equality between unqualified columns the
	// benefit of the doubt where nobody knows whose columns they are: it ties
	// what it can. For judging a log of queries without their schema, never
	// for serving.
	TakeNamesAsGiven bool
}

// Guard judges statements for one source. It is safe for concurrent use.
type Guard struct {
	adapter dialect.Adapter
	policy  *compiled
}

// New makes a Guard, or says everything that is wrong with its configuration.
func New(c Config) (*Guard, error) {
	foldName := fold.Narrow
	if c.Adapter != nil {
		foldName = c.Adapter.Fold
	}
	policy, err := c.Policy.compile(c.Catalog, foldName)
	if c.Adapter == nil {
		err = errors.Join(err, errors.New("sqlguard: Adapter: required; a guard without its parser does not exist"))
	}
	if err != nil {
		return nil, err
	}
	policy.asGiven = c.TakeNamesAsGiven
	return &Guard{adapter: c.Adapter, policy: policy}, nil
}

// AllowsTable reports whether a table may be read: the policy allows it, and
// the catalog, where it is known, has it.
func (g *Guard) AllowsTable(name string) bool {
	return g.policy.allows(g.adapter.Fold(name))
}

// HidesColumn reports whether the policy hides columns of this name.
func (g *Guard) HidesColumn(name string) bool { return g.policy.hidden[fold.Wide(name)] }

// Check takes one statement through every layer. A statement that may not run
// is a *Refusal; any other error means that the guard itself failed, and the
// statement may not run either.
func (g *Guard) Check(ctx context.Context, sql string) (Query, error) {
	tokens, err := readTokens(sql, textLimits{length: g.policy.maxLength, tokens: maxTokens, bounds: g.policy.bounds})
	if err != nil {
		return Query{}, err
	}
	statement, err := g.parse(ctx, sql)
	if err != nil {
		return Query{}, err
	}
	if err := g.answerShowTables(statement); err != nil {
		return Query{}, err
	}
	if _, err := g.judge(statement, isLateral(tokens)); err != nil {
		return Query{}, err
	}
	return g.rewrite(ctx, statement)
}

// rewrite renders what will run and proves that the engine will understand by
// it what was judged: the rendering is parsed again, must give the very same
// tree, and goes through the rules once more.
func (g *Guard) rewrite(ctx context.Context, statement *tree.Statement) (Query, error) {
	capped := capRows(statement, g.policy.maxRows)
	text, err := g.adapter.Render(statement, true)
	if err != nil {
		return Query{}, Refuse(RuleSyntax, err)
	}
	// What is rendered must itself be a statement that a guard lets through.
	if err := readText(text, textLimits{length: maxRendered, tokens: maxRenderedTokens}); err != nil {
		return Query{}, Refuse(RuleDepth, err)
	}
	again, err := g.parse(ctx, text)
	if err != nil {
		return Query{}, err
	}
	if !tree.Equal(statement, again) || !isCapped(again, g.policy.maxRows) {
		return Query{}, refusef(RuleSyntax, "the rendering does not mean what was judged: %s", text)
	}
	c, err := g.judge(again, false)
	if err != nil {
		return Query{}, err
	}
	shape, err := g.adapter.Render(again, false)
	if err != nil {
		return Query{}, Refuse(RuleSyntax, err)
	}
	return Query{
		sql: text, fingerprint: fingerprint(shape), tables: c.tableNames(),
		params: again.Params, capped: capped, explain: again.Kind == tree.KindExplain,
	}, nil
}

func fingerprint(shape string) string {
	sum := sha256.Sum256([]byte(shape))
	return hex.EncodeToString(sum[:8])
}

// parse runs the engine's parser and gives its failures their rules.
func (g *Guard) parse(ctx context.Context, sql string) (*tree.Statement, error) {
	statement, err := g.adapter.Parse(ctx, sql)
	var unsupported *dialect.UnsupportedError
	switch {
	case err == nil:
		return statement, nil
	case errors.As(err, &unsupported):
		return nil, Refuse(Rule(unsupported.Rule), err)
	case errors.Is(err, dialect.ErrSyntax):
		return nil, Refuse(RuleSyntax, err)
	case errors.Is(err, dialect.ErrNotQuery):
		return nil, Refuse(RuleStatement, err)
	case errors.Is(err, dialect.ErrMultiple):
		return nil, Refuse(RuleMultipleStatements, err)
	case errors.Is(err, dialect.ErrTooDeep):
		return nil, Refuse(RuleDepth, err)
	default:
		return nil, fmt.Errorf("sqlguard: parser: %w", err)
	}
}
