package sqlguard

import (
	"errors"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// maxListed bounds the tables that SHOW TABLES lists: each is a row of VALUES.
const maxListed = 1_000

// answerShowTables turns SHOW TABLES into a query that lists the tables that
// may be read. The engine's own answer has every name that it holds, among
// them those that are not served, and runs functions of its own to make it,
// which a source may have replaced. Where the catalog is not known the
// statement stays, and checkCatalog judges it.
func (g *Guard) answerShowTables(s *tree.Statement) error {
	if s.Kind != tree.KindShowTables || g.policy.known == nil {
		return nil
	}
	list := g.policy.listed
	if len(list) > maxListed {
		return Refuse(RuleCatalog, errors.New("SHOW TABLES of more tables than it may list"))
	}
	values := &tree.Values{}
	for _, name := range list {
		values.Rows = append(values.Rows, []tree.Expr{&tree.Literal{Kind: tree.LiteralString, Text: name}})
	}
	q := &tree.Query{OrderBy: []tree.Order{{Expr: &tree.Literal{Kind: tree.LiteralNumber, Text: "1"}}}}
	if len(list) == 0 { // VALUES has a row at least
		values.Rows = [][]tree.Expr{{&tree.Literal{Kind: tree.LiteralString}}}
		q.Limit = &tree.Literal{Kind: tree.LiteralNumber, Text: "0"}
	}
	// A star, because "name" may be the name of a hidden column.
	q.Body = &tree.Select{
		Items: []tree.Expr{&tree.Star{}},
		From:  &tree.Subquery{Query: &tree.Query{Body: values}, Alias: "listed", Columns: []string{"name"}},
	}
	s.Kind, s.Query = tree.KindQuery, q
	return nil
}
