package postgres

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

func TestTLSIsVerifiedBeyondThisMachine(t *testing.T) {
	t.Parallel()
	internal := []string{"db.internal", "10.1.2.3", "192.168.0.0/16", "fd00::/8"}
	for _, test := range []struct{ url, want string }{ // want: tls, plain, or part of the error
		{"postgres://r:p@db.example.com/d", "tls"},
		{"postgres://r:p@db.example.com/d?sslmode=verify-full", "tls"},
		{"postgres://r:p@db.example.com/d?sslmode=disable", "neither loopback nor listed as internal: say sslmode=verify-full"},
		{"postgres://r:p@db.example.com/d?sslmode=allow", "say sslmode=verify-full"},
		{"postgres://r:p@db.example.com/d?sslmode=prefer", "say sslmode=verify-full"},
		{"postgres://r:p@db.example.com/d?sslmode=require", "say sslmode=verify-full"},
		{"postgres://r:p@db.example.com/d?sslmode=verify-ca", "say sslmode=verify-full"},
		{"postgres://r:p@db.example.com/d?sslmode=sesame", "sslmode=(unknown)"},
		{"postgres://r:p@8.8.8.8/d?sslmode=disable", "say sslmode=verify-full"},
		{"postgres://r:p@10.1.2.4/d?sslmode=disable", "say sslmode=verify-full"},
		{"postgres://r:p@db.internal.example.com/d?sslmode=disable", "say sslmode=verify-full"},
		{"postgres://r:p@localhost.example.com/d?sslmode=disable", "say sslmode=verify-full"},
		{"postgres://r:p@127.0.0.1.example.com/d?sslmode=disable", "say sslmode=verify-full"},
		{"postgres://r:p@db.internal/d?sslmode=disable", "plain"},
		{"postgres://r:p@DB.Internal./d?sslmode=disable", "plain"},
		{"postgres://r:p@db.internal/d", "tls"}, // must be asked for
		{"postgres://r:p@db.internal/d?sslmode=require", "say sslmode=verify-full, or sslmode=disable"},
		{"postgres://r:p@10.1.2.3/d?sslmode=disable", "plain"},
		{"postgres://r:p@192.168.7.7/d?sslmode=disable", "plain"},
		{"postgres://r:p@[fd00::7]/d?sslmode=disable", "plain"},
		{"postgres://r:p@127.0.0.1/d", "plain"},
		{"postgres://r:p@127.9.9.9/d", "plain"},
		{"postgres://r:p@[::1]/d", "plain"},
		{"postgres://r:p@localhost/d", "plain"},
		{"postgres://r:p@localhost/d?sslmode=verify-full", "tls"},
		{"postgres://r:p@/d?host=/run/postgresql", "plain"},
		{"postgres://r:p@/d?host=/run/postgresql&sslmode=verify-full", "has no meaning on a Unix socket"},
		{"postgres://r:p@localhost/d?sslmode=disable&sslrootcert=/ca.pem", "certificates with sslmode=disable"},
		{"postgres://r:p@db.example.com/d?sslrootcert=/nowhere/ca.pem", "CA: open /nowhere/ca.pem"},
	} {
		c := Config{URL: test.url, InternalHosts: internal}
		a, err := c.parseAddress()
		got := "plain"
		switch {
		case err != nil:
			got = err.Error()
		case a.tls != nil:
			got = "tls"
			if a.tls.ServerName != a.host || a.tls.VerifyConnection != nil {
				t.Errorf("%s: the server's name is not verified", test.url)
			}
		}
		if got != test.want && (err == nil || !strings.Contains(got, test.want)) {
			t.Errorf("%s: %s, want %s", test.url, got, test.want)
		}
	}
}

func TestURLsThatSayTooLittleOrTooMuch(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	for url, want := range map[string]string{
		"":                                             "must be postgres://",
		"host=localhost password=hunter2":              "must be postgres://",
		"mysql://r:hunter2@localhost/d":                "must be postgres://",
		"postgres://r:hunter2%@localhost/d":            "must be postgres://",
		"postgres://r:hunter2@local host/d":            "must be postgres://",
		"postgres://r:hunter2@localhost:x/d":           "must be postgres://",
		"postgres://r:hunter2@localhost:0/d":           "the port must be",
		"postgres://localhost/d":                       "name the role",
		"postgres://r:hunter2@localhost":               "name one database",
		"postgres://r:hunter2@localhost/a/b":           "name one database",
		"postgres://r:hunter2@/d":                      "name one host",
		"postgres://r:hunter2@a,b/d":                   "name one host",
		"postgres://r:hunter2@localhost/d%00":          "NUL",
		"postgres://r:hunter2@localhost/d?service=x":   `the parameter "service" is not supported`,
		"postgres://r:hunter2@localhost/d?passfile=/x": `the parameter "passfile" is not supported`,
		"postgres://r:hunter2@localhost/d?options=-c%20default_transaction_read_only=off": `the parameter "options" is not supported`,
		"postgres://r:hunter2@localhost/d?sslmode=disable&sslmode=require":                `"sslmode" is there twice`,
		"postgres://r:hunter2@localhost/d?connect_timeout=0":                              "connect_timeout must be",
		"postgres://r:hunter2@localhost/d?host=/run":                                      "the parameter host is for",
		"postgres://r:hunter2@/d?host=run":                                                "the parameter host is for",
	} {
		_, err := Config{URL: url}.parseAddress()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", url, err, want)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error holds the password: %v", url, err)
		}
	}
}

func TestConfigReportsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), Config{
		MinConns: 3, MaxConns: 2, AcquireTimeout: -1, Queue: -1, LockTimeout: -1, WorkMem: 1, TempFileLimit: -1, ParallelWorkers: -1,
		Schemas: []string{"", "pg_catalog", "information_schema", "a.b", `a"b`, "twice", "twice"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, field := range []string{"Name", "URL", "Logger", "MaxConns", "AcquireTimeout", "Queue", "StatementTimeout", "LockTimeout", "WorkMem", "TempFileLimit", "ParallelWorkers", "Schemas: an", "Schemas: pg_catalog", "Schemas: information_schema", `Schemas: "a.b" has a dot`, `Schemas: "a\"b" has`, "Schemas: twice is there twice"} {
		if !strings.Contains(err.Error(), "postgres: "+field) {
			t.Errorf("%s is not named: %v", field, err)
		}
	}
}

func TestPoolDefaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ given, want Config }{
		{Config{}, Config{MinConns: 3, MaxConns: 6, AcquireTimeout: 15 * time.Second}},
		{Config{MaxConns: 2}, Config{MinConns: 2, MaxConns: 2, AcquireTimeout: 15 * time.Second}},
		{Config{MinConns: 1, MaxConns: 9, AcquireTimeout: time.Second}, Config{MinConns: 1, MaxConns: 9, AcquireTimeout: time.Second}},
	} {
		got := test.given.withDefaults()
		if got.MinConns != test.want.MinConns || got.MaxConns != test.want.MaxConns || got.AcquireTimeout != test.want.AcquireTimeout {
			t.Errorf("%+v: %d to %d, %v", test.given, got.MinConns, got.MaxConns, got.AcquireTimeout)
		}
	}
	for _, c := range []Config{{MinConns: 7}, {MaxConns: -1}, {MinConns: -1}, {MaxConns: 1001}, {AcquireTimeout: -1}, {AcquireTimeout: maxAcquire + 1}} {
		if err := c.withDefaults().validate(); err == nil || !strings.Contains(err.Error(), "Conns") && !strings.Contains(err.Error(), "AcquireTimeout") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestTLSWithARealServer(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgresTLS(t)
	reader(t, server)
	other := servicetest.StartPostgresTLS(t) // whose authority signed another certificate
	try := func(change func(*Config), lookup bool) error {
		c := testConfig(server, io.Discard).withDefaults()
		change(&c)
		a, err := c.parseAddress()
		if err != nil {
			return err
		}
		if lookup {
			a.lookup = func(context.Context, string) ([]string, error) { return []string{"127.0.0.1"}, nil }
		}
		conn, err := (&dialer{config: c, address: a}).dial(t.Context())
		if err != nil {
			return err
		}
		defer conn.close()
		if rows, err := conn.texts(t.Context(), "SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()"); err != nil || rows[0][0] != "t" {
			t.Errorf("encrypted: %v, %v", rows, err)
		}
		return nil
	}
	url := func(host, rest string) func(*Config) {
		return func(c *Config) {
			_, port, _ := net.SplitHostPort(server.Addr())
			c.URL = "postgres://reader@" + net.JoinHostPort(host, port) + "/postgres" + rest
		}
	}
	with := func(ca string, changes ...func(*Config)) func(*Config) {
		return func(c *Config) {
			c.CA = ca
			for _, f := range changes {
				f(c)
			}
		}
	}
	for name, test := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"by address":            {func(*Config) {}, ""},
		"by name":               {with(server.CA, url("database.test", "")), ""},
		"sslrootcert":           {url("database.test", "?sslrootcert="+server.CA), ""},
		"another name":          {with(server.CA, url("other.test", "")), "certificate is valid for localhost, database.test, not other.test"},
		"another authority":     {with(other.CA, url("database.test", "")), "certificate signed by unknown authority"},
		"the system's":          {url("database.test", ""), "certificate signed by unknown authority"},
		"without, which serves": {url("127.0.0.1", "?sslmode=disable"), "no pg_hba.conf entry"},
	} {
		err := try(test.change, true)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	// The cancellation goes over TLS, too.
	b := attach(t, server, true)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := b.run(ctx, "SELECT pg_sleep(60)", generous, 1, io.Discard); !errors.Is(err, context.DeadlineExceeded) || b.runs(t, "SELECT pg_sleep(60)") {
		t.Error(err)
	}
}

// What libpq's variables and files say must not matter.
func TestTheEnvironmentIsNotRead(t *testing.T) {
	server := servicetest.StartPostgres(t)
	server.Exec(t, "CREATE ROLE reader_password LOGIN PASSWORD 'right'")
	home := t.TempDir()
	pass := filepath.Join(home, ".pgpass")
	service := filepath.Join(home, ".pg_service.conf")
	for path, text := range map[string]string{
		pass:    "*:*:*:*:right\n",
		service: "[evil]\nhost=192.0.2.1\noptions=-c default_transaction_read_only=off\nsslmode=require\nuser=postgres\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"HOME": home, "PGPASSFILE": pass, "PGPASSWORD": "right", "PGHOST": "192.0.2.1", "PGPORT": "1", "PGUSER": "postgres", "PGDATABASE": "template1",
		"PGSSLMODE": "require", "PGSSLROOTCERT": "/nowhere", "PGSSLCERT": "/nowhere", "PGSSLKEY": "/nowhere", "PGOPTIONS": "-c default_transaction_read_only=off",
		"PGTZ": "Asia/Tokyo", "PGAPPNAME": "evil", "PGTARGETSESSIONATTRS": "standby", "PGCONNECT_TIMEOUT": "x", "PGSSLCERTMODE": "", "PGREQUIREAUTH": "none",
		"PGSERVICEFILE": service, "PGSERVICE": "evil", "PGCHANNELBINDING": "require", "PGMINPROTOCOLVERSION": "9", "PGMAXPROTOCOLVERSION": "9",
	} {
		t.Setenv(name, value)
	}
	c := testConfig(server, io.Discard)
	c.URL = server.URL("reader_password", "postgres")
	if e, err := Open(t.Context(), c); err == nil {
		t.Error("a password came from the environment or a file")
		_ = e.Close() // the test has failed
	} else if !strings.Contains(err.Error(), "28P01") && !strings.Contains(err.Error(), "password") {
		t.Error(err)
	}
	c.URL = strings.Replace(c.URL, "reader_password@", "reader_password:right@", 1)
	e, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{engine: e}
	const want = `[["reader_password","postgres","sallyport","UTC","on"]]`
	if got := b.rows(t, "SELECT current_user, current_database(), current_setting('application_name'), current_setting('timezone'), current_setting('default_transaction_read_only')"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	// The one thing that cannot be ignored says so.
	t.Setenv("PGSERVICE", "missing")
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "PGSERVICE") || strings.Contains(err.Error(), "right") {
		t.Error(err)
	}
}

// A wrong password is in no error and no log.
func TestPasswordsAreNotShown(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	server.Exec(t, "CREATE ROLE reader_password LOGIN PASSWORD 'right'")
	log := &journal{}
	c := testConfig(server, log)
	c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, url := range []string{
		strings.Replace(server.URL("reader_password", "postgres"), "reader_password@", "reader_password:hunter2@", 1),
		strings.Replace(server.URL("reader_password", "nowhere"), "reader_password@", "reader_password:hunter2@", 1),
		"postgres://r:hunter2@127.0.0.1:1/d", "postgres://r:hunter2@host.invalid/d",
	} {
		c.URL = url
		_, err := Open(t.Context(), c)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Error(log)
	}
}

// What this package takes, the schedule takes as well.
func TestTheLimitsOfTheSchedule(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{{MaxConns: 1000, AcquireTimeout: maxAcquire, Queue: maxQueue}, {MaxConns: 1, AcquireTimeout: 1, Queue: 1}, {}} {
		p, err := newPool(&dialer{config: c.withDefaults()})
		if err != nil {
			t.Fatal(err)
		}
		p.end()
	}
}
