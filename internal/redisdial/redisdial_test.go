package redisdial

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "c4n4ry-p4ss"

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url                    string
		network, address, user string
		password               string
		database               int
		encrypted              bool
	}{
		{"redis://localhost", "tcp", "localhost:6379", "", "", 0, false},
		{"redis://127.0.0.1:7000/3", "tcp", "127.0.0.1:7000", "", "", 3, false},
		{"redis://:c4n4ry-p4ss@[::1]:7000/", "tcp", "[::1]:7000", "", secret, 0, false},
		{"redis://u:p%2F%40@LOCALHOST/1", "tcp", "LOCALHOST:6379", "u", "p/@", 1, false},
		{"redis://[::ffff:127.0.0.1]/1", "tcp", "[::ffff:127.0.0.1]:6379", "", "", 1, false},
		{"rediss://u:c4n4ry-p4ss@cache.example:6380/2", "tcp", "cache.example:6380", "u", secret, 2, true},
		{"unix:///run/redis.sock", "unix", "/run/redis.sock", "", "", 0, false},
		{"unix://u:c4n4ry-p4ss@/run/redis.sock?db=4", "unix", "/run/redis.sock", "u", secret, 4, false},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			got, errs := parse(tt.url, false)
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			if got.network != tt.network || got.address != tt.address || got.user != tt.user ||
				got.password != tt.password || got.database != tt.database || (got.tls != nil) != tt.encrypted {
				t.Errorf("got %+v, want %+v", got, tt)
			}
			if tt.encrypted && (got.tls.MinVersion != tls.VersionTLS12 || got.tls.ServerName != "cache.example") {
				t.Errorf("TLS %+v", got.tls)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ url, want string }{
		{"", "empty"},
		{"localhost:6379", "cannot be read"},
		{"redis://:c4n4ry-p4ss@cache.example:6379/0", "plain text"},
		{"redis://:c4n4ry-p4ss@10.0.0.1", "plain text"},
		{"redis://:c4n4ry-p4ss@localhost.example", "plain text"},
		{"redis://:c4n4ry-p4ss@127.0.0.1.example", "plain text"},
		{"redis://:c4n4ry-p4ss/x@localhost", "cannot be read"},
		{"redis://:c4n4ry-p4ss%zz@localhost", "cannot be read"},
		{"redis://:c4n4ry-p4ss@localhost:0", "port"},
		{"redis://:c4n4ry-p4ss@localhost:70000", "port"},
		{"redis://:c4n4ry-p4ss@localhost/c4n4ry-p4ss", "database"},
		{"redis://:c4n4ry-p4ss@localhost/-1", "database"},
		{"redis://:c4n4ry-p4ss@localhost/1/2", "database"},
		{"redis://:c4n4ry-p4ss@", "no host"},
		{"rediss://:c4n4ry-p4ss@cache.example/0?skip_verify=true", "options"},
		{"redis://localhost/0?db=1", "options"},
		{"redis://localhost/0#c4n4ry-p4ss", "cannot be read"},
		{"unix://:c4n4ry-p4ss@host/run/redis.sock", "absolute path"},
		{"unix:///run/redis.sock?db=1&db=2", "options"},
		{"unix:///run/redis.sock?c4n4ry-p4ss=1", "options"},
		{"http://:c4n4ry-p4ss@localhost", "scheme"},
		{"c4n4ry-p4ss://localhost", "scheme"},
		{"redis://localhost/" + strings.Repeat("c4n4ry-p4ss", 400), "bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			t.Parallel()
			client, err := Open(Options{URL: tt.url})
			if client != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("client %v, error %v, want %q", client, err, tt.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
	_, err := Open(Options{URL: "redis://10.0.0.1:0/x", Timeout: -1, PoolSize: -1})
	for _, want := range []string{"plain text", "port", "database", "timeout", "pool"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not report %q", err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"redis://localhost", "rediss://u:p@h:1/2", "unix:///a?db=1", "redis://[::1]:7/x", "redis://h?x=1#y", "\x00", "redis:x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, errs := parse(text, false)
		if len(errs) > 0 {
			return
		}
		host, _, err := net.SplitHostPort(got.address)
		switch {
		case got.network == "unix":
			if !filepath.IsAbs(got.address) {
				t.Errorf("%q: relative socket %q", text, got.address)
			}
		case err != nil:
			t.Errorf("%q: address %q", text, got.address)
		case got.tls == nil && !loopback(host):
			t.Errorf("%q: plain text to %q", text, host)
		}
	})
}

// openClient returns a client that the test closes.
func openClient(t *testing.T, o Options) interface {
	Do(context.Context, ...any) error
} {
	t.Helper()
	client, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return doer(func(ctx context.Context, args ...any) error { return client.Do(ctx, args...).Err() })
}

type doer func(context.Context, ...any) error

func (d doer) Do(ctx context.Context, args ...any) error { return d(ctx, args...) }

func TestAgainstRedis(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	c := openClient(t, Options{URL: "redis://" + r.Addr + "/5", Timeout: 5 * time.Second})
	if err := c.Do(t.Context(), "SET", "k", "v"); err != nil {
		t.Fatal(err)
	}
	if got := r.Do("EXISTS k"); got != ":0" {
		t.Errorf("the key is in database 0: %s", got)
	}
	if got := r.Do("CONFIG SET requirepass " + secret); got != "+OK" {
		t.Fatal(got)
	}
	// Connections that are open stay; a new one has to know it.
	for _, tt := range []struct {
		userinfo string
		works    bool
	}{{":" + secret + "@", true}, {"default:" + secret + "@", true}, {":wrong-" + secret + "@", false}, {"", false}} {
		err := openClient(t, Options{URL: "redis://" + tt.userinfo + r.Addr, Timeout: 5 * time.Second}).Do(t.Context(), "PING")
		if (err == nil) != tt.works {
			t.Errorf("%q: %v", tt.userinfo, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error has the password: %v", err)
		}
	}
}

func TestFrozenRedisIsGivenUp(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	c := openClient(t, Options{URL: r.URL(), Timeout: 50 * time.Millisecond, PoolSize: 2})
	if err := c.Do(t.Context(), "PING"); err != nil {
		t.Fatal(err)
	}
	r.Freeze(t)
	for range 5 { // more than the pool has
		if err := c.Do(t.Context(), "PING"); err == nil {
			t.Error("a frozen Redis answered")
		}
	}
	r.Thaw(t)
	recovered(t, c)
}

func TestRedisThatIsAwayAndComesBack(t *testing.T) {
	t.Parallel()
	r := servicetest.StartRedis(t)
	r.Stop(t)
	c := openClient(t, Options{URL: r.URL(), Timeout: time.Second, PoolSize: 2})
	for range 10 { // past the point where the library would dial in the background
		err := c.Do(t.Context(), "PING")
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%v, want the dialler's error", err)
		}
	}
	r.Start(t)
	if err := c.Do(t.Context(), "PING"); err != nil {
		t.Errorf("the first attempt after it came back: %v", err)
	}
}

// recovered waits until the client works again.
func recovered(t *testing.T, c interface {
	Do(context.Context, ...any) error
},
) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-ticker.C {
		if err = c.Do(t.Context(), "PING"); err == nil {
			return
		}
	}
	t.Error(err)
}

// A Redis before version 6 quotes what it does not know.
func TestOldRedisDoesNotEchoThePassword(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		in := bufio.NewReader(conn)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if strings.HasPrefix(line, "*") { // each command, whatever it is
				_, _ = fmt.Fprintf(conn, "-ERR unknown command, with args beginning with: `3`, `auth`, `default`, `%s`\r\n", secret)
			}
		}
	}()
	c := openClient(t, Options{URL: "redis://:" + secret + "@" + l.Addr().String(), Timeout: 5 * time.Second})
	err = c.Do(t.Context(), "PING")
	if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "unknown command") {
		t.Errorf("error %v", err)
	}
	_ = l.Close()
	t.Cleanup(func() { <-done }) // after the client's connection is closed
}

func TestCertificatesAreVerified(t *testing.T) {
	t.Parallel()
	// Not a Redis, but a TLS server whose certificate nobody knows.
	srv := httptest.NewUnstartedServer(nil)
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.StartTLS()
	defer srv.Close()
	c := openClient(t, Options{URL: "rediss://:" + secret + "@" + srv.Listener.Addr().String(), Timeout: 5 * time.Second})
	err := c.Do(t.Context(), "PING")
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
		t.Errorf("error %v, want one of an unknown authority", err)
	}
}

func TestUnix(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "r.sock")
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	got := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		line := make([]byte, len("*4\r\n$5\r\nhello"))
		_, _ = io.ReadFull(conn, line)
		got <- string(line)
	}()
	c := openClient(t, Options{URL: "unix://" + path, Timeout: 5 * time.Second})
	_ = c.Do(t.Context(), "PING") // nobody answers
	if line := <-got; !strings.HasSuffix(strings.ToLower(line), "hello") {
		t.Errorf("the socket received %q", line)
	}
}
