//go:build unix

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestInterruptedCorpus ends a command that waits for lines that nobody
// writes: it reports on those that came.
func TestInterruptedCorpus(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "log")
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout := &signalling{seen: make(chan struct{}, 1)}
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(world{ctx: ctx, stdout: stdout, stderr: &stderr}, []string{"check", "--corpus", name})
	}()
	writer, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = writer.Close() }()
	if _, err := writer.WriteString("{\"sql\":\"SELECT 1\"}\n{\"sql\":\"DROP TABLE t\"}\n{\"sql\":"); err != nil {
		t.Fatal(err)
	}
	<-stdout.seen // the refusal is listed
	cancel()
	select {
	case code := <-ended:
		if code != exitUsage || stderr.String() != "sallyport: interrupted: 2 queries were judged\n" {
			t.Errorf("exit code %d, %s", code, stderr.String())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it still waits")
	}
	if !strings.Contains(stdout.text.String(), "accepted  1 of 2, 50.0%\n") {
		t.Errorf("%s", stdout.text.String())
	}
}

// signalling is an output that says when something was written.
type signalling struct {
	text bytes.Buffer
	seen chan struct{}
}

func (s *signalling) Write(p []byte) (int, error) {
	n, err := s.text.Write(p)
	select {
	case s.seen <- struct{}{}:
	default:
	}
	return n, err
}
