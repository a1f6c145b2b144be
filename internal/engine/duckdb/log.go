package duckdb

import (
	"bytes"
	"context"
	"log/slog"
	"sync/atomic"
)

const (
	// maxLogLines is how much of one worker's last words is kept: enough for what
	// has happened and the stack of the thread that it happened in.
	maxLogLines = 40
	// maxLogLine is how much of a line is kept, in bytes.
	maxLogLine = 300
)

// logWriter puts what a worker writes to standard error (a crash, as a rule)
// into the log, bounded.
type logWriter struct {
	logger *slog.Logger
	source string
	lines  int
	line   []byte // that has not ended
	memory atomic.Bool
}

// Write collects lines: a crashing program writes them in pieces.
func (l *logWriter) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		piece, rest, ended := bytes.Cut(b, []byte("\n"))
		l.line = append(l.line, piece[:min(len(piece), maxLogLine-len(l.line))]...)
		if ended {
			l.flush()
		}
		b = rest
	}
	return n, nil
}

func (l *logWriter) flush() {
	line := bytes.TrimSpace(l.line)
	l.line = l.line[:0]
	if len(line) == 0 {
		return
	}
	for _, sign := range signsOfMemory {
		if bytes.Contains(line, sign) {
			l.memory.Store(true)
		}
	}
	if l.lines++; l.lines > maxLogLines {
		return
	}
	l.logger.LogAttrs(context.Background(), slog.LevelWarn, "worker says",
		slog.String("source", l.source), slog.String("line", string(line)))
}

// signsOfMemory are what a program says that ends because it was refused memory:
// Go's runtime, the C++ library, the C library.
var signsOfMemory = [][]byte{
	[]byte("out of memory"), []byte("cannot allocate memory"), []byte("Cannot allocate memory"), []byte("bad_alloc"),
	[]byte("Out of Memory"), []byte("failed to create new OS thread"), []byte("pthread_create failed"),
}

// outOfMemory reports whether the worker has ended for that. It is known once
// the process has been waited for.
func (l *logWriter) outOfMemory() bool { return l.memory.Load() }
