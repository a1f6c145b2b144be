package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if isChild(os.Args) {
		os.Exit(child(os.Args))
	}
	goleak.VerifyTestMain(m)
}

// miniature is a whole run of a few hundred requests.
var miniature = plan{
	rounds: 2, round: 300 * time.Millisecond, requests: 40, warmup: 50 * time.Millisecond, settle: 100 * time.Millisecond,
	loops: 2, loop: 5 * time.Millisecond, memory: 150 * time.Millisecond,
	streams: 2, streamRows: 20_000, slow: 200 * time.Millisecond,
}

func TestRunInMiniature(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil { // PostgreSQL does not run as root, and must get in
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	r, err := run(t.Context(), "..", miniature, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.compared) != len(loads) || len(r.pgCompared) != len(postgresLoads) || len(r.guard) != 2*len(guarded) {
		t.Fatalf("%d loads of %d, %d of %d over PostgreSQL and %d queries of %d were measured", len(r.compared), len(loads), len(r.pgCompared), len(postgresLoads), len(r.guard), 2*len(guarded))
	}
	for _, c := range slices.Concat(r.compared, r.pgCompared) {
		if len(c.bare) != 2 || len(c.full) != 2 {
			t.Errorf("%s: %d and %d rounds, want 2 of each", c.load.name, len(c.bare), len(c.full))
		}
		for _, round := range append(c.bare, c.full...) {
			if round.requests < 1 || round.perSec <= 0 || round.p50 <= 0 || round.p99 < round.p50 {
				t.Errorf("%s: an impossible round: %+v", c.load.name, round)
			}
		}
	}
	for _, g := range r.guard {
		if g.cached.micros.median <= 0 || g.cold.micros.median <= g.cached.micros.median {
			t.Errorf("guard, %s: %v µs cold and %v µs cached", g.name, g.cold.micros.median, g.cached.micros.median)
		}
	}
	for _, c := range r.perimeter {
		if c.micros.median <= 0 || c.allocs < 1 {
			t.Errorf("perimeter, %s: an impossible cost: %+v", c.name, c)
		}
	}
	checkStreams(t, r.streams)
	checkMemory(t, r)
	checkPage(t, string(r.markdown()))
	checkNothingLeft(t)
}

func checkStreams(t *testing.T, s *streams) {
	t.Helper()
	if len(s.list) != len(streamLoads) || s.bare == nil && s.noBare == "" {
		t.Fatalf("%d formats of %d, and of the bare handler %v, %q", len(s.list), len(streamLoads), s.bare, s.noBare)
	}
	for _, l := range s.list {
		if len(l.scan) != 2 || len(l.limited) != 2 || len(l.full) != 2 {
			t.Errorf("%s: %d, %d and %d rounds, want 2 of each", l.load.name, len(l.scan), len(l.limited), len(l.full))
		}
		for _, d := range l.full {
			if d.rows != miniature.streamRows || d.bytes < 10*d.rows || d.took <= 0 {
				t.Errorf("%s: an impossible answer: %d rows, %d bytes in %v", l.load.name, d.rows, d.bytes, d.took)
			}
		}
		if runtime.GOOS == "linux" && (l.memory.server.looks < 3 || l.memory.server.low < 1<<20 || l.memory.workers.low < 1<<20) {
			t.Errorf("%s: impossible memory: %+v", l.load.name, l.memory)
		}
	}
}

func checkMemory(t *testing.T, r *results) {
	t.Helper()
	if runtime.GOOS != "linux" {
		if r.noMemory == "" {
			t.Error("the page does not say why there is no figure for memory")
		}
		return
	}
	if r.bareMemory.peak.server.rss < r.bareMemory.peak.server.pss || r.bareMemory.peak.server.pss < 1 {
		t.Errorf("the bare handler's peak: %+v", r.bareMemory.peak)
	}
	// Spare workers stand beside them.
	if r.fullMemory.peak.count < workers || r.fullMemory.peak.children.pss < 1 {
		t.Errorf("Sallyport's peak, of at least %d workers: %+v", workers, r.fullMemory.peak)
	}
}

func checkPage(t *testing.T, page string) {
	t.Helper()
	for _, want := range []string{
		"## The design's goals", "## Over HTTP", "the same over Postgres", "Postgres, one row by its key", "| Postgres | typical |", "## The guard", "## The perimeter", "## The large result as a stream", "location: \"$DIR/flights5m.parquet\"", "## Memory", "## Where Sallyport's time goes",
		"## Settings and commands", "SELECT 42", "location: \"examples/flights/flights.parquet\"", "Not measured: the plan has none.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, unwanted := range []string{"NaN", "Inf", "%!", os.Getenv("TMPDIR")} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q in it:\n%s", unwanted, page)
		}
	}
}

// checkNothingLeft finds processes and files that outlived a run.
func checkNothingLeft(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "linux" {
		if left, err := childrenOf(os.Getpid()); err != nil || len(left) > 0 {
			t.Errorf("processes left behind: %v %v", left, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "sallyport*"))
	if err != nil || len(files) > 0 {
		t.Errorf("files left behind: %v %v", files, err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := filepath.Abs("../examples/flights/flights.parquet")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := (&workshop{dir: dir, self: self, data: data}).startBare(ctx)
	if err != nil {
		t.Fatal(err)
	}
	started := make(chan struct{})
	ended := make(chan error, 1)
	var once sync.Once // many clients ask
	slow := load{name: "endless", rows: 1, fresh: func(n int64) string {
		if n > 1 { // past the answer that is looked into
			once.Do(func() { close(started) })
		}
		return "SELECT 42"
	}}
	serial.Store(0)
	go func() {
		_, err := press(ctx, s, slow, time.Hour, 1<<40)
		ended <- err
	}()
	<-started
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the load ended with %v", err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	checkNothingLeft(t)
}

func TestServerThatDoesNotComeUpSaysWhy(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{dir: t.TempDir(), self: self, data: "/no/such.parquet"}
	if _, err := w.startBare(t.Context()); err == nil || !strings.Contains(err.Error(), "No files found") {
		t.Errorf("got %v, want DuckDB's complaint about the file", err)
	}
}

func TestWholePlanFitsItsTime(t *testing.T) {
	t.Parallel()
	p, n, all := wholePlan, float64(len(loads)), float64(len(loads)+len(postgresLoads))
	whole := 2 * all * (p.warmup.Seconds() + float64(p.rounds)*p.round.Seconds()) // both servers
	whole += float64(p.loops) * p.loop.Seconds() * float64(4*len(guarded)+4)
	whole += 2*n*p.memory.Seconds() + 6*p.settle.Seconds() + (all+1)*2*p.profile.Seconds()
	// A second of a stream is long; the bare handler may take its whole time.
	whole += float64(len(streamLoads))*(float64(p.streams+1)*2+2*p.profile.Seconds()) + p.slow.Seconds() + streamTime.Seconds()
	if whole > 0.8*wholeTime.Seconds() {
		t.Errorf("the plan takes %v s, which leaves too little of %v for what it starts", whole, wholeTime)
	}
	if p.round > 5*time.Second {
		t.Errorf("a round of %v", p.round)
	}
}
