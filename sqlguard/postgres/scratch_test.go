package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
	"github.com/sallyport-dev/sallyport/sqlguard"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/guardtest"
	"github.com/sallyport-dev/sallyport/sqlguard/internal/sqlgen"
)

// scratchSchema makes the tables that the corpora read. Some are named after
// commands, and the values tempt a careless guard.
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
CREATE DOMAIN date_domain AS date;
`

// scratch is a database that may be written, to see that nothing is: its role
// is the superuser, so that a hole shows. What the guard made runs in a session
// whose search_path is the one that its package asks for; its originals run in
// one that finds the tables.
type scratch struct {
	conn, plain *pgconn.PgConn
	before      string
}

const scratchDeadline = 2 * time.Second

// server is a real one whose template database is the scratch database.
type server struct {
	*servicetest.Postgres
	made atomic.Int64
}

func startServer(t testing.TB) *server {
	t.Helper()
	p := &server{Postgres: servicetest.StartPostgres(t)}
	p.Exec(t, "CREATE DATABASE model")
	p.ExecIn(t, "model", scratchSchema+sqlgen.Schema(true))
	return p
}

// open makes a new scratch database.
func (p *server) open(ctx context.Context) (*scratch, error) {
	name := fmt.Sprintf("scratch%d", p.made.Add(1))
	super, err := pgconn.Connect(ctx, p.SuperURL())
	if err != nil {
		return nil, err
	}
	_, err = super.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE model").ReadAll()
	if err = errors.Join(err, super.Close(ctx)); err != nil {
		return nil, err
	}
	connect := func(path string) (*pgconn.PgConn, error) {
		config, err := pgconn.ParseConfig(strings.Replace(p.SuperURL(), "/postgres?", "/"+name+"?", 1))
		if err != nil {
			return nil, err
		}
		config.RuntimeParams = map[string]string{"search_path": path, "statement_timeout": fmt.Sprint(scratchDeadline.Milliseconds()), "client_min_messages": "error", "max_parallel_workers_per_gather": "0"}
		return pgconn.ConnectConfig(ctx, config)
	}
	s := &scratch{}
	if s.conn, err = connect("pg_catalog, pg_temp"); err != nil {
		return nil, err
	}
	if s.plain, err = connect("pg_catalog, public"); err != nil {
		return nil, errors.Join(err, s.conn.Close(ctx))
	}
	if s.before, err = s.State(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// openScratch makes a scratch database for a test.
func openScratch(t testing.TB) *scratch {
	t.Helper()
	s, err := startServer(t).open(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Close ends its sessions; what they did has been looked at.
func (s *scratch) Close() {
	_ = s.conn.Close(context.Background())
	_ = s.plain.Close(context.Background())
}

func (s *scratch) must(t testing.TB, sql string) []string {
	t.Helper()
	_, rows, err := runOn(s.conn, sql, nil)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// contentsQuery writes a query that sums up the rows of every table and the
// position of every sequence.
const contentsQuery = `SELECT string_agg(format(CASE relkind WHEN 'S' THEN 'SELECT concat_ws(chr(44), %L, last_value, is_called) FROM %I.%I'
		ELSE 'SELECT concat(%L, md5(string_agg(r::text, chr(10) ORDER BY r::text))) FROM %I.%I AS r' END, relname, nspname, relname), ' UNION ALL ' ORDER BY nspname, relname)
	FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'S') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`

// stateQuery sums up the catalog, large objects, locks, files and what the
// session is set to.
const stateQuery = `SELECT (SELECT md5(string_agg(concat_ws('|', oid, relname, relnamespace, relowner, relkind, relacl, relfilenode, reloptions), ',' ORDER BY oid)) FROM pg_class),
	(SELECT concat(count(*), md5(string_agg(concat(oid, proname, prosrc, proacl), ',' ORDER BY oid))) FROM pg_proc), (SELECT concat(count(*), max(oid)) FROM pg_type),
	(SELECT count(*) FROM pg_operator), (SELECT md5(string_agg(concat(oid, nspname, nspowner, nspacl), ',' ORDER BY oid)) FROM pg_namespace),
	(SELECT md5(string_agg(a::text, ',' ORDER BY oid)) FROM pg_authid a), (SELECT count(*) FROM pg_auth_members), (SELECT count(*) FROM pg_db_role_setting),
	(SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_attrdef), (SELECT count(*) FROM pg_statistic_ext), (SELECT count(*) FROM pg_description),
	(SELECT count(*) FROM pg_largeobject_metadata), (SELECT count(*) FROM pg_largeobject), (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_replication_slots),
	(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'), (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_prepared_statements WHERE name <> ''),
	(SELECT count(*) FROM pg_cursors WHERE name <> ''), (SELECT string_agg(f, ',' ORDER BY f) FROM pg_ls_dir('.') AS f),
	(SELECT md5(string_agg(concat(name, '=', setting), ',' ORDER BY name)) FROM pg_settings)`

// State is all that a statement could have changed, as one text: the settings
// are those of both sessions.
func (s *scratch) State() (string, error) {
	_, sums, err := runOn(s.conn, contentsQuery, nil)
	if err != nil {
		return "", err
	}
	query, err := strconv.Unquote(sums[0][1:])
	if err != nil {
		return "", err
	}
	if _, sums, err = runOn(s.conn, query, nil); err != nil {
		return "", err
	}
	_, rows, err := runOn(s.conn, stateQuery, nil)
	if err != nil {
		return "", err
	}
	_, plain, err := runOn(s.plain, stateQuery, nil)
	return strings.Join(slices.Concat(sums, rows, plain), "\n"), err
}

// unchanged fails the test when anything has changed since the scratch
// database was made.
func (s *scratch) unchanged(t testing.TB, after string) {
	t.Helper()
	if got, err := s.State(); err != nil || got != s.before {
		t.Fatalf("%q changed the database: %v\n%s\n%s", after, err, s.before, got)
	}
}

// runOn runs one statement by the extended protocol, as an engine does, in a
// transaction of its own. Each row comes as one text.
func runOn(conn *pgconn.PgConn, sql string, params []string) (columns, rows []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*scratchDeadline)
	defer cancel()
	values := make([][]byte, len(params))
	for i, p := range params {
		values[i] = []byte(p)
	}
	result := conn.ExecParams(ctx, sql, values, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, nil, result.Err
	}
	for _, f := range result.FieldDescriptions {
		columns = append(columns, fmt.Sprintf("%s %d", f.Name, f.DataTypeOID))
	}
	for _, row := range result.Rows {
		text := make([]byte, 0, 64)
		for _, value := range row {
			if value == nil {
				text = append(text, "|NULL"...)
				continue
			}
			text = strconv.AppendQuote(append(text, '|'), string(value))
		}
		rows = append(rows, string(text))
	}
	return columns, rows, nil
}

// Rendered runs the guard's SQL.
func (s *scratch) Rendered(q sqlguard.Query, params []string) guardtest.Answer {
	return answer(s.conn, q.SQL(), params)
}

// Original runs what it was made of.
func (s *scratch) Original(sql string, _ sqlguard.Query, params []string) guardtest.Answer {
	return answer(s.plain, strings.TrimRight(sql, "; \t\r\n"), params)
}

func answer(conn *pgconn.PgConn, sql string, params []string) guardtest.Answer {
	columns, rows, err := runOn(conn, sql, params)
	var failed *pgconn.PgError
	late := errors.As(err, &failed) && failed.Code == "57014" // query_canceled
	return guardtest.Answer{Columns: columns, Rows: rows, Err: err, Late: late}
}
