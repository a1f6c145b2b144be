package postgres

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// inspect opens an engine as reader and gives what Open says of the role.
func inspectAs(t *testing.T, server *servicetest.Postgres, role string) ([]string, []string) {
	t.Helper()
	c := testConfig(server, io.Discard)
	c.URL = server.URL(role, "postgres")
	e, err := Open(t.Context(), c)
	if err == nil {
		warnings := e.Warnings()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		return nil, warnings
	}
	var problems *RoleError
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	return problems.Problems, nil
}

const roleGround = `CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT a FROM t; CREATE SEQUENCE s; CREATE SCHEMA other; CREATE TABLE other.hidden (c int);
	CREATE ROLE team; CREATE ROLE boss SUPERUSER; CREATE ROLE maker CREATEROLE; CREATE ROLE quiet NOINHERIT;`

func TestRoleSQLMakesARightRole(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	server.Exec(t, roleGround)
	server.Exec(t, `CREATE DATABASE "od""d"`)
	// As an older cluster has it.
	server.Exec(t, "GRANT CREATE ON SCHEMA public TO PUBLIC")
	server.Exec(t, RoleSQL("reader", "postgres", []string{"public", "other"}))
	problems, warnings := inspectAs(t, server, "reader")
	if len(problems) > 0 {
		t.Error(problems)
	}
	for _, w := range warnings {
		if !strings.HasPrefix(w, "it may create temporary tables") && !strings.HasPrefix(w, "temporary files have no limit") {
			t.Error(w)
		}
	}
	b := attach(t, server, true, func(c *Config) { c.Schemas = []string{"public", "other"} })
	if got := b.rows(t, "SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM v), (SELECT count(*) FROM other.hidden)"); got != "[[0,0,0]]" {
		t.Error(got)
	}
	// Names that need quoting.
	server.Exec(t, `CREATE SCHEMA "Sch ema"`)
	server.ExecIn(t, `od"d`, `CREATE SCHEMA "Sch ema"; CREATE TABLE "Sch ema".t AS SELECT 7 a`)
	server.ExecIn(t, `od"d`, RoleSQL(`Re"ader`, `od"d`, []string{"Sch ema"}))
	e, err := Open(t.Context(), func() Config {
		c := testConfig(server, io.Discard)
		c.URL, c.Schemas = server.URL(`Re"ader`, `od"d`), []string{"Sch ema"}
		return c
	}())
	if err != nil {
		t.Fatal(err)
	}
	odd := &bench{engine: e}
	if got := odd.rows(t, "SELECT a FROM t"); got != "[[7]]" {
		t.Error(got)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestRolesThatMayDoMoreAreRefused(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	server.Exec(t, roleGround)
	reader(t, server)
	for _, test := range []struct{ do, undo, want string }{
		{"ALTER ROLE reader SUPERUSER", "ALTER ROLE reader NOSUPERUSER", "it is, or can become, a role with SUPERUSER"},
		{"ALTER ROLE reader CREATEROLE", "ALTER ROLE reader NOCREATEROLE", "it is, or can become, a role with CREATEROLE"},
		{"ALTER ROLE reader CREATEDB", "ALTER ROLE reader NOCREATEDB", "it is, or can become, a role with CREATEDB"},
		{"ALTER ROLE reader REPLICATION", "ALTER ROLE reader NOREPLICATION", "it is, or can become, a role with REPLICATION"},
		{"ALTER ROLE reader BYPASSRLS", "ALTER ROLE reader NOBYPASSRLS", "it is, or can become, a role with BYPASSRLS"},
		{"GRANT boss TO quiet; GRANT quiet TO reader", "REVOKE quiet FROM reader; REVOKE boss FROM quiet", "it is, or can become, a role with SUPERUSER (as boss)"},
		{"GRANT maker TO reader", "REVOKE maker FROM reader", "it is, or can become, a role with CREATEROLE (as maker)"},
		{"GRANT pg_write_all_data TO reader", "REVOKE pg_write_all_data FROM reader", "it is a member of pg_write_all_data"},
		{"GRANT pg_write_server_files TO team; GRANT team TO reader", "REVOKE team FROM reader; REVOKE pg_write_server_files FROM team", "it is a member of pg_write_server_files"},
		{"GRANT pg_execute_server_program TO reader", "REVOKE pg_execute_server_program FROM reader", "it is a member of pg_execute_server_program"},
		{"GRANT pg_read_server_files TO reader", "REVOKE pg_read_server_files FROM reader", "it is a member of pg_read_server_files"},
		{"GRANT pg_signal_backend TO reader", "REVOKE pg_signal_backend FROM reader", "it is a member of pg_signal_backend"},
		{"GRANT pg_read_all_data TO reader", "REVOKE pg_read_all_data FROM reader", "it is a member of pg_read_all_data"},
		{"GRANT pg_checkpoint TO reader", "REVOKE pg_checkpoint FROM reader", "it is a member of pg_checkpoint"},
		{"ALTER TABLE t OWNER TO reader", "ALTER TABLE t OWNER TO postgres", "it owns table t"},
		{"ALTER TABLE other.hidden OWNER TO team; GRANT team TO reader", "REVOKE team FROM reader; ALTER TABLE other.hidden OWNER TO postgres", "it owns table other.hidden (as team)"},
		{"ALTER DATABASE postgres OWNER TO reader", "ALTER DATABASE postgres OWNER TO postgres", "it owns database postgres"},
		{"ALTER SCHEMA other OWNER TO reader", "ALTER SCHEMA other OWNER TO postgres", "it owns schema other"},
		{"GRANT INSERT ON t TO reader", "REVOKE INSERT ON t FROM reader", "it may write to t: INSERT"},
		{"GRANT UPDATE (b) ON t TO reader", "REVOKE UPDATE (b) ON t FROM reader", "it may write to t: UPDATE"},
		{"GRANT DELETE, TRUNCATE ON t TO PUBLIC", "REVOKE ALL ON t FROM PUBLIC", "it may write to t: DELETE, TRUNCATE"},
		{"GRANT REFERENCES, TRIGGER ON t TO team; GRANT team TO reader", "REVOKE team FROM reader; REVOKE ALL ON t FROM team", "it may write to t: REFERENCES, TRIGGER"},
		{"GRANT UPDATE ON v TO reader", "REVOKE UPDATE ON v FROM reader", "it may write to v: UPDATE"},
		// No USAGE on the schema: one GRANT away.
		{"GRANT INSERT ON other.hidden TO reader", "REVOKE INSERT ON other.hidden FROM reader", "it may write to other.hidden: INSERT"},
		{"GRANT INSERT ON t TO quiet; ALTER ROLE reader NOINHERIT; GRANT quiet TO reader", "REVOKE quiet FROM reader; ALTER ROLE reader INHERIT; REVOKE INSERT ON t FROM quiet", "it may write to t: INSERT (as quiet)"},
		{"GRANT USAGE ON SEQUENCE s TO reader", "REVOKE USAGE ON SEQUENCE s FROM reader", "it may use the sequence s"},
		{"GRANT UPDATE ON SEQUENCE s TO PUBLIC", "REVOKE UPDATE ON SEQUENCE s FROM PUBLIC", "it may use the sequence s"},
		{"GRANT CREATE ON SCHEMA public TO PUBLIC", "REVOKE CREATE ON SCHEMA public FROM PUBLIC", "it may create in the schema public"},
		{"GRANT CREATE ON DATABASE postgres TO reader", "REVOKE CREATE ON DATABASE postgres FROM reader", "it may create schemas in the database postgres"},
		{"SELECT lo_create(4711); GRANT UPDATE ON LARGE OBJECT 4711 TO reader", "SELECT lo_unlink(4711)", "it may write the large object 4711"},
		{"GRANT ALTER SYSTEM ON PARAMETER work_mem TO reader", "REVOKE ALTER SYSTEM ON PARAMETER work_mem FROM reader", "it may change for the whole server the parameter work_mem"},
		{"GRANT team TO reader; ALTER ROLE reader SET role = 'team'", "ALTER ROLE reader RESET role; REVOKE team FROM reader", "it begins as another role"},
	} {
		server.Exec(t, test.do)
		problems, _ := inspectAs(t, server, "reader")
		if !strings.Contains(strings.Join(problems, "\n")+"\n", test.want) {
			t.Errorf("%s: %q, want %q", test.do, problems, test.want)
		}
		server.Exec(t, test.undo)
		if problems, _ := inspectAs(t, server, "reader"); len(problems) > 0 {
			t.Fatalf("%s does not undo it: %q", test.undo, problems)
		}
	}
}

func TestEveryProblemIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	server.Exec(t, roleGround+`CREATE FUNCTION secret() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`)
	reader(t, server)
	if _, warnings := inspectAs(t, server, "reader"); !strings.Contains(strings.Join(warnings, "\n"), "it may run with its owner's rights the function secret()") {
		t.Error(warnings)
	}
	server.Exec(t, `ALTER ROLE reader CREATEDB; GRANT INSERT ON t TO reader; GRANT pg_write_server_files TO reader`)
	var tables strings.Builder
	for range 15 {
		tables.WriteString("CREATE TABLE x" + strings.Repeat("x", tables.Len()/20) + "(a int); ")
	}
	c := testConfig(server, io.Discard)
	_, err := Open(t.Context(), c)
	const want = `postgres: the role "reader" may do more than read:
  - it is, or can become, a role with CREATEDB
  - it is a member of pg_write_server_files
  - it may write to t: INSERT
make another role: sallyport serve --print-role-sql`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	server.Exec(t, tables.String()+"GRANT INSERT ON ALL TABLES IN SCHEMA public TO reader")
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "it may write to 7 more") || strings.Count(err.Error(), "\n") > 16 {
		t.Error(err)
	}
	if _, err := Open(t.Context(), func() Config { c.URL = server.SuperURL(); return c }()); err == nil || !strings.Contains(err.Error(), "SUPERUSER") || strings.Contains(err.Error(), server.Password) {
		t.Error(err)
	}
}
