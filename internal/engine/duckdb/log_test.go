package duckdb

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// A program that crashes writes its last words in pieces; they are lines again
// in the log, of bounded length and number.
func TestLastWords(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	l := &logWriter{logger: slog.New(slog.NewTextHandler(&log, nil)), source: "s"}
	for _, piece := range []string{"[signal ", "SIGSEGV: code=", "0x1]\n\n", "goroutine 1\nforged\x1b[2J ", strings.Repeat("x", 5000), "\n"} {
		if n, err := l.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
	}
	for _, want := range []string{`line="[signal SIGSEGV: code=0x1]"`, `line="goroutine 1"`, `line="forged\x1b[2J x`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s: %.400s", want, &log)
		}
	}
	if l.outOfMemory() {
		t.Error("it is said to have run out of memory")
	}
	for i := range 1000 {
		_, _ = fmt.Fprintf(l, "line %d\n", i)
	}
	if n := strings.Count(log.String(), "\n"); n != maxLogLines || log.Len() > maxLogLines*(maxLogLine+200) {
		t.Errorf("%d lines, %d bytes", n, log.Len())
	}
	// What comes after that still tells why it ended.
	_, _ = l.Write([]byte("fatal error: runtime: out of memory\n"))
	if !l.outOfMemory() {
		t.Error("it is not said to have run out of memory")
	}
}
