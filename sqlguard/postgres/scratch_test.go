package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// scratchSchema makes the tables that the corpora read. Some are named after
// commands, and the values and functions tempt a careless guard.
const scratchSchema = `
CREATE TABLE flights AS SELECT DATE '2001-01-01' + i % 90 AS date, (i * 37) % 200 - 20 AS delay, i * 7 % 2500 AS distance,
	(ARRAY['JFK', 'LAX', 'ORD', 'naïve'])[1 + i % 4] AS origin, (ARRAY['SFO', 'JFK', 'DEN'])[1 + i % 3] AS destination FROM generate_series(0, 999) AS g(i);
CREATE TABLE airports (iata text, city text, state text);
INSERT INTO airports VALUES ('JFK', 'New York', 'NY'), ('LAX', 'Los Angeles', 'CA');
CREATE TABLE notes AS SELECT 'please update it; -- /* DROP TABLE */' AS body;
CREATE TABLE words AS SELECT 1 AS "update", 2 AS "set", 3 AS "delete", 4 AS "Mixed", 'x' AS description, 'y' AS reserved;
CREATE TABLE docs AS SELECT '{"a": {"b": 1}, "k": "v", "n": 3}'::jsonb AS j;
CREATE TABLE "update" AS SELECT 1 AS x;
CREATE TABLE a AS SELECT 1 AS a; CREATE TABLE b AS SELECT 1 AS b; CREATE TABLE t AS SELECT 1 AS a, 2 AS b;
CREATE VIEW late AS SELECT * FROM flights WHERE delay > 60;
CREATE SEQUENCE s;
CREATE FUNCTION my_function(int) RETURNS int LANGUAGE sql AS 'SELECT nextval(''s'')::int';
CREATE FUNCTION secret_function(text) RETURNS text LANGUAGE sql AS 'SELECT nextval(''s'')::text';
-- They stand for PostgreSQL's own where the session lets them.
CREATE FUNCTION public.upper(varchar) RETURNS text LANGUAGE sql AS 'SELECT nextval(''s'')::text';
CREATE FUNCTION public.stolen(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT nextval(''s'') > 0';
CREATE FUNCTION public.whole(flights) RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''s'')';
CREATE DOMAIN date_domain AS date;
`

// scratch is a database that may be written, to see that nothing is: its role
// is the superuser, so that a hole shows.
type scratch struct {
	conn   *pgconn.PgConn
	before string
}

func openScratch(t testing.TB) *scratch {
	t.Helper()
	server := servicetest.StartPostgres(t)
	server.Exec(t, scratchSchema)
	conn, err := pgconn.Connect(context.WithoutCancel(t.Context()), server.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // what it did has been looked at
	s := &scratch{conn: conn}
	s.must(t, "SET statement_timeout = '2s'")
	s.must(t, "SET client_min_messages = error")
	s.before = s.state(t)
	return s
}

func (s *scratch) must(t testing.TB, sql string) []string {
	t.Helper()
	_, rows, err := s.run(sql, nil)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// stateQuery sums up contents, catalog, sequences, large objects, locks and
// what the session is set to.
const stateQuery = `SELECT md5(concat_ws('|',
	(SELECT string_agg(f::text, ',' ORDER BY f::text) FROM public.flights f), (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM public.airports a),
	(SELECT string_agg(w::text, ',') FROM public.words w), (SELECT string_agg(d::text, ',') FROM public.docs d), (SELECT string_agg(u::text, ',') FROM public."update" u),
	(SELECT string_agg(n::text, ',') FROM public.notes n))),
	(SELECT concat_ws('|', last_value, is_called) FROM public.s), (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_proc), (SELECT count(*) FROM pg_type),
	(SELECT count(*) FROM pg_operator), (SELECT count(*) FROM pg_namespace), (SELECT count(*) FROM pg_authid), (SELECT count(*) FROM pg_database),
	(SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_replication_slots),
	(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_prepared_statements WHERE name <> ''),
	(SELECT md5(string_agg(concat(name, '=', setting), ',' ORDER BY name)) FROM pg_settings WHERE name NOT IN ('search_path', 'transaction_read_only', 'statement_timeout'))`

func (s *scratch) state(t testing.TB) string {
	t.Helper()
	return strings.Join(s.must(t, stateQuery), "\n")
}

// unchanged fails the test when anything has changed since the scratch
// database was made.
func (s *scratch) unchanged(t testing.TB, after string) {
	t.Helper()
	if got := s.state(t); got != s.before {
		t.Fatalf("%q changed the database:\n%s\n%s", after, s.before, got)
	}
}

// run runs one statement by the extended protocol, as an engine does. Each row
// comes as one text.
func (s *scratch) run(sql string, params []string) (columns, rows []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	values := make([][]byte, len(params))
	for i, p := range params {
		values[i] = []byte(p)
	}
	result := s.conn.ExecParams(ctx, sql, values, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, nil, result.Err
	}
	for _, f := range result.FieldDescriptions {
		columns = append(columns, f.Name)
	}
	for _, row := range result.Rows {
		var b strings.Builder
		for _, value := range row {
			if value == nil {
				b.WriteString("|NULL")
				continue
			}
			fmt.Fprintf(&b, "|%q", value)
		}
		rows = append(rows, b.String())
	}
	return columns, rows, nil
}

// rendered runs the guard's SQL with the search_path that its package asks for.
func (s *scratch) rendered(sql string, params []string) (columns, rows []string, err error) {
	if _, _, err := s.run("SET search_path = pg_catalog, pg_temp", nil); err != nil {
		return nil, nil, err
	}
	columns, rows, err = s.run(sql, params)
	_, _, reset := s.run("SET search_path = public", nil)
	return columns, rows, errors.Join(err, reset)
}

func sorted(rows []string) []string {
	slices.Sort(rows)
	return rows
}
