//go:build unix

package main

import (
	"os"
	"syscall"
	"testing"
	"time"
)

// Not parallel: signals are the process's.
func TestHangupsWaitForTheServer(t *testing.T) {
	hangup := func() {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	h := catchHangups()
	hangup() // while sources are still being opened
	handled := make(chan struct{}, 8)
	wait := func(when string) {
		t.Helper()
		select {
		case <-handled:
		case <-time.After(10 * time.Second):
			t.Fatalf("a SIGHUP %s is lost", when)
		}
	}
	h.handle(func() { handled <- struct{}{} })
	wait("before the server serves")
	hangup()
	wait("while it serves")
	h.stop()
	hangup() // while it closes: this test goes on
	if len(handled) != 0 {
		t.Error("handled after stop")
	}
}
