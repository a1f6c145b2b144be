package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/membudget"
	"github.com/sallyport-dev/sallyport/internal/sandbox"
	"github.com/sallyport-dev/sallyport/sqlguard"
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
	cmd        *exec.Cmd
	conn       net.Conn // queries and answers
	interrupts net.Conn
	frames     *frameReader
	temp       string
	scratch    []byte // of messages to the worker
	said       *logWriter
	// exited is closed when the process has been waited for.
	exited chan struct{}
	number uint64 // of the last query
	state  state  // after the last query
	// doom is why somebody else than the query's own conversation has killed
	// the process; nil: nobody has.
	doom atomic.Pointer[error]
	// memory is where its memory is watched.
	memory *membudget.Watched
	// sandbox is what the kernel keeps it from.
	sandbox sandbox.Report
	// files and generation tell which state of the source it can see.
	files      files
	generation int64
	// leaveGroup removes its control group.
	leaveGroup func() error
}

// spawn starts a worker and hands it its setup.
func spawn(ctx context.Context, c Config, s setup, sp *spawner) (*process, ready, error) {
	p := &process{temp: s.Temp, exited: make(chan struct{}), leaveGroup: func() error { return nil }}
	if err := p.startIn(c, s, sp); err != nil {
		return nil, ready{}, fmt.Errorf("duckdb: a worker does not start: %w", err)
	}
	if c.Budget != nil {
		var err error
		p.memory, err = c.Budget.Watch(p.cmd.Process.Pid, func(membudget.Cause) {
			_ = p.cmd.Process.Kill() // an error means that it has ended already
		})
		if err != nil {
			return nil, ready{}, errors.Join(err, p.kill())
		}
	}
	s.Parent = os.Getpid()
	answer, err := p.setUp(ctx, s)
	if err != nil {
		return nil, ready{}, errors.Join(err, p.kill())
	}
	p.sandbox = answer.Sandbox
	p.busy(false)
	return p, answer, nil
}

// startIn starts the process in a control group of its own, if there are any.
// Some systems let groups be made and processes not be born into them (a filter
// of calls without clone3): then it is started without.
func (p *process) startIn(c Config, s setup, sp *spawner) error {
	group, err := p.enterGroup(c, s)
	if err == nil && group != nil {
		err = p.start(c, sp, group)
		_ = group.Close() // it was only a place to start in
		if err == nil {
			return nil
		}
		err = errors.Join(err, p.leaveGroup())
	}
	p.leaveGroup = func() error { return nil }
	if err != nil {
		c.Logger.LogAttrs(context.Background(), slog.LevelWarn, "a worker starts without a control group",
			slog.String("source", c.Name), slog.Any("error", err))
	}
	return p.start(c, sp, nil)
}

// enterGroup makes the control group that the process is to be born into, nil
// where there are none. The memory that it counts has the page cache in it,
// which the kernel takes back by itself.
func (p *process) enterGroup(c Config, s setup) (*os.File, error) {
	if c.Cgroups == nil || s.Data == 0 {
		return nil, nil
	}
	name := strings.ReplaceAll(c.Name, "_", "-") + "-" + filepath.Base(s.Temp)
	group, leave, err := c.Cgroups.Make(name, sandbox.CgroupLimits{Memory: s.Data + groupSlack, Processes: groupThreads})
	if err == nil {
		p.leaveGroup = leave
	}
	return group, err
}

const (
	// groupSlack is for what a control group counts beside a worker's data.
	groupSlack = 128 << 20
	// groupThreads is how many threads a worker may have: DuckDB's, and those of
	// Go's runtime.
	groupThreads = 1024
)

// start makes the two channels and the process at their other ends.
func (p *process) start(c Config, sp *spawner, group *os.File) error {
	var theirs []*os.File
	var problems []error
	for _, ours := range []*net.Conn{&p.conn, &p.interrupts} {
		conn, file, err := socketPair()
		if err != nil {
			problems = append(problems, err)
			continue
		}
		*ours, theirs = conn, append(theirs, file)
	}
	// A worker outlives the context of whoever needed it first.
	p.cmd = exec.Command(c.Command[0], c.Command[1:]...) //nolint:gosec,noctx // the command is our own binary; kill ends it
	p.cmd.Env = append([]string{}, c.Env...)
	p.cmd.Dir = "/"
	p.cmd.ExtraFiles = theirs
	p.said = &logWriter{logger: c.Logger, source: c.Name}
	p.cmd.Stderr = p.said
	p.cmd.SysProcAttr = attributes(group)
	err := errors.Join(problems...)
	if err == nil {
		err = sp.start(p.cmd)
	}
	for _, file := range theirs {
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return errors.Join(err, p.closeChannels())
	}
	p.frames = newFrameReader(p.conn)
	go func() {
		_ = p.cmd.Wait() // how it ended is logged by whoever ended it
		close(p.exited)
	}()
	return nil
}

func (p *process) closeChannels() error {
	var problems []error
	for _, c := range []net.Conn{p.conn, p.interrupts} {
		if c != nil {
			problems = append(problems, c.Close())
		}
	}
	return errors.Join(problems...)
}

// socketPair makes the two ends of a channel. Ours is a net.Conn, so that
// reads and writes have deadlines; theirs blocks.
func socketPair() (ours net.Conn, theirs *os.File, err error) {
	fds, err := socketpair()
	if err != nil {
		return nil, nil, fmt.Errorf("duckdb: socket pair: %w", err)
	}
	// A worker with much to say should not wait for each piece to be read; where
	// the system allows less, it is less.
	_ = unix.SetsockoptInt(fds[1], unix.SOL_SOCKET, unix.SO_SNDBUF, 1<<20)
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
	// As in a conversation: what comes late would shorten the first query's time.
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = p.conn.SetDeadline(time.Now())
		close(ended)
	})
	defer func() {
		if !stop() {
			<-ended
		}
	}()
	if _, err := writeMessage(p.conn, nil, frameSetup, s); err != nil {
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
		f, err := readFailed(payload)
		if err != nil {
			return ready{}, err
		}
		return ready{}, errors.New(f.Message)
	default:
		return ready{}, errFrame
	}
}

// busy tells whoever watches memory whether a query runs.
func (p *process) busy(b bool) {
	if p.memory != nil {
		p.memory.Busy(b)
	}
}

// doomed kills the process from outside of its conversation, and says why.
// The conversation notices, and ends the query with that.
func (p *process) doomed(why error) {
	p.doom.CompareAndSwap(nil, &why)
	_ = p.cmd.Process.Kill() // an error means that it has ended already
}

// ended is why somebody outside of the conversation has ended the process; nil:
// nobody has.
func (p *process) ended() error {
	if why := p.doom.Load(); why != nil {
		return *why
	}
	if p.memory == nil {
		return nil
	}
	switch cause, ended := p.memory.Ended(); {
	case !ended:
		return nil
	case cause.Reason == membudget.Query:
		return sqlguard.Refuse(sqlguard.RuleMemory, errors.New(cause.String()))
	case cause.Reason == membudget.Kept:
		// It was idle a moment ago: the query that has it now took nothing.
		return fmt.Errorf("%w: %s", errAgain, cause)
	default:
		return fmt.Errorf("%w: %s", engine.ErrUnavailable, cause)
	}
}

// kill ends the process at once and waits for it. What it has spilled is
// removed.
func (p *process) kill() error {
	_ = p.cmd.Process.Kill() // an error means that it has ended already
	<-p.exited
	return p.bury()
}

// bury removes what an ended process leaves.
func (p *process) bury() error {
	if p.memory != nil {
		p.memory.Done()
	}
	return errors.Join(p.closeChannels(), p.leaveGroup(), removeTemp(p.temp))
}

// stop lets an idle process end by itself, and kills it if it does not.
func (p *process) stop() error {
	closed := errors.Join(p.conn.Close(), p.interrupts.Close())
	p.conn, p.interrupts = nil, nil
	select {
	case <-p.exited:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill() // an error means that it has ended already
		<-p.exited
	}
	return errors.Join(closed, p.bury())
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

// signaled is the signal that the process ended by, if it has, and by one. It is
// asked only where the server itself has sent none.
func (p *process) signaled() (syscall.Signal, bool) {
	select {
	case <-p.exited:
		status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
		return status.Signal(), ok && status.Signaled()
	default:
		return 0, false
	}
}
