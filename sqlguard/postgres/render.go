package postgres

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// renderer writes the neutral tree as PostgreSQL's SQL. Everything nested is in
// parentheses, so no rule of precedence is relied on.
type renderer struct {
	b        strings.Builder
	literals bool // false: a question mark for each, to fingerprint
	ctes     []string
	err      error
}

func render(s *tree.Statement, literals bool) (string, error) {
	r := &renderer{literals: literals}
	switch s.Kind {
	case tree.KindQuery:
		r.query(s.Query)
	case tree.KindExplain:
		r.put("EXPLAIN ")
		r.query(s.Query)
	default:
		return "", errors.New("postgres: render: statement of no kind that PostgreSQL has")
	}
	return r.b.String(), r.err
}

func (r *renderer) put(parts ...string) {
	for _, p := range parts {
		r.b.WriteString(p)
	}
}

func (r *renderer) fail(what string, v any) {
	if r.err == nil {
		r.err = fmt.Errorf("postgres: render: unknown %s %T %v", what, v, v)
	}
}

func (r *renderer) query(q *tree.Query) {
	visible := len(r.ctes)
	defer func() { r.ctes = r.ctes[:visible] }()
	r.with(q.CTEs)
	switch body := q.Body.(type) {
	case *tree.Select:
		r.selectBody(body, q.Distinct)
	case *tree.Values:
		r.values(body)
	case *tree.SetOp:
		r.setOp(body)
	default:
		r.fail("body", body)
	}
	if _, plain := q.Body.(*tree.Select); q.LimitPercent || q.Distinct != nil && !plain {
		r.fail("clause of", q.Body)
	}
	r.orderBy(q.OrderBy)
	r.clause(" LIMIT ", q.Limit)
	r.clause(" OFFSET ", q.Offset)
}

func (r *renderer) with(ctes []tree.CTE) {
	for i, c := range ctes {
		r.put([]string{", ", "WITH "}[first(i)])
		if c.Recursive {
			r.fail("CTE", c.Name)
		}
		r.name(c.Name)
		r.names(c.Columns)
		r.put(" AS (")
		r.query(c.Query)
		r.put(")")
		r.ctes = append(r.ctes, c.Name)
	}
	if len(ctes) > 0 {
		r.put(" ")
	}
}

func first(i int) int {
	if i == 0 {
		return 1
	}
	return 0
}

func (r *renderer) values(v *tree.Values) {
	for i, row := range v.Rows {
		r.put([]string{", (", "VALUES ("}[first(i)])
		r.exprs(row)
		r.put(")")
	}
}

func (r *renderer) setOp(s *tree.SetOp) {
	if s.ByName {
		r.fail("set operation", s.Op)
	}
	r.put("(")
	r.query(s.Left)
	r.put(") ", s.Op)
	if s.All {
		r.put(" ALL")
	}
	r.put(" (")
	r.query(s.Right)
	r.put(")")
}

func (r *renderer) selectBody(s *tree.Select, distinct *tree.Distinct) {
	if s.Qualify != nil || s.Sample != nil || s.Groups.All {
		r.fail("clause of", s)
	}
	r.put("SELECT ")
	if distinct != nil {
		r.put("DISTINCT ")
		if len(distinct.On) > 0 {
			r.put("ON (")
			r.exprs(distinct.On)
			r.put(") ")
		}
	}
	r.exprs(s.Items)
	if s.From != nil {
		r.put(" FROM ")
		r.source(s.From)
	}
	r.clause(" WHERE ", s.Where)
	r.groupBy(s.Groups)
	r.clause(" HAVING ", s.Having)
}

func (r *renderer) clause(word string, e tree.Expr) {
	if e != nil {
		r.put(word)
		r.expr(e)
	}
}

func (r *renderer) groupBy(g tree.Groups) {
	switch {
	case len(g.Sets) == 1 && len(g.Sets[0]) == len(g.Exprs) && len(g.Exprs) > 0:
		r.put(" GROUP BY ")
		r.exprs(g.Exprs)
	case len(g.Sets) > 0:
		r.put(" GROUP BY GROUPING SETS (")
		for i, set := range g.Sets {
			r.put([]string{", (", "("}[first(i)])
			for j, index := range set {
				if j > 0 {
					r.put(", ")
				}
				if index < 0 || index >= len(g.Exprs) {
					r.fail("grouping set", index)
					return
				}
				r.expr(g.Exprs[index])
			}
			r.put(")")
		}
		r.put(")")
	}
}

func (r *renderer) orderBy(orders []tree.Order) {
	for i, o := range orders {
		r.put([]string{", ", " ORDER BY "}[first(i)])
		r.expr(o.Expr)
		if o.Direction != "" {
			r.put(" ", o.Direction)
		}
		if o.Nulls != "" {
			r.put(" NULLS ", o.Nulls)
		}
	}
}

// names writes a list of names in parentheses, nothing for an empty one.
func (r *renderer) names(list []string) {
	for i, name := range list {
		r.put([]string{", ", " ("}[first(i)])
		r.name(name)
	}
	if len(list) > 0 {
		r.put(")")
	}
}

func (r *renderer) qualified(parts ...string) {
	written := false
	for _, part := range parts {
		if part == "" {
			continue
		}
		if written {
			r.put(".")
		}
		r.name(part)
		written = true
	}
}

// system writes the name of something of pg_catalog.
func (r *renderer) system(name string) {
	if !plainWord(name) {
		r.fail("name in pg_catalog", name)
	}
	r.put(systemSchema, ".", name)
}

// name writes an identifier, quoted unless it is plain.
func (r *renderer) name(name string) {
	if plainName(name) {
		r.put(name)
		return
	}
	r.put(`"`, strings.ReplaceAll(name, `"`, `""`), `"`)
}

// number writes a number's text, or its place.
func (r *renderer) number(text string) {
	switch {
	case !r.literals:
		r.put("?")
	case strings.HasPrefix(text, "-"):
		r.put("(", text, ")")
	default:
		r.put(text)
	}
}

func (r *renderer) param(n int) { r.put("$", strconv.Itoa(n)) }
