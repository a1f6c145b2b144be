package sqlguard

import (
	"context"
	"errors"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/dialect"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/scan"
)

// CheckView judges the definition of a view that is stored in a source: the
// text of its CREATE VIEW statement. A query that reads the view runs this
// text, which no client sent and no rule of structure need bind, but which
// must not call what no client may call, nor read files or catalogs. An error
// means that the view should not be served.
func CheckView(ctx context.Context, adapter dialect.Adapter, definition string) error {
	body, err := viewBody(definition)
	if err != nil {
		return err
	}
	g := &Guard{adapter: adapter, policy: &compiled{allTables: true, view: true}}
	statement, err := g.parse(ctx, body)
	if err != nil {
		return err
	}
	c := newCheck(statement, adapter, g.policy)
	for _, rule := range []func(*check) error{checkGenerators, checkFunctions, checkCatalog, checkFileSources, checkGrowth} {
		if err := rule(c); err != nil {
			return err
		}
	}
	return nil
}

// Bounds on a view's text, which its engine writes with brackets around each
// operation. PostgreSQL's parser overflows its stack at some 30,000 operators in
// a row.
const (
	maxViewDepth     = 256
	maxViewOperators = 1_024
	maxViewBranches  = 512
)

// viewBody cuts the query out of CREATE VIEW name (columns) AS query.
func viewBody(definition string) (string, error) {
	const longest = 256 << 10 // engines keep definitions of any length
	if len(definition) > longest {
		return "", Refuse(RuleTooLong, errors.New("view definition"))
	}
	tokens, err := scan.Scan(definition, scan.Limits{Tokens: longest, Word: longest, Number: longest})
	if err != nil {
		return "", Refuse(RuleSyntax, err)
	}
	// The parsers recurse along these, far beyond what anybody writes by hand.
	if shape := scan.Measure(tokens); shape.Depth > maxViewDepth || shape.Operators > maxViewOperators || shape.Selects > maxViewBranches {
		return "", Refuse(RuleDepth, errors.New("view definition"))
	}
	for i, t := range tokens {
		// The first AS: names that are called so are quoted.
		if t.Is("AS") && i+1 < len(tokens) {
			return definition[t.At+len(t.Text):], nil
		}
	}
	return "", Refuse(RuleSyntax, errors.New("no CREATE VIEW"))
}
