package duckdb

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// fake is a process whose worker is played by a test: it hears one message and
// says what it is given.
func fake(t *testing.T, says []byte) *process {
	t.Helper()
	server, worker := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, _, err := newFrameReader(worker).next(); err != nil {
			return
		}
		_, _ = worker.Write(says)
		_ = worker.Close()
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	exited := make(chan struct{})
	return &process{said: &logWriter{}, conn: server, frames: newFrameReader(server), exited: exited}
}

// What answers one question is nonsense to the other, and ends the worker.
func TestAWorkerAnswersWhatItWasAsked(t *testing.T) {
	t.Parallel()
	packed := func(kind frameKind, m message) []byte {
		out, err := appendMessage(nil, kind, m)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	data := appendFrame(nil, frameData, []byte("x"))
	for name, c := range map[string]struct {
		kind   frameKind
		says   []byte
		usable bool
		rule   sqlguard.Rule // empty: an answer
	}{
		"figures":                 {frameEstimate, packed(frameFigures, figures{Rows: 5}), true, ""},
		"no estimate":             {frameEstimate, packed(frameFailed, failed{Reason: reasonCost}), true, sqlguard.RuleCost},
		"an estimate in time":     {frameEstimate, packed(frameFailed, failed{Reason: reasonTimeout}), true, sqlguard.RuleTimeout},
		"figures of nothing":      {frameEstimate, appendFrame(nil, frameFigures, appendBool(appendUint(appendFloat(nil, math.Inf(1)), 0), false)), false, sqlguard.RuleFailed},
		"data for figures":        {frameEstimate, data, false, sqlguard.RuleFailed},
		"data before figures":     {frameEstimate, append(bytes.Clone(data), packed(frameFigures, figures{})...), false, sqlguard.RuleFailed},
		"an end for figures":      {frameEstimate, packed(frameEnd, end{}), false, sqlguard.RuleFailed},
		"an answer":               {frameQuery, append(bytes.Clone(data), packed(frameEnd, end{})...), true, ""},
		"figures for an answer":   {frameQuery, packed(frameFigures, figures{}), false, sqlguard.RuleFailed},
		"figures after some data": {frameQuery, append(bytes.Clone(data), packed(frameFigures, figures{})...), false, sqlguard.RuleFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := fake(t, c.says)
			var usable bool
			var err error
			if c.kind == frameEstimate {
				found, ok, problem := p.estimate(t.Context(), work{SQL: "SELECT 1"}, time.Minute)
				usable, err = ok, problem
				if c.rule == "" && found.Rows != 5 || c.rule != "" && found.Rows != 0 {
					t.Errorf("estimate: %+v", found)
				}
			} else {
				_, usable, err = p.query(t.Context(), work{SQL: "SELECT 1", Bytes: 10}, time.Minute, io.Discard)
			}
			var refusal *sqlguard.Refusal
			if c.rule == "" && err != nil || c.rule != "" && (!errors.As(err, &refusal) || refusal.Rule != c.rule) || usable != c.usable {
				t.Errorf("%v, usable %v", err, usable)
			}
		})
	}
}
