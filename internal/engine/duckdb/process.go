package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// startTime bounds how long a worker may take to open its source.
	startTime = 60 * time.Second
	// convertTime bounds the reading of CSV files at the start.
	convertTime = 30 * time.Minute
	// grace is how long after an interrupt a query may still end by itself.
	grace = 250 * time.Millisecond
)

// process is one worker process, seen from the server.
type process struct {
	cmd    *exec.Cmd
	conn   net.Conn
	frames *frameReader
	temp   string
	// exited is closed when the process has been waited for.
	exited chan struct{}
	number uint64 // of the last query
	cpu    time.Duration
	spent  bool // its memory is used up: the next query needs another
}

// spawn starts a worker and hands it its setup.
func spawn(ctx context.Context, c Config, s setup) (*process, ready, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, ready{}, err
	}
	// A worker outlives the context of whoever needed it first.
	cmd := exec.Command(c.Command[0], c.Command[1:]...) //nolint:gosec,noctx // the command is our own binary; kill ends it
	cmd.Env = append([]string{}, c.Env...)
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stderr = &logWriter{logger: c.Logger, source: c.Name}
	err = cmd.Start()
	closeErr := theirs.Close()
	if err = errors.Join(err, closeErr); err != nil {
		return nil, ready{}, errors.Join(fmt.Errorf("duckdb: a worker does not start: %w", err), ours.Close())
	}
	p := &process{cmd: cmd, conn: ours, frames: newFrameReader(ours), temp: s.Temp, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is logged by whoever ended it
		close(p.exited)
	}()
	answer, err := p.setUp(ctx, s)
	if err != nil {
		return nil, ready{}, errors.Join(err, p.kill())
	}
	return p, answer, nil
}

// socketPair makes the two ends of a channel; ours is a net.Conn so that
// reads and writes have deadlines.
func socketPair() (ours net.Conn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("duckdb: socket pair: %w", err)
	}
	file := os.NewFile(uintptr(fds[0]), "channel")
	theirs = os.NewFile(uintptr(fds[1]), "channel")
	ours, err = net.FileConn(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

func (p *process) setUp(ctx context.Context, s setup) (ready, error) {
	limit := startTime
	if len(s.Convert) > 0 {
		limit = convertTime
	}
	if err := p.conn.SetDeadline(time.Now().Add(limit)); err != nil {
		return ready{}, err
	}
	stop := context.AfterFunc(ctx, func() { _ = p.conn.SetDeadline(time.Now()) })
	defer stop()
	if err := writeMessage(p.conn, frameSetup, s); err != nil {
		return ready{}, err
	}
	kind, payload, err := p.frames.next()
	if err != nil {
		return ready{}, fmt.Errorf("duckdb: a worker ended while it opened the source: %w", err)
	}
	var answer ready
	switch kind {
	case frameReady:
		err := json.Unmarshal(payload, &answer)
		return answer, err
	case frameFailed:
		var f failed
		if err := json.Unmarshal(payload, &f); err != nil {
			return ready{}, err
		}
		return ready{}, errors.New(f.Message)
	default:
		return ready{}, errFrame
	}
}

// used notes what a worker says of itself after a query.
func (p *process) used(cpuMillis int64, spent bool) {
	p.cpu, p.spent = time.Duration(cpuMillis)*time.Millisecond, spent
}

// kill ends the process at once and waits for it. What it has spilled is
// removed.
func (p *process) kill() error {
	_ = p.cmd.Process.Kill() // an error means that it has ended already
	<-p.exited
	return errors.Join(p.conn.Close(), os.RemoveAll(p.temp))
}

// stop lets an idle process end by itself, and kills it if it does not.
func (p *process) stop() error {
	closed := p.conn.Close()
	select {
	case <-p.exited:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill() // an error means that it has ended already
		<-p.exited
	}
	return errors.Join(closed, os.RemoveAll(p.temp))
}

// howEnded describes the end of a process that has broken its channel; it may
// be a moment before it can be waited for.
func (p *process) howEnded() string {
	select {
	case <-p.exited:
		return p.cmd.ProcessState.String()
	case <-time.After(grace):
		return "still running"
	}
}

// wasKilled reports whether the process ended by a SIGKILL. It is asked only
// where the server itself has not sent one.
func (p *process) wasKilled() bool {
	select {
	case <-p.exited:
		status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
	default:
		return false
	}
}
