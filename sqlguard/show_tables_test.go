package sqlguard_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// SHOW TABLES lists what may be read and nothing else: not what the policy
// keeps back, nor what the file holds but the catalog leaves out.
func TestShowTables(t *testing.T) {
	t.Parallel()
	s := openScratch(t)
	catalog := &sqlguard.Catalog{Tables: []string{"flights", "Airports", "mart.sales", "it's"}, Macros: []string{"in_search_path"}}
	for _, c := range []struct {
		policy sqlguard.Policy
		want   []string
		capped int64
	}{
		{sqlguard.Policy{}, []string{"Airports", "flights", "it's", "mart.sales"}, sqlguard.DefaultMaxRows},
		{sqlguard.Policy{Tables: []string{"airports", "Flights", "nowhere"}}, []string{"Airports", "flights"}, sqlguard.DefaultMaxRows},
		{sqlguard.Policy{HiddenColumns: []string{"name"}}, []string{"Airports", "flights", "it's", "mart.sales"}, sqlguard.DefaultMaxRows},
		{sqlguard.Policy{Tables: []string{"nowhere"}}, nil, 0},
		{sqlguard.Policy{MaxRows: 2}, []string{"Airports", "flights"}, 2},
	} {
		g := newGuard(t, c.policy, catalog)
		q, err := g.Check(t.Context(), "SHOW TABLES;")
		if err != nil {
			t.Errorf("%+v: %v", c.policy, err)
			continue
		}
		got, err := s.run(q.SQL(), nil)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q (%v), want %q", c.policy, got, err, c.want)
		}
		if q.CappedAt() != c.capped || len(q.Tables()) != 0 {
			t.Errorf("%+v: capped at %d, tables %q", c.policy, q.CappedAt(), q.Tables())
		}
		if again, err := g.Check(t.Context(), q.SQL()); err != nil || again.SQL() != q.SQL() {
			t.Errorf("%q: not a fixed point: %v", q.SQL(), err)
		}
	}
	// Without a catalog the engine answers, for those who may read all.
	q, err := newGuard(t, sqlguard.Policy{}, nil).Check(t.Context(), "SHOW TABLES")
	if err != nil || q.SQL() != "SHOW TABLES" {
		t.Errorf("%q, %v", q.SQL(), err)
	}
}

func TestShowTablesOfVeryMany(t *testing.T) {
	t.Parallel()
	catalog := &sqlguard.Catalog{}
	for i := range 1_000 {
		catalog.Tables = append(catalog.Tables, fmt.Sprintf("a_table_with_a_name_of_some_length_that_has_a_number_%d", i))
	}
	judgeAll(t, newGuard(t, sqlguard.Policy{}, catalog), "", nil, accepted{"SHOW TABLES"})
	catalog.Tables = append(catalog.Tables, "more")
	judgeAll(t, newGuard(t, sqlguard.Policy{}, catalog), sqlguard.RuleCatalog, refused{"SHOW TABLES"}, accepted{"FROM more"})
	judgeAll(t, newGuard(t, sqlguard.Policy{Tables: []string{"more"}}, catalog), "", nil, accepted{"SHOW TABLES"})
}

// A plan shows what is beneath a view and what the policy keeps back.
func TestExplain(t *testing.T) {
	t.Parallel()
	catalog := &sqlguard.Catalog{Tables: []string{"flights", "Late", "mart.v"}, Views: []string{"Late", "mart.v"}}
	judgeAll(t, newGuard(t, sqlguard.Policy{}, catalog), sqlguard.RuleCatalog,
		refused{"EXPLAIN FROM late", "EXPLAIN SELECT (SELECT count(*) FROM LATE) FROM flights", "explain WITH a AS (FROM main.late) FROM a", "EXPLAIN FROM mart.v"},
		accepted{"EXPLAIN FROM flights", "EXPLAIN SELECT 1", "EXPLAIN WITH late AS (SELECT 1) FROM late", "FROM late", "DESCRIBE late"})
	judgeAll(t, newGuard(t, sqlguard.Policy{Tables: []string{"flights"}}, catalog), sqlguard.RuleCatalog,
		refused{"EXPLAIN FROM flights", "EXPLAIN SELECT 1", "EXPLAIN FROM late"}, accepted{"FROM flights"})
	judgeAll(t, newGuard(t, sqlguard.Policy{HiddenColumns: []string{"ssn"}}, catalog), sqlguard.RuleCatalog,
		refused{"EXPLAIN SELECT delay FROM flights", "EXPLAIN SELECT ssn FROM flights"}, accepted{"SELECT delay FROM flights"})
	judgeAll(t, newGuard(t, sqlguard.Policy{}, nil), "", nil, accepted{"EXPLAIN FROM anything"})
}
