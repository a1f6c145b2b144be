package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/engine/postgres"
)

// cluster is a PostgreSQL server of the run's own: the newest that is
// installed, on a free port of 127.0.0.1, gone with the run.
type cluster struct {
	dir      string
	programs string
	uid, gid int    // who runs it; 0: who runs this
	password string // the superuser's
	cmd      *exec.Cmd
	port     uint16
	exited   chan struct{}
	version  string
}

// contents are what both servers read: as many rows, of the same types, as
// the flights have that DuckDB is measured with would take long to make.
const contents = `CREATE TABLE flights AS SELECT i AS id, timestamp '2001-01-01' + i * interval '7 minutes' AS date, i * 7 % 200 - 20 AS delay,
	i * 97 % 2500 + 50 AS distance, chr(65 + i % 26) || chr(65 + i / 26 % 26) || 'X' AS origin, chr(65 + i / 7 % 26) || 'Y' || chr(65 + i % 26) AS destination
	FROM generate_series(1, 100000) i;
	ALTER TABLE flights ADD PRIMARY KEY (id); VACUUM ANALYZE flights`

// reader is the role that both servers log in as.
const reader = "reader"

// startCluster makes and starts a server with contents.
func startCluster(ctx context.Context) (_ *cluster, err error) {
	programs, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sallyport-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, programs: programs, password: rand.Text(), exited: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.stop())
		}
	}()
	if err := c.initialise(ctx); err != nil {
		return nil, err
	}
	if err := c.serve(ctx); err != nil {
		return nil, err
	}
	if err := c.fill(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// initialise makes the files. Only the role of the servers comes in without a
// password, and only from this machine.
func (c *cluster) initialise(ctx context.Context) error {
	if err := c.findOwner(); err != nil {
		return err
	}
	secret := filepath.Join(c.dir, "password")
	if err := errors.Join(os.WriteFile(secret, []byte(c.password), 0o600), c.give(c.dir), c.give(secret)); err != nil {
		return err
	}
	if said, err := c.program(ctx, "initdb", "--pgdata", c.data(), "--username", "postgres", "--pwfile", secret, "--auth", "scram-sha-256",
		"--no-sync", "--no-instructions", "--encoding", "UTF8", "--locale", "C").CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %.500s", err, said)
	}
	access := filepath.Join(c.data(), "pg_hba.conf")
	return errors.Join(os.WriteFile(access, []byte("host all postgres 127.0.0.1/32 scram-sha-256\nhost postgres "+reader+" 127.0.0.1/32 trust\n"), 0o600), c.give(access))
}

// postgresPrograms is the directory of the newest server. Debian keeps one for
// each major version, and none of them is in PATH.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	newest, best := "", 0
	for _, f := range found {
		dir := filepath.Dir(f)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > best {
			newest, best = dir, v
		}
	}
	if newest != "" {
		return newest, nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errors.New("PostgreSQL is not installed; scripts/test-deps installs it")
	}
	return filepath.Dir(path), nil
}

// findOwner finds a user for the server, which does not run as root.
func (c *cluster) findOwner() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
	}
	if c.uid, err = strconv.Atoi(u.Uid); err != nil {
		return err
	}
	c.gid, err = strconv.Atoi(u.Gid)
	return err
}

// give makes a file the server's.
func (c *cluster) give(path string) error {
	if c.uid == 0 {
		return nil
	}
	return os.Chown(path, c.uid, c.gid)
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) program(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.programs, name), args...) //nolint:gosec // PostgreSQL's own programs
	cmd.Dir, cmd.Env = c.dir, []string{"PATH=/usr/bin:/bin", "HOME=" + c.dir, "LC_ALL=C", "TZ=UTC"}
	dieWithParent(cmd, syscall.SIGQUIT)
	if c.uid != 0 {
		runAs(cmd, uint32(c.uid), uint32(c.gid)) //nolint:gosec // numbers of a user
	}
	return cmd
}

// serve starts the server and waits until it answers.
func (c *cluster) serve(ctx context.Context) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	n, bad := strconv.ParseUint(port, 10, 16)
	if err := errors.Join(err, bad, listener.Close()); err != nil {
		return err
	}
	c.port = uint16(n)
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the child has its own
	c.cmd = c.program(ctx, "postgres", "-D", c.data(), "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=40", "-c", "fsync=off")
	c.cmd.Stdout, c.cmd.Stderr = log, log
	// An immediate shutdown, which ends all its processes.
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGQUIT) }
	c.cmd.WaitDelay = stopTime
	if err := c.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = c.cmd.Wait() // only that it ended
		close(c.exited)
	}()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(startTime); time.Now().Before(end); {
		if connection, err := c.connect(ctx); err == nil {
			c.version = connection.ParameterStatus("server_version")
			return connection.Close(ctx)
		}
		select {
		case <-ticker.C:
		case <-c.exited:
			return fmt.Errorf("postgres has ended: %s", c.tail())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("postgres does not answer within %v: %s", startTime, c.tail())
}

func (c *cluster) tail() string { return (&process{errors: filepath.Join(c.dir, "log")}).tail() }

// url is the database as the servers see it.
func (c *cluster) url() string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", reader, c.port)
}

// connect logs in as the superuser.
func (c *cluster) connect(ctx context.Context) (*pgconn.PgConn, error) {
	return pgconn.Connect(ctx, fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", c.password, c.port))
}

// fill makes the contents, and the role as Sallyport says that it has to be.
func (c *cluster) fill(ctx context.Context) error {
	connection, err := c.connect(ctx)
	if err != nil {
		return err
	}
	for _, sql := range append(strings.Split(contents, ";"), postgres.RoleSQL(reader, "postgres", nil)) {
		if _, err := connection.Exec(ctx, sql).ReadAll(); err != nil {
			return errors.Join(err, connection.Close(ctx))
		}
	}
	return connection.Close(ctx)
}

// stop ends the server and removes what it kept.
func (c *cluster) stop() error {
	var problem error
	if c.cmd != nil && c.cmd.Process != nil {
		_ = c.cmd.Process.Signal(syscall.SIGQUIT) // an error means that it has ended already
		timer := time.NewTimer(stopTime)
		defer timer.Stop()
		select {
		case <-c.exited:
		case <-timer.C:
			_ = c.cmd.Process.Kill() // likewise
			<-c.exited
			problem = fmt.Errorf("postgres did not end within %v", stopTime)
		}
	}
	return errors.Join(problem, os.RemoveAll(c.dir))
}
