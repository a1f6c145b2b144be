//go:build linux

package systest

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

var (
	// root is the checkout.
	root string
	// binary is the program under test, built from it.
	binary string
)

func TestMain(m *testing.M) {
	// A process that ignores SIGHUP, as under nohup, hands that on to those it
	// starts. One that listens to it does not.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "systest:", err)
		code = 1
	}
	os.Exit(code)
}

// run builds the binary once, and afterwards wants nothing left of any test.
func run(m *testing.M) (code int, err error) {
	if root, err = filepath.Abs(".."); err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "systest-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the tests have spoken already
	binary = filepath.Join(dir, "sallyport")
	// As make build does it, without the race detector: a worker under its
	// memory limit has no room for the detector's.
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/sallyport") //nolint:noctx // our own command; the time limit of go test ends it
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go build: %w\n%s", err, out)
	}
	code = m.Run()
	if code != 0 {
		return code, nil
	}
	if left := running(binary); len(left) > 0 {
		return 1, fmt.Errorf("processes left running: %v", left)
	}
	return 0, goleak.Find()
}
