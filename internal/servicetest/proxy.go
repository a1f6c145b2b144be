//go:build unix

package servicetest

import (
	"os"
	"path/filepath"
	"testing"
)

// StartNginx runs nginx with a whole configuration until the test ends. It
// listens on listen, which the configuration has to say as well. Its pid file,
// logs and temporary files are in the test's directory, whatever the
// configuration says of them.
func StartNginx(t testing.TB, listen, config string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "nginx.conf"), config)
	// With no user of its own the temporary directories are the test's too.
	p := launch(t, dir, nil, "nginx", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", "stderr",
		"-g", "daemon off; master_process off; pid "+filepath.Join(dir, "nginx.pid")+";")
	t.Cleanup(func() { p.kill(t) })
	p.await(t, func() bool { return accepts(listen) })
}

// StartCaddy runs Caddy with a Caddyfile until the test ends. It listens on
// listen, which the Caddyfile has to say as well, and keeps its state in the
// test's directory.
func StartCaddy(t testing.TB, listen, caddyfile string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Caddyfile"), caddyfile)
	p := launch(t, dir, []string{"XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}, "caddy", "run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
	t.Cleanup(func() { p.kill(t) })
	p.await(t, func() bool { return accepts(listen) })
}

// FreeAddress finds an address on 127.0.0.1 that nobody listens on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	return loopback(freePort(t))
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
