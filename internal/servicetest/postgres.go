//go:build unix

package servicetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Postgres is a real PostgreSQL server, the newest that is installed, with a
// cluster of its own. The superuser is postgres; the only database made is
// postgres, too. The superuser needs its password, as in SuperURL. Every other
// role may log in without one over TCP, except one named reader_password.
type Postgres struct {
	// Port is where it listens on 127.0.0.1; it stays the same after Start.
	Port int
	// Password is the superuser's.
	Password string
	// CA is the path of the certificate authority in PEM; empty without TLS.
	CA string
	// Socket is the directory of its Unix socket, where anybody may log in
	// as anybody.
	Socket string

	dir      string
	programs string
	owner    *syscall.Credential
	run      *process
}

// StartPostgres starts a server without TLS that ends with the test.
func StartPostgres(t testing.TB) *Postgres {
	t.Helper()
	p := newPostgres(t)
	p.initialise(t)
	p.Start(t)
	return p
}

// StartPostgresTLS starts a server that accepts only TLS over TCP. Its
// certificate is for 127.0.0.1, localhost and database.test, and was signed by
// the authority in CA.
func StartPostgresTLS(t testing.TB) *Postgres {
	t.Helper()
	p := newPostgres(t)
	p.initialise(t)
	p.certify(t)
	p.Start(t)
	return p
}

func newPostgres(t testing.TB) *Postgres {
	t.Helper()
	dir := serverDir(t)
	p := &Postgres{Port: freePort(t), Socket: dir, dir: dir, programs: postgresPrograms(t), owner: postgresOwner(t)}
	t.Cleanup(func() {
		if p.run != nil {
			p.Stop(t)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	p.give(t, dir)
	return p
}

// postgresPrograms finds the directory of the newest server: Debian keeps one
// for each major version, and none of them is in PATH.
func postgresPrograms(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		t.Fatal(err)
	}
	newest, best := "", 0
	for _, f := range found {
		dir := filepath.Dir(f)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > best {
			newest, best = dir, v
		}
	}
	if newest != "" {
		return newest
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		t.Fatal("postgres is not installed; scripts/test-deps installs it")
	}
	return filepath.Dir(path)
}

// postgresOwner is the user that runs the server, which refuses to be root;
// nil: the one that runs the test.
func postgresOwner(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			t.Fatal(err)
		}
	}
	return &syscall.Credential{Uid: parseID(t, u.Uid), Gid: parseID(t, u.Gid)}
}

func parseID(t testing.TB, s string) uint32 {
	t.Helper()
	id, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(id)
}

// give makes a file the server's.
func (p *Postgres) give(t testing.TB, path string) {
	t.Helper()
	if p.owner == nil {
		return
	}
	if err := os.Chown(path, int(p.owner.Uid), int(p.owner.Gid)); err != nil {
		t.Fatal(err)
	}
}

func (p *Postgres) data() string { return filepath.Join(p.dir, "data") }

// launch starts a program as the server's owner.
func (p *Postgres) launch(t testing.TB, program string, args ...string) *process {
	t.Helper()
	run := &process{output: &output{}, exited: make(chan struct{})}
	// It outlives the test's context, which is cancelled before cleanup begins.
	run.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), program, args...) //nolint:gosec // the tests' own programs
	run.cmd.Dir = p.dir
	run.cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + p.dir, "TMPDIR=" + p.dir, "LC_ALL=C", "TZ=UTC"}
	run.cmd.Stdout, run.cmd.Stderr = run.output, run.output
	run.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: p.owner}
	if err := run.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = run.cmd.Wait() // the exit status is read from the state
		close(run.exited)
	}()
	return run
}

// template is a cluster that others are copied from, which is faster than
// making one. It is there as long as somebody uses a copy.
var template struct {
	mu       sync.Mutex
	users    int
	dir      string
	password string
}

// initialise makes the cluster.
func (p *Postgres) initialise(t testing.TB) {
	t.Helper()
	template.mu.Lock()
	defer template.mu.Unlock()
	if template.users == 0 {
		p.makeTemplate(t)
	}
	template.users++
	t.Cleanup(func() {
		template.mu.Lock()
		defer template.mu.Unlock()
		if template.users--; template.users == 0 {
			if err := os.RemoveAll(template.dir); err != nil {
				t.Error(err)
			}
		}
	})
	p.Password = template.password
	run := p.launch(t, "/bin/cp", "-a", filepath.Join(template.dir, "data"), p.data())
	<-run.exited
	if !run.cmd.ProcessState.Success() {
		t.Fatalf("cp: %s", run.output)
	}
	p.access(t, "host")
}

func (p *Postgres) makeTemplate(t testing.TB) {
	t.Helper()
	dir := serverDir(t)
	p.give(t, dir)
	password := rand.Text()
	secret := filepath.Join(dir, "password")
	write(t, secret, password)
	p.give(t, secret)
	run := p.launch(t, filepath.Join(p.programs, "initdb"), "--pgdata", filepath.Join(dir, "data"), "--username", "postgres", "--pwfile", secret,
		"--no-sync", "--no-instructions", "--encoding", "UTF8", "--locale", "C", "--wal-segsize", "1", "--auth", "scram-sha-256")
	<-run.exited
	if !run.cmd.ProcessState.Success() {
		_ = os.RemoveAll(dir) // the test fails anyway
		t.Fatalf("initdb: %s", run.output)
	}
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	template.dir, template.password = dir, password
}

// serverDir makes a directory. It is not the test's: that one's name can be
// too long for a Unix socket, and another user could not get into it.
func serverDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// access writes who may log in; kind is host or hostssl.
func (p *Postgres) access(t testing.TB, kind string) {
	t.Helper()
	path := filepath.Join(p.data(), "pg_hba.conf")
	write(t, path, "local all all trust\n"+
		kind+" all postgres 127.0.0.1/32 scram-sha-256\n"+
		kind+" all reader_password 127.0.0.1/32 scram-sha-256\n"+
		kind+" all all 127.0.0.1/32 trust\n")
	p.give(t, path)
}

// Start starts it again, with the same data and at the same port, after Stop.
func (p *Postgres) Start(t testing.TB) {
	t.Helper()
	args := []string{"-D", p.data(), "-p", strconv.Itoa(p.Port), "-k", p.Socket}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off",
		"shared_buffers=32MB", "max_connections=40", "wal_level=minimal", "max_wal_senders=0", "min_wal_size=2MB", "max_wal_size=64MB",
		"timezone=UTC", "log_timezone=UTC", "restart_after_crash=on",
	} {
		args = append(args, "-c", setting)
	}
	if p.CA != "" {
		args = append(args, "-c", "ssl=on", "-c", "ssl_cert_file="+filepath.Join(p.dir, "server.crt"), "-c", "ssl_key_file="+filepath.Join(p.dir, "server.key"))
	}
	p.run = p.launch(t, filepath.Join(p.programs, "postgres"), args...)
	p.run.await(t, func() bool {
		conn, err := p.connect(context.Background(), "postgres")
		if err != nil {
			return false
		}
		_ = conn.Close(context.Background()) // nothing was asked
		return true
	})
}

// Stop ends it at once, as a crash would: connections break, and Start has to
// recover. It does nothing if it is stopped.
func (p *Postgres) Stop(t testing.TB) {
	t.Helper()
	if p.run.hasExited() {
		return
	}
	// The signal for an immediate shutdown: the server ends its children,
	// which are no longer of its process group. It writes nothing back.
	_ = syscall.Kill(p.run.cmd.Process.Pid, syscall.SIGQUIT) // gone already is as good
	select {
	case <-p.run.exited:
	case <-time.After(patience):
		p.run.kill(t)
	}
}

// Restart is Stop and Start.
func (p *Postgres) Restart(t testing.TB) {
	t.Helper()
	p.Stop(t)
	p.Start(t)
}

// Log is what the server has written since it was started.
func (p *Postgres) Log() string { return p.run.output.String() }

// Addr is where it listens: "127.0.0.1:port".
func (p *Postgres) Addr() string { return loopback(p.Port) }

// URL names a database as a role without a password sees it. With TLS it
// verifies the server.
func (p *Postgres) URL(role, database string) string {
	return p.url(url.User(role), database)
}

// SuperURL names the database postgres as the superuser sees it.
func (p *Postgres) SuperURL() string {
	return p.url(url.UserPassword("postgres", p.Password), "postgres")
}

func (p *Postgres) url(who *url.Userinfo, database string) string {
	u := url.URL{Scheme: "postgres", User: who, Host: p.Addr(), Path: "/" + database, RawQuery: "sslmode=disable"}
	if p.CA != "" {
		u.RawQuery = url.Values{"sslmode": {"verify-full"}, "sslrootcert": {p.CA}}.Encode()
	}
	return u.String()
}

// Exec runs statements, separated by semicolons, as the superuser in the
// database postgres.
func (p *Postgres) Exec(t testing.TB, sql string) {
	t.Helper()
	p.ExecIn(t, "postgres", sql)
}

// ExecIn is Exec in another database.
func (p *Postgres) ExecIn(t testing.TB, database, sql string) {
	t.Helper()
	p.ask(t, database, sql)
}

// Value runs statements as the superuser in the database postgres and returns
// the text of the first column of the last one's first row; empty: NULL, or
// no row.
func (p *Postgres) Value(t testing.TB, sql string) string {
	t.Helper()
	return p.ask(t, "postgres", sql)
}

func (p *Postgres) ask(t testing.TB, database, sql string) string {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := p.connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }() // the answer has been read
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if len(results) == 0 {
		return ""
	}
	if rows := results[len(results)-1].Rows; len(rows) > 0 && len(rows[0]) > 0 {
		return string(rows[0][0])
	}
	return ""
}

// connect reaches the server through its socket, which needs neither TLS nor
// a password.
func (p *Postgres) connect(ctx context.Context, database string) (*pgconn.PgConn, error) {
	config, err := pgconn.ParseConfig("sslmode=disable") // the environment's defaults, all overwritten
	if err != nil {
		return nil, err
	}
	config.Host, config.Port = p.Socket, uint16(p.Port) //nolint:gosec // a port
	config.User, config.Password, config.Database = "postgres", "", database
	config.Fallbacks = nil
	return pgconn.ConnectConfig(ctx, config)
}
