//go:build unix

package servicetest

import (
	"bufio"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Redis is a real redis-server (or valkey-server's compatible command) with a
// database of its own and no persistence.
type Redis struct {
	// Addr is its address, "127.0.0.1:port"; it stays the same after Start.
	Addr string

	port int
	dir  string
	run  *process
}

// StartRedis starts a Redis that ends with the test.
func StartRedis(t testing.TB) *Redis {
	t.Helper()
	port := freePort(t)
	r := &Redis{Addr: loopback(port), port: port, dir: t.TempDir()}
	r.Start(t)
	t.Cleanup(func() { r.Stop(t) })
	return r
}

// URL names database 0.
func (r *Redis) URL() string { return "redis://" + r.Addr + "/0" }

// Start starts it again, empty, at the same address, after Stop.
func (r *Redis) Start(t testing.TB) {
	t.Helper()
	r.run = launch(t, r.dir, nil, "redis-server",
		"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", r.dir, "--daemonize", "no", "--maxmemory", "256mb")
	r.run.await(t, func() bool { return r.Do("PING") == "+PONG" })
}

// Stop ends it as a crash would: connections break, data are gone. It does
// nothing if it is stopped.
func (r *Redis) Stop(t testing.TB) {
	t.Helper()
	r.run.kill(t)
}

// Freeze stops the process from running without ending it: connections stay
// open and nothing is answered. Thaw undoes it.
func (r *Redis) Freeze(t testing.TB) {
	t.Helper()
	r.signal(t, syscall.SIGSTOP)
}

// Thaw lets a frozen Redis run on.
func (r *Redis) Thaw(t testing.TB) {
	t.Helper()
	r.signal(t, syscall.SIGCONT)
}

func (r *Redis) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(r.run.cmd.Process.Pid, s); err != nil {
		t.Fatal(err)
	}
}

// Do sends one inline command and returns the first line of its answer, with
// its type ("+PONG", ":3"); empty if there is none. It depends on no client
// library, so that a test can look at what the library did.
func (r *Redis) Do(command string) string {
	d := net.Dialer{Timeout: time.Second}
	conn, err := d.DialContext(context.Background(), "tcp", r.Addr)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }() // the answer has been read
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, command+"\r\n"); err != nil {
		return ""
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return ""
	}
	return strings.TrimSpace(line)
}
