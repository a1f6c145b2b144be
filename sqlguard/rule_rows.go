package sqlguard

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// checkRows lets LIMIT and OFFSET be a plain whole number, NULL (which is
// ALL), a percentage or a parameter, at every level: nothing that would have
// to be computed.
func checkRows(c *check) error {
	for _, q := range c.nodes.queries {
		if !plainCount(q.Limit, q.LimitPercent) || !plainCount(q.Offset, false) {
			return refusef(RuleRows, "LIMIT or OFFSET is computed")
		}
	}
	return nil
}

func plainCount(e tree.Expr, percent bool) bool {
	switch e := e.(type) {
	case nil, *tree.Param:
		return true
	case *tree.Call:
		_, bounded := leastOf(e)
		return bounded && !percent
	case *tree.Literal:
		switch e.Kind {
		case tree.LiteralNull:
			return true
		case tree.LiteralNumber:
			return percent && !strings.HasPrefix(e.Text, "-") || strings.Trim(e.Text, "0123456789") == ""
		}
	}
	return false
}

// capRows gives a query the row limit (checklist 2.4, layer 8): set where
// there is none, lowered where its own is higher. It reports the limit it
// imposed, 0 when the query's own is low enough.
func capRows(s *tree.Statement, maxRows int64) int64 {
	if s.Kind != tree.KindQuery {
		return 0
	}
	q := s.Query
	limit := rowLimit(maxRows)
	own, plain := q.Limit.(*tree.Literal)
	switch {
	case q.Limit == nil || plain && own.Kind == tree.LiteralNull:
		q.Limit, q.LimitPercent = limit, false
	case plain && !q.LimitPercent:
		// A number too large for an integer is larger than the limit.
		if rows, ok := wholeNumber(own); ok && rows <= maxRows {
			return 0
		}
		q.Limit = limit
	case isParam(q.Limit) && !q.LimitPercent:
		q.Limit = &tree.Call{Name: "least", Args: []tree.Arg{{Expr: bigint(q.Limit)}, {Expr: limit}}}
	default:
		if rows, bounded := leastOf(q.Limit); bounded && rows <= maxRows && !q.LimitPercent {
			break // rendered by a guard before
		}
		// A percentage: how many rows that is shows only when the query runs,
		// so the whole of it goes into a subquery.
		inner := *q
		s.Query = capAround(&inner, limit)
	}
	return maxRows
}

// capAround writes the SELECT around a limit in percent.
func capAround(q *tree.Query, limit *tree.Literal) *tree.Query {
	return &tree.Query{
		Body:  &tree.Select{Items: []tree.Expr{&tree.Star{}}, From: &tree.Subquery{Query: q, Alias: "limited"}},
		Limit: limit,
	}
}

func rowLimit(maxRows int64) *tree.Literal {
	return &tree.Literal{Kind: tree.LiteralNumber, Text: strconv.FormatInt(maxRows, 10)}
}

// withoutCap is the query inside the SELECT that capRows writes around a limit
// in percent, so that it is not counted; any other query is itself. It goes by
// the whole tree: what a client writes is taken for the guard's only if it is
// in every part what the guard would have made of the query inside.
func withoutCap(q *tree.Query, maxRows int64) *tree.Query {
	if q == nil {
		return nil
	}
	outer, ok := q.Body.(*tree.Select)
	if !ok {
		return q
	}
	sub, ok := outer.From.(*tree.Subquery)
	if !ok || !sub.Query.LimitPercent || !reflect.DeepEqual(q, capAround(sub.Query, rowLimit(maxRows))) {
		return q
	}
	return sub.Query
}

// bigint casts a parameter, so that whatever is bound to it is compared as a
// number.
func bigint(e tree.Expr) tree.Expr { return &tree.Cast{Expr: e, Type: tree.Type{Name: "BIGINT"}} }

// leastOf recognises least(CAST($n AS BIGINT), rows), the limit written for a
// parameter.
func leastOf(e tree.Expr) (rows int64, ok bool) {
	call, isCall := e.(*tree.Call)
	if !isCall || call.Name != "least" || len(call.Args) != 2 {
		return 0, false
	}
	cast, isCast := call.Args[0].Expr.(*tree.Cast)
	if !isCast || cast.Try || cast.Type.Name != "BIGINT" || !isParam(cast.Expr) {
		return 0, false
	}
	return wholeNumber(call.Args[1].Expr)
}

func isParam(e tree.Expr) bool {
	_, ok := e.(*tree.Param)
	return ok
}

func wholeNumber(e tree.Expr) (int64, bool) {
	literal, ok := e.(*tree.Literal)
	if !ok || literal.Kind != tree.LiteralNumber {
		return 0, false
	}
	n, err := strconv.ParseInt(literal.Text, 10, 64)
	return n, err == nil
}

// isCapped reports whether the outermost LIMIT holds the row limit.
func isCapped(s *tree.Statement, maxRows int64) bool {
	if s.Kind != tree.KindQuery {
		return true
	}
	rows, ok := wholeNumber(s.Query.Limit)
	if !ok {
		rows, ok = leastOf(s.Query.Limit)
	}
	return ok && rows <= maxRows && !s.Query.LimitPercent
}
