package postgres_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Whatever the guard accepts of the corpora leaves a database that may be
// written as it was, and answers what its text asked for.
func TestAcceptedQueriesChangeNothing(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{MaxRows: 1 << 40}, nil)
	s := openScratch(t)
	answered, compared := 0, 0
	for _, e := range slices.Concat(benign(t), attacks(t)) {
		q, err := g.Check(context.Background(), e.SQL)
		if err != nil {
			continue
		}
		params := make([]string, q.NumParams())
		for i := range params {
			params[i] = "1"
			if strings.Contains(e.SQL, "::text[]") {
				params[i] = "{JFK}"
			}
		}
		columns, rows, err := s.rendered(q.SQL(), params)
		if err != nil {
			if e.Rule == "" && !newer(err) {
				t.Errorf("%s: %v\n%q\n%q", e.ID, err, e.SQL, q.SQL())
			}
			continue
		}
		answered++
		s.unchanged(t, q.SQL())
		if e.Rule == "" && deterministic(e.SQL) {
			compared++
			s.sameAnswer(t, e, q, params, columns, rows)
		}
	}
	if answered < 180 || compared < 150 {
		t.Errorf("only %d queries of the corpus ran, and %d were compared", answered, compared)
	}
}

// newer reports whether the server is too old for a function.
func newer(err error) bool {
	var failed *pgconn.PgError
	return errors.As(err, &failed) && failed.Code == "42883"
}

// sameAnswer compares what the rendering answers with what the text does.
func (s *scratch) sameAnswer(t *testing.T, e corpusEntry, q sqlguard.Query, params, columns, rows []string) {
	t.Helper()
	wantColumns, want, err := s.run(strings.TrimRight(e.SQL, "; \n"), params)
	if err != nil {
		return // a text that only the rendering makes fit for this version
	}
	if !slices.Equal(columns, wantColumns) {
		t.Errorf("%s: columns %q, want %q\n%q\n%q", e.ID, columns, wantColumns, e.SQL, q.SQL())
	}
	if !slices.Equal(sorted(rows), sorted(want)) {
		t.Errorf("%s: the rendering answers otherwise\n%q\n%q\nwant %.300s\ngot  %.300s", e.ID, e.SQL, q.SQL(), strings.Join(want, "\n"), strings.Join(rows, "\n"))
	}
}

// deterministic leaves out plans, the clock and rows in no order.
func deterministic(sql string) bool {
	for _, word := range []string{"EXPLAIN", "explain", "CURRENT_", "now()", "random", "LIMIT $1", "OFFSET", "DISTINCT ON"} {
		if strings.Contains(sql, word) {
			return false
		}
	}
	return true
}

// What a user made does not stand in for PostgreSQL's own: neither a function
// nor an operator, type or table, when the session is as the package asks.
func TestUsersObjectsAreNotUsed(t *testing.T) {
	t.Parallel()
	g := newGuard(t, sqlguard.Policy{}, nil)
	s := openScratch(t)
	s.must(t, "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.stolen)")
	s.must(t, "CREATE FUNCTION public.equal(text, varchar) RETURNS boolean LANGUAGE sql AS 'SELECT nextval(''s'') > 0'")
	s.must(t, "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = public.equal)")
	s.before = s.state(t)
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
		if _, _, err := s.rendered(q.SQL(), nil); err != nil {
			t.Errorf("%q: %v", q.SQL(), err)
		}
		s.unchanged(t, q.SQL())
	}
	// Whether a table has such a column only the server knows.
	q, err := g.Check(t.Context(), "SELECT f.whole FROM flights f")
	if err != nil {
		t.Fatal(err)
	}
	if _, rows, err := s.rendered(q.SQL(), nil); err == nil {
		t.Errorf("a function of a whole row ran: %q", rows)
	}
	s.unchanged(t, q.SQL())
	// The functions do act, where they are let.
	s.must(t, "SET search_path = public, pg_catalog")
	s.must(t, "SELECT upper(origin::varchar) FROM flights LIMIT 1")
	if s.state(t) == s.before {
		t.Error("the trap does not work")
	}
	// Refused, since PostgreSQL takes a column that is not there for a function.
	for _, sql := range []string{"SELECT ('x').secret_function", "SELECT ('x'::text).secret_function"} {
		if got := ruleOf(t, g, sql); got != sqlguard.RuleFunction {
			t.Errorf("%q: %q", sql, got)
		}
	}
}
