package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"
)

const (
	// startTime bounds how long a server may take until it says its address.
	startTime = 30 * time.Second
	// stopTime bounds how long it may take to end once it was told to.
	stopTime = 10 * time.Second
)

// address matches what a server prints once it answers.
var address = regexp.MustCompile(`http://(127\.0\.0\.1:[0-9]+)`)

// process is a server that the run has started.
type process struct {
	cmd     *exec.Cmd
	address string
	errors  string // the file with what it wrote to standard error
	exited  chan struct{}
}

// startProcess starts a server and waits for its address. Its standard error
// goes to a file, as it would behind a service manager.
func startProcess(ctx context.Context, cmd *exec.Cmd, errorFile string) (*process, error) {
	file, err := os.Create(errorFile) //nolint:gosec // a file in the run's own directory
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the child has its own
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = writer, file
	dieWithParent(cmd, syscall.SIGTERM)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopTime
	err = errors.Join(cmd.Start(), writer.Close())
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	p := &process{cmd: cmd, errors: errorFile, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // only how it ended, and that is of no interest
		close(p.exited)
	}()
	found := make(chan string, 1)
	go readAddress(reader, found)
	timer := time.NewTimer(startTime)
	defer timer.Stop()
	select {
	case p.address = <-found:
	case <-timer.C:
	case <-ctx.Done():
	}
	if p.address == "" {
		return nil, errors.Join(fmt.Errorf("%s does not come up: %s", cmd.Path, p.tail()), p.stop())
	}
	return p, nil
}

// readAddress sends the first address in what a server prints, and reads on
// so that the server can print. It ends with the server.
func readAddress(reader io.ReadCloser, found chan<- string) {
	defer func() { _ = reader.Close() }() // nothing more is to be read
	defer close(found)
	lines := bufio.NewScanner(reader)
	sent := false
	for lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil && !sent {
			found <- m[1]
			sent = true
		}
	}
}

// stop ends the server, politely first.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // an error means that it has ended already
	timer := time.NewTimer(stopTime)
	defer timer.Stop()
	select {
	case <-p.exited:
		return nil
	case <-timer.C:
		_ = p.cmd.Process.Kill() // likewise
		<-p.exited
		return fmt.Errorf("%s did not end within %v: %s", p.cmd.Path, stopTime, p.tail())
	}
}

// tail is the end of what the server wrote to standard error.
func (p *process) tail() string {
	const most = 2000
	text, err := os.ReadFile(p.errors)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}
