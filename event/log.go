package event

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"
)

// keptLine is the longest line, in bytes, whose memory is kept for the next.
const keptLine = 4 << 10

// LogConfig configures a [Log].
type LogConfig struct {
	// Out gets the lines, each in one Write. Required. It is not closed.
	Out io.Writer
	// JSON makes the lines those of [slog.JSONHandler] instead of
	// [slog.TextHandler].
	JSON bool
	// Level is the least level that is written; zero is [slog.LevelInfo].
	Level slog.Level
}

// Log is a log of requests and of everything else. As a [Sink] it writes the
// lines that [SlogSink] writes over slog's own handler, byte by byte, at a
// fraction of the time, and at once. While Out takes nothing, requests wait for
// it: no line is dropped.
type Log struct {
	out    *oneAtATime
	json   bool
	level  slog.Level
	logger *slog.Logger
	lines  sync.Pool
}

// NewLog returns a log, or every mistake in the configuration.
func NewLog(c LogConfig) (*Log, error) {
	if c.Out == nil {
		return nil, errors.New("event: LogConfig.Out is nil; a log has to go somewhere")
	}
	l := &Log{out: &oneAtATime{out: c.Out}, json: c.JSON, level: c.Level}
	l.lines.New = func() any { return new(line) }
	options := &slog.HandlerOptions{Level: c.Level}
	if c.JSON {
		l.logger = slog.New(slog.NewJSONHandler(l.out, options))
	} else {
		l.logger = slog.New(slog.NewTextHandler(l.out, options))
	}
	return l, nil
}

// Logger writes all other lines to the same log.
func (l *Log) Logger() *slog.Logger { return l.logger }

// Record implements [Sink].
func (l *Log) Record(_ context.Context, r *Record) {
	level := levelOf(r)
	if level < l.level {
		return
	}
	text, ok := l.lines.Get().(*line)
	if !ok { // unreachable: the pool holds nothing else
		text = new(line)
	}
	text.json, text.b = l.json, text.b[:0]
	text.record(time.Now(), level, r)
	_, _ = l.out.Write(text.b) // a log that cannot be written has nobody to tell
	if cap(text.b) <= keptLine {
		l.lines.Put(text)
	}
}

// oneAtATime keeps the lines of a log apart.
type oneAtATime struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *oneAtATime) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}
