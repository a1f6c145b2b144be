package postgres_test

import (
	"testing"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// What a user made does not stand in for PostgreSQL's own: neither a function
// nor an operator, type or table, when the session is as the package asks.
func TestUsersObjectsAreNotUsed(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	s := openScratch(t)
	s.must(t, "SET search_path = public")
	s.must(t, "CREATE FUNCTION public.upper(varchar) RETURNS text LANGUAGE sql AS 'SELECT nextval(''s'')::text'")
	s.must(t, "CREATE FUNCTION public.stolen(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT nextval(''s'') > 0'")
	s.must(t, "CREATE FUNCTION public.whole(flights) RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''s'')'")
	s.must(t, "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.stolen)")
	s.must(t, "CREATE FUNCTION public.equal(text, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT nextval(''s'') > 0'")
	s.must(t, "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = public.equal)")
	s.must(t, "SET search_path = pg_catalog, pg_temp")
	var err error
	if s.before, err = s.State(); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT upper(origin::varchar) FROM flights LIMIT 1", "SELECT origin || destination FROM flights LIMIT 1",
		"SELECT origin = 'JFK'::varchar, origin IN ('JFK'::varchar(9)), nullif(origin, 'JFK'::varchar(9)) FROM flights LIMIT 1",
		"SELECT CASE origin WHEN 'JFK'::varchar(9) THEN 1 END FROM flights LIMIT 1", "SELECT DATE '2001-01-01'",
	} {
		q, err := g.Check(t.Context(), sql)
		if err != nil {
			t.Errorf("%q: %v", sql, err)
			continue
		}
		if _, _, err := runOn(s.conn, q.SQL(), nil); err != nil {
			t.Errorf("%q: %v", q.SQL(), err)
		}
		s.unchanged(t, q.SQL())
	}
	// Whether a table has such a column only the server knows.
	q, err := g.Check(t.Context(), "SELECT f.whole FROM flights f")
	if err != nil {
		t.Fatal(err)
	}
	if _, rows, err := runOn(s.conn, q.SQL(), nil); err == nil {
		t.Errorf("a function of a whole row ran: %q", rows)
	}
	s.unchanged(t, q.SQL())
	// The functions do act, where they are let.
	s.must(t, "SET search_path = public, pg_catalog")
	s.must(t, "SELECT upper(origin::varchar) FROM flights LIMIT 1")
	if rows := s.must(t, "SELECT is_called FROM public.s"); rows[0] != `|"t"` {
		t.Errorf("the trap does not work: %q", rows)
	}
	// Refused, since PostgreSQL takes a column that is not there for a function.
	for _, sql := range []string{"SELECT ('x').secret_function", "SELECT ('x'::text).secret_function"} {
		if got := ruleOf(t, g, sql); got != sqlguard.RuleFunction {
			t.Errorf("%q: %q", sql, got)
		}
	}
}
