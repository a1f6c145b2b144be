//go:build unix

package servicetest

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPostgresKeepsItsDataOverACrash(t *testing.T) {
	t.Parallel()
	p := StartPostgres(t)
	p.Exec(t, "CREATE TABLE t (a int); INSERT INTO t VALUES (42); CREATE ROLE reader LOGIN; GRANT SELECT ON t TO reader")
	p.Restart(t)
	conn, err := pgx.Connect(t.Context(), p.URL("reader", "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	var got int
	if err := conn.QueryRow(t.Context(), "SELECT a FROM t").Scan(&got); err != nil || got != 42 {
		t.Errorf("%d, %v", got, err)
	}
	p.Stop(t)
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("a stopped server answers")
	}
	if p.Stop(t); accepts(p.Addr()) {
		t.Error("a stopped server accepts connections")
	}
}

func TestPostgresAsksTheSuperuserForItsPassword(t *testing.T) {
	t.Parallel()
	p := StartPostgres(t)
	conn, err := pgx.Connect(t.Context(), p.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(p.SuperURL(), p.Password, "wrong", 1)); err == nil {
		t.Error("a wrong password is accepted")
	}
}

func TestPostgresTLS(t *testing.T) {
	t.Parallel()
	p := StartPostgresTLS(t)
	conn, err := pgx.Connect(t.Context(), p.SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	var encrypted bool
	if err := conn.QueryRow(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").Scan(&encrypted); err != nil || !encrypted {
		t.Errorf("encrypted: %v, %v", encrypted, err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	plain := strings.Replace(p.SuperURL(), "verify-full", "disable", 1)
	if _, err := pgx.Connect(t.Context(), plain); err == nil {
		t.Error("a connection without TLS is accepted")
	}
	if got := p.Value(t, "SELECT 'a' UNION ALL SELECT 'b' ORDER BY 1 DESC"); got != "b" {
		t.Errorf("Value: %q", got)
	}
}
