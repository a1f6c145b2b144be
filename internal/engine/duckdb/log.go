package duckdb

import (
	"bytes"
	"context"
	"log/slog"
)

// logWriter puts what a worker writes to standard error (a crash, as a rule)
// into the log, bounded.
type logWriter struct {
	logger *slog.Logger
	source string
	lines  int
}

// maxLogLines is how much of one worker's last words is kept.
const maxLogLines = 20

func (l *logWriter) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		if l.lines++; l.lines > maxLogLines {
			break
		}
		l.logger.LogAttrs(context.Background(), slog.LevelWarn, "worker says",
			slog.String("source", l.source), slog.String("line", string(bytes.TrimSpace(line[:min(len(line), 300)]))))
	}
	return len(b), nil
}
