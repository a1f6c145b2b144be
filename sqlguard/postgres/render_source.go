package postgres

import (
	"slices"

	"github.com/sallyport-dev/sallyport/sqlguard/internal/tree"
)

func (r *renderer) source(s tree.Source) {
	switch s := s.(type) {
	case *tree.Table:
		r.table(s)
	case *tree.Subquery:
		if s.Sample != nil {
			r.fail("sample of", s)
		}
		r.put("(")
		r.query(s.Query)
		r.put(")")
		r.alias(s.Alias, s.Columns)
	case *tree.TableFunction:
		if s.Sample != nil {
			r.fail("sample of", s)
		}
		r.call(s.Call)
		if s.Ordinality {
			r.put(" WITH ORDINALITY")
		}
		r.alias(s.Alias, s.Columns)
	case *tree.Join:
		r.join(s)
	default:
		r.fail("source", s)
	}
}

// table names the schema of every relation that is no CTE, so that where the
// server looks for it is not left to the session.
func (r *renderer) table(t *tree.Table) {
	schema := t.Schema
	if schema == "" && t.Catalog == "" && !slices.Contains(r.ctes, t.Name) {
		schema = defaultSchema
	}
	r.qualified(t.Catalog, schema, t.Name)
	r.alias(t.Alias, t.Columns)
	s := t.Sample
	if s == nil {
		return
	}
	if !s.Percent {
		r.fail("sample", s)
	}
	r.put(" TABLESAMPLE ")
	r.name(s.Method)
	r.put(" (")
	r.number(s.Size)
	r.put(")")
	if s.Seed != "" {
		r.put(" REPEATABLE (")
		r.number(s.Seed)
		r.put(")")
	}
}

func (r *renderer) join(j *tree.Join) {
	switch j.Kind {
	case tree.JoinInner, tree.JoinLeft, tree.JoinRight, tree.JoinFull, tree.JoinCross:
	default:
		r.fail("join", j.Kind)
	}
	if j.AsOf {
		r.fail("join", "ASOF")
	}
	r.source(j.Left) // joins associate to the left
	r.put(" ")
	if j.Natural {
		r.put("NATURAL ")
	}
	r.put(string(j.Kind), " JOIN ")
	if _, nested := j.Right.(*tree.Join); nested {
		r.put("(")
		r.source(j.Right)
		r.put(")")
	} else {
		r.source(j.Right)
	}
	r.clause(" ON ", j.On)
	if len(j.Using) > 0 {
		r.put(" USING")
		r.names(j.Using)
	}
}

func (r *renderer) alias(alias string, columns []string) {
	if alias != "" {
		r.put(" AS ")
		r.name(alias)
	} else if len(columns) > 0 {
		r.fail("alias", "without a name")
	}
	r.names(columns)
}
