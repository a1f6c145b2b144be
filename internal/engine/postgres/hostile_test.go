package postgres

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// state is everything about a session that a statement could have changed.
const state = `SELECT current_user, session_user, pg_backend_pid() > 0,
	current_setting('transaction_read_only'), current_setting('transaction_isolation'),
	(SELECT string_agg(name || '=' || setting, ';' ORDER BY name) FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'), -- a library's that has been loaded
	
	(SELECT string_agg(nspname, ',') FROM pg_namespace WHERE oid = pg_my_temp_schema()),
	(SELECT string_agg(name || ' ' || statement, ';' ORDER BY name) FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared_statements%'
		AND name IN ('sallyport_begin', 'sallyport_end', 'sallyport_unlock', 'sallyport_deadline') OR NOT from_sql IS FALSE),
	(SELECT count(*) FROM pg_cursors WHERE is_holdable),
	(SELECT string_agg(c, ',') FROM pg_listening_channels() c),
	(SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')`

// hostile are statements that no guard would let through, and what they try.
// Each is one that leaves something behind where nobody looks after it.
var hostile = []string{
	// Leaving the transaction.
	"COMMIT", "ROLLBACK", "END", "ABORT", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "BEGIN", "START TRANSACTION READ WRITE",
	"SAVEPOINT s", "PREPARE TRANSACTION 'x'", "SET TRANSACTION READ WRITE", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
	// Settings.
	"SET default_transaction_read_only = off", "SET SESSION statement_timeout = 0", "SET lock_timeout = 0", "SET search_path = evil", "RESET ALL",
	"SET LOCAL work_mem = '1GB'", "SET ROLE writer", "SET SESSION AUTHORIZATION writer", "RESET SESSION AUTHORIZATION",
	"SELECT set_config('default_transaction_read_only', 'off', false)", "SELECT set_config('statement_timeout', '0', false)",
	"SELECT set_config('search_path', 'evil, pg_catalog', false)", "SELECT set_config('role', 'writer', false)",
	"SELECT set_config('session_authorization', 'writer', false)", "SELECT set_config('transaction_read_only', 'off', false)",
	"SELECT set_config('work_mem', '1GB', false), set_config('timezone', 'Asia/Tokyo', false), set_config('datestyle', 'German', false)",
	"SELECT leave_setting()", "WITH s AS (SELECT set_config('jit', 'on', false)) SELECT * FROM s",
	// Things of a session.
	"PREPARE p AS SELECT 1", "DEALLOCATE ALL", "DEALLOCATE sallyport_begin", "DISCARD ALL", "DISCARD PLANS", "DISCARD TEMP",
	"LISTEN c", "UNLISTEN *", "NOTIFY c", "SELECT pg_notify('c', 'x')",
	"DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CLOSE ALL", "CREATE TEMP TABLE tt (a int)", "CREATE TEMP TABLE tt AS SELECT 1", "SELECT 1 INTO TEMP tt",
	"SELECT pg_advisory_lock(1)", "SELECT pg_advisory_lock_shared(2, 3)", "SELECT pg_try_advisory_lock(i) FROM generate_series(10, 20) i",
	"SELECT pg_advisory_xact_lock(4)", "SELECT leave_lock()", "LOAD 'auto_explain'",
	// Writing.
	"INSERT INTO t VALUES (2)", "UPDATE t SET a = 3", "DELETE FROM t", "TRUNCATE t", "DROP TABLE t", "CREATE TABLE u (a int)", "ALTER TABLE t ADD b int",
	"WITH d AS (DELETE FROM t RETURNING a) SELECT * FROM d", "INSERT INTO t VALUES (5) RETURNING a", "SELECT nextval('s')", "SELECT setval('s', 99)",
	"SELECT a FROM t FOR UPDATE", "SELECT a FROM t FOR KEY SHARE", "SELECT write()", "SELECT write_as_owner()", "CALL change()", "DO $$ BEGIN INSERT INTO t VALUES (7); END $$",
	"SELECT lo_create(4711)", "SELECT lo_creat(-1)", "SELECT lo_from_bytea(4712, 'x')", "SELECT lo_import('/etc/hosts')", "SELECT lo_put(1, 0, 'x')", "SELECT lo_unlink(1)",
	"COPY t TO STDOUT", "COPY t FROM STDIN", "COPY (SELECT 1) TO PROGRAM 'true'", "COPY t FROM '/etc/passwd'", "COPY (DELETE FROM t RETURNING a) TO STDOUT",
	"EXPLAIN ANALYZE DELETE FROM t", "EXPLAIN ANALYZE SELECT pg_advisory_lock(7)", "REINDEX TABLE t", "VACUUM t", "ANALYZE t", "CLUSTER", "CHECKPOINT", "LOCK t",
	"COMMENT ON TABLE t IS 'x'", "GRANT ALL ON t TO PUBLIC", "REFRESH MATERIALIZED VIEW m", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
	"SECURITY LABEL ON TABLE t IS 'x'", "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO z", "ALTER ROLE reader SET work_mem = '1GB'", "ALTER SYSTEM SET work_mem = '1GB'",
	// More than one, none, and what else confuses.
	"SELECT 1; DELETE FROM t", "COMMIT; DELETE FROM t", "", ";", "-- nothing", "SELECT", "SELECT FROM t", "EXECUTE sallyport_end", "EXECUTE sallyport_begin", "FETCH ALL FROM c", "MOVE 1 IN c",
	"SELECT pg_terminate_backend(pg_backend_pid())", "SELECT pg_cancel_backend(pg_backend_pid())", "SELECT 1 / 0", "SELECT pg_export_snapshot()",
}

const hostileGround = `CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE SEQUENCE s; CREATE SCHEMA evil; CREATE MATERIALIZED VIEW m AS SELECT 1 a;
	CREATE FUNCTION leave_setting() RETURNS text LANGUAGE sql AS $$ SELECT set_config('statement_timeout', '0', false) $$;
	CREATE FUNCTION leave_lock() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_lock(99); RETURN 1; END $$;
	CREATE FUNCTION write() RETURNS int LANGUAGE sql AS $$ INSERT INTO t VALUES (3) RETURNING a $$;
	CREATE FUNCTION write_as_owner() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ INSERT INTO t VALUES (3) RETURNING a $$;
	CREATE PROCEDURE change() LANGUAGE plpgsql AS $$ BEGIN COMMIT; SET default_transaction_read_only = off; INSERT INTO t VALUES (8); COMMIT; END $$;
	CREATE ROLE writer; `

// contents is what must not change.
const contents = `SELECT (SELECT string_agg(a::text, ',') FROM t) || (SELECT last_value || is_called::text FROM s) || (SELECT count(*) FROM pg_class)
	|| (SELECT count(*) FROM pg_proc) || (SELECT count(*) FROM pg_largeobject_metadata) || (SELECT count(*) FROM pg_prepared_xacts)
	|| (SELECT string_agg(coalesce(rolconfig::text, ''), '') FROM pg_roles) || (SELECT relacl::text FROM pg_class WHERE relname = 't')`

// difference shows the parts of a state that are not the same.
func difference(before, after string) string {
	was := strings.FieldsFunc(before, func(r rune) bool { return r == ',' || r == ';' })
	var b strings.Builder
	for _, part := range strings.FieldsFunc(after, func(r rune) bool { return r == ',' || r == ';' }) {
		if !slices.Contains(was, part) {
			b.WriteString("now " + part + "\n")
		}
	}
	return b.String()
}

// One connection, a role that may do everything but administer, and no guard:
// what is left of the last query must not reach the next, and nothing is
// written.
func TestNothingOutlivesAQuery(t *testing.T) {
	t.Parallel()
	for name, rights := range map[string]string{
		"a reader": "",
		"a writer": "GRANT ALL ON ALL TABLES IN SCHEMA public TO reader; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO reader; GRANT ALL ON SCHEMA public, evil TO reader; GRANT writer TO reader",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := servicetest.StartPostgres(t)
			server.Exec(t, hostileGround)
			reader(t, server)
			if rights != "" {
				server.Exec(t, rights)
			}
			b := attach(t, server, false, func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
			before, held := b.rows(t, state), server.Value(t, contents)
			for _, sql := range hostile {
				for range 2 { // the second time as a prepared statement
					_, err := b.run(t.Context(), sql, generous, encode.JSON, io.Discard)
					if after := b.rows(t, state); after != before {
						t.Errorf("%q (%v):\n%s", sql, err, difference(before, after))
						before = after
					}
				}
			}
			if now := server.Value(t, contents); now != held {
				t.Errorf("something was written:\n got %s\nwant %s", now, held)
			}
		})
	}
}

// A statement that is no query is an error, and the log says that it came
// this far.
func TestOnlyQueriesRun(t *testing.T) {
	t.Parallel()
	b := start(t, "CREATE TABLE t (a int)")
	for _, sql := range []string{"SELECT 1", "VALUES (1)", "TABLE t", "WITH w AS (SELECT 1) SELECT * FROM w", "EXPLAIN SELECT 1", "SHOW work_mem", "(SELECT 1) UNION SELECT 2"} {
		b.text(t, encode.JSON, sql)
	}
	if log := b.log.String(); strings.Contains(log, "got past") {
		t.Error(log)
	}
	for i, sql := range []string{"COMMIT", "LISTEN c", "PREPARE p AS SELECT 1", "DEALLOCATE ALL", "DECLARE c CURSOR FOR SELECT 1", "COPY t TO STDOUT", "INSERT INTO t VALUES (1)", "CREATE TEMP TABLE x ()", ""} {
		_, err := b.run(t.Context(), sql, generous, encode.JSON, io.Discard)
		if err == nil {
			t.Errorf("%q: no error", sql)
		}
		if sql == "INSERT INTO t VALUES (1)" {
			continue // the role may not, which comes first
		}
		if got := strings.Count(b.log.String(), "got past"); got == 0 {
			t.Errorf("%d %q: the log says nothing", i, sql)
		}
	}
}
