package duckdb

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

// renderer writes the neutral tree as DuckDB SQL. Everything nested is in
// parentheses, so no rule of precedence is relied on.
type renderer struct {
	b        strings.Builder
	literals bool // false: a question mark for each, to fingerprint
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
	case tree.KindDescribe:
		r.put("DESCRIBE ")
		r.query(s.Query)
	case tree.KindShowTables:
		r.put("SHOW TABLES")
	default:
		return "", errors.New("duckdb: render: statement without a kind")
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
		r.err = fmt.Errorf("duckdb: render: unknown %s %T", what, v)
	}
}

func (r *renderer) query(q *tree.Query) {
	r.with(q.CTEs)
	switch body := q.Body.(type) {
	case *tree.Select:
		r.selectBody(body, q.Distinct)
	case *tree.Values:
		if q.Distinct != nil {
			r.fail("DISTINCT of", body)
		}
		r.values(body)
	case *tree.SetOp:
		if q.Distinct != nil {
			r.fail("DISTINCT of", body)
		}
		r.setOp(body)
	default:
		r.fail("body", body)
	}
	r.orderBy(q.OrderBy)
	if q.Limit != nil {
		r.put(" LIMIT ")
		r.expr(q.Limit)
		if q.LimitPercent {
			r.put("%")
		}
	}
	if q.Offset != nil {
		r.put(" OFFSET ")
		r.expr(q.Offset)
	}
}

func (r *renderer) with(ctes []tree.CTE) {
	for i, c := range ctes {
		if i == 0 {
			r.put("WITH ")
		} else {
			r.put(", ")
		}
		r.name(c.Name)
		r.names(c.Columns)
		r.put(" AS (")
		r.query(c.Query)
		r.put(")")
	}
	if len(ctes) > 0 {
		r.put(" ")
	}
}

func (r *renderer) values(v *tree.Values) {
	for i, row := range v.Rows {
		r.put([]string{", (", "VALUES ("}[first(i)])
		r.exprs(row)
		r.put(")")
	}
}

func (r *renderer) setOp(s *tree.SetOp) {
	r.put("(")
	r.query(s.Left)
	r.put(") ", s.Op)
	if s.All {
		r.put(" ALL")
	}
	if s.ByName {
		r.put(" BY NAME")
	}
	r.put(" (")
	r.query(s.Right)
	r.put(")")
}

func (r *renderer) selectBody(s *tree.Select, distinct *tree.Distinct) {
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
	r.clause(" QUALIFY ", s.Qualify)
	if s.Sample != nil {
		r.put(" USING SAMPLE ")
		r.sample(s.Sample)
	}
}

func (r *renderer) clause(word string, e tree.Expr) {
	if e != nil {
		r.put(word)
		r.expr(e)
	}
}

func (r *renderer) groupBy(g tree.Groups) {
	switch {
	case g.All:
		r.put(" GROUP BY ALL")
	case len(g.Sets) == 1 && len(g.Sets[0]) == len(g.Exprs) && len(g.Exprs) > 0:
		r.put(" GROUP BY ")
		r.exprs(g.Exprs)
	case len(g.Sets) > 0:
		r.put(" GROUP BY GROUPING SETS (")
		for i, set := range g.Sets {
			if i > 0 {
				r.put(", ")
			}
			r.put("(")
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
		if i == 0 {
			r.put(" ORDER BY ")
		} else {
			r.put(", ")
		}
		if star, ok := o.Expr.(*tree.Star); ok && star.Columns {
			r.put("ALL")
		} else {
			r.expr(o.Expr)
		}
		if o.Direction != "" {
			r.put(" ", o.Direction)
		}
		if o.Nulls != "" {
			r.put(" NULLS ", o.Nulls)
		}
	}
}

func (r *renderer) sample(s *tree.Sample) {
	if s.Method != "" {
		r.put(s.Method)
	}
	r.put("(")
	r.literal(s.Size)
	if s.Percent {
		r.put(" PERCENT)")
	} else {
		r.put(" ROWS)")
	}
	if s.Seed != "" {
		r.put(" REPEATABLE (", s.Seed, ")")
	}
}

func (r *renderer) source(s tree.Source) {
	switch s := s.(type) {
	case *tree.Table:
		r.qualified(s.Catalog, s.Schema, s.Name)
		r.alias(s.Alias, s.Columns, s.Sample)
	case *tree.Subquery:
		r.put("(")
		r.query(s.Query)
		r.put(")")
		r.alias(s.Alias, s.Columns, s.Sample)
	case *tree.TableFunction:
		r.call(s.Call)
		if s.Ordinality {
			r.put(" WITH ORDINALITY")
		}
		r.alias(s.Alias, s.Columns, s.Sample)
	case *tree.Join:
		r.join(s)
	default:
		r.fail("source", s)
	}
}

func (r *renderer) join(j *tree.Join) {
	r.joinSide(j.Left)
	r.put(" ")
	switch {
	case j.Natural:
		r.put("NATURAL ")
	case j.AsOf:
		r.put("ASOF ")
	}
	r.put(string(j.Kind), " JOIN ")
	r.joinSide(j.Right)
	if j.On != nil {
		r.put(" ON ")
		r.expr(j.On)
	}
	if len(j.Using) > 0 {
		r.put(" USING")
		r.names(j.Using)
	}
}

func (r *renderer) joinSide(s tree.Source) {
	if _, nested := s.(*tree.Join); nested {
		r.put("(")
		r.source(s)
		r.put(")")
		return
	}
	r.source(s)
}

func (r *renderer) alias(alias string, columns []string, sample *tree.Sample) {
	if alias != "" {
		r.put(" AS ")
		r.name(alias)
	}
	r.names(columns)
	if sample != nil {
		r.put(" TABLESAMPLE ")
		r.sample(sample)
	}
}

// names writes a list of names in parentheses, nothing for an empty one.
func (r *renderer) names(list []string) {
	for i, name := range list {
		if i == 0 {
			r.put(" (")
		} else {
			r.put(", ")
		}
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

// name writes an identifier, quoted unless it is plain.
func (r *renderer) name(name string) {
	if plainName(name) {
		r.put(name)
		return
	}
	r.put(`"`, strings.ReplaceAll(name, `"`, `""`), `"`)
}

// literal writes a number's text, or its place.
func (r *renderer) literal(text string) {
	if !r.literals {
		r.put("?")
		return
	}
	r.put(text)
}

func (r *renderer) param(n int) { r.put("$", strconv.Itoa(n)) }
