package postgres_test

import (
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// To PostgreSQL "Users" and users are two relations: one never stands for the
// other, neither in the policy nor in the catalog nor as the name of a CTE.
func TestNamesAreExact(t *testing.T) {
	t.Parallel()
	catalog := &sqlguard.Catalog{Tables: []string{"Users", "orders", "Sales.Orders", "sales.orders", "main.t", "Tab le"}, Views: []string{"Users"}}
	capital := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst, Tables: []string{"Users", "Sales.Orders", "main.t", "Tab le"}}, catalog)
	small := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst, Tables: []string{"users", "orders", "sales.orders", "t"}}, nil)
	for _, c := range []struct {
		sql            string
		capital, small sqlguard.Rule
		rendered       string // by the first that lets it through
	}{
		{`SELECT "Users".id FROM "Users"`, "", sqlguard.RuleTable, `SELECT "Users".id FROM public."Users" LIMIT 1000`},
		{`SELECT id FROM public."Users" AS "U"`, "", sqlguard.RuleTable, `SELECT id FROM public."Users" AS "U" LIMIT 1000`},
		{`SELECT id FROM users`, sqlguard.RuleTable, "", `SELECT id FROM public.users LIMIT 1000`},
		{`SELECT id FROM Users`, sqlguard.RuleTable, "", `SELECT id FROM public.users LIMIT 1000`},
		{`SELECT id FROM "USERS"`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "Sales"."Orders"`, "", sqlguard.RuleTable, `SELECT 1 FROM "Sales"."Orders" LIMIT 1000`},
		{`SELECT 1 FROM Sales.Orders`, sqlguard.RuleTable, "", `SELECT 1 FROM sales.orders LIMIT 1000`},
		{`SELECT 1 FROM "Sales".orders`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "Public".orders`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "PUBLIC"."Users"`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "Tab le"`, "", sqlguard.RuleTable, `SELECT 1 FROM public."Tab le" LIMIT 1000`},
		// main is a schema like others
		{`SELECT 1 FROM main.t`, "", sqlguard.RuleTable, `SELECT 1 FROM main.t LIMIT 1000`},
		{`SELECT 1 FROM t`, sqlguard.RuleTable, "", `SELECT 1 FROM public.t LIMIT 1000`},
		{`SELECT 1 FROM public.t`, sqlguard.RuleTable, "", `SELECT 1 FROM public.t LIMIT 1000`},
		// A CTE hides the table of its own name and no other.
		{`WITH users AS (SELECT 1 AS id) SELECT id FROM "Users"`, "", sqlguard.RuleTable, `WITH users AS (SELECT 1 AS id) SELECT id FROM public."Users" LIMIT 1000`},
		{`WITH "Users" AS (SELECT 1 AS id) SELECT id FROM users`, sqlguard.RuleTable, "", `WITH "Users" AS (SELECT 1 AS id) SELECT id FROM public.users LIMIT 1000`},
		{`WITH "Users" AS (SELECT 1 AS id) SELECT id FROM "Users"`, "", "", `WITH "Users" AS (SELECT 1 AS id) SELECT id FROM "Users" LIMIT 1000`},
		{`WITH users AS (SELECT id FROM "Users") SELECT id FROM users`, "", sqlguard.RuleTable, `WITH users AS (SELECT id FROM public."Users") SELECT id FROM users LIMIT 1000`},
		{`WITH "Users" AS (SELECT id FROM users) SELECT id FROM "Users"`, sqlguard.RuleTable, "", `WITH "Users" AS (SELECT id FROM public.users) SELECT id FROM "Users" LIMIT 1000`},
		{`WITH "USERS" AS (SELECT 1 AS id), users AS (SELECT 2 AS id) SELECT a.id FROM "USERS" a JOIN users b USING (id)`, "", "", ""},
		{`WITH users AS (SELECT 1 AS id) SELECT id FROM public.users`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`WITH "Users" AS (SELECT 1 AS id) SELECT id FROM public.users`, sqlguard.RuleTable, "", `WITH "Users" AS (SELECT 1 AS id) SELECT id FROM public.users LIMIT 1000`},
		{`SELECT id FROM (WITH "Users" AS (SELECT 1 AS id) SELECT id FROM "Users") q WHERE id IN (SELECT id FROM "Users")`, "", sqlguard.RuleTable, ""},
		// what stays closed, in whatever case
		{`SELECT 1 FROM "a.b"`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "sales.orders"`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "a.b".c`, sqlguard.RuleTable, sqlguard.RuleTable, ""},
		{`SELECT 1 FROM "PG_class"`, sqlguard.RuleCatalog, sqlguard.RuleCatalog, ""},
		{`SELECT 1 FROM "Pg_catalog".t`, sqlguard.RuleCatalog, sqlguard.RuleCatalog, ""},
		{`SELECT 1 FROM "Information_Schema".tables`, sqlguard.RuleCatalog, sqlguard.RuleCatalog, ""},
		{`SELECT "Users" FROM "Users"`, sqlguard.RuleColumn, sqlguard.RuleColumn, ""},
		{`SELECT "Abs"(1)`, sqlguard.RuleFunction, sqlguard.RuleFunction, ""},
	} {
		for name, g := range map[string]struct {
			*sqlguard.Guard
			want sqlguard.Rule
		}{"capital": {capital, c.capital}, "small": {small, c.small}} {
			if got := ruleOf(t, g.Guard, c.sql); got != g.want {
				t.Errorf("%s, %s: %q, want %q", c.sql, name, got, g.want)
			} else if q, err := g.Check(t.Context(), c.sql); err == nil && c.rendered != "" && q.SQL() != c.rendered {
				t.Errorf("%s, %s:\n%s, want\n%s", c.sql, name, q.SQL(), c.rendered)
			}
		}
	}
	q, err := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst}, nil).Check(t.Context(), `SELECT 1 FROM "Users" a JOIN users b USING (id) JOIN s."Users" c USING (id)`)
	if want := []string{"Users", "s.Users", "users"}; err != nil || !slices.Equal(q.Tables(), want) {
		t.Errorf("%q, %v, want %q", q.Tables(), err, want)
	}
}

// Whatever the case of its letters, a hidden column stays hidden, and so does
// the plan of a view.
func TestHiddenNamesInAnyCase(t *testing.T) {
	t.Parallel()
	hiding := newGuard(t, sqlguard.Policy{Preset: sqlguard.Analyst, HiddenColumns: []string{"Secret"}}, nil)
	for _, sql := range []string{
		`SELECT secret FROM "Users"`, `SELECT "SECRET" FROM users`, `SELECT u."sEcret" FROM "Users" u`, `SELECT * FROM "Users"`, `SELECT "U" FROM "Users" AS "U"`, `SELECT "u" FROM "Users" AS "U"`,
		`WITH users AS (SELECT 1 AS id) SELECT * FROM "Users"`, `WITH "Users" AS (SELECT 1 AS id) SELECT * FROM users`, `SELECT 1 FROM "Users" JOIN users USING ("SECRET")`,
	} {
		if got := ruleOf(t, hiding, sql); got != sqlguard.RuleColumn {
			t.Errorf("%s: %q", sql, got)
		}
	}
	view := newGuard(t, sqlguard.Policy{}, &sqlguard.Catalog{Tables: []string{"Late", "late"}, Views: []string{"Late"}})
	for sql, want := range map[string]sqlguard.Rule{
		`EXPLAIN SELECT 1 FROM "Late"`: sqlguard.RuleCatalog, `EXPLAIN SELECT 1 FROM late`: "", `WITH late AS (SELECT 1) SELECT 1 FROM "Late"`: "",
		`EXPLAIN WITH late AS (SELECT 1) SELECT 1 FROM "Late"`: sqlguard.RuleCatalog, `EXPLAIN WITH "Late" AS (SELECT 1) SELECT 1 FROM "Late"`: "",
	} {
		if got := ruleOf(t, view, sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
}
