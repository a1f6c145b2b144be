package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSwing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seen   []int64
		within bool
		text   string
	}{
		{[]int64{100e6}, false, "−0.0 to +0.0"},
		{[]int64{100e6, 120e6}, true, "−0.0 to +20.0"},
		{[]int64{100e6, 120e6 + 1, 100e6}, false, "−0.0 to +20.0"},
		{[]int64{100e6, 80e6, 119e6}, true, "−20.0 to +19.0"},
		{[]int64{100e6, 80e6 - 1}, false, "−20.0 to +0.0"},
	} {
		var s swing
		for _, v := range test.seen {
			s.add(v)
		}
		if s.flat() != test.within || s.String() != test.text {
			t.Errorf("%v: got %v, %q", test.seen, s.flat(), s.String())
		}
	}
}

// TestWatchSeesMemory takes memory while this process is watched.
func TestWatchSeesMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no /proc
	}
	const taken = 64 << 20
	var s swings
	var memory []byte
	err := s.watch(t.Context(), os.Getpid(), func() error {
		memory = make([]byte, taken)
		for i := 0; i < len(memory); i += os.Getpagesize() {
			memory[i] = 1
		}
		return nil
	})
	if err != nil || s.server.high-s.server.start < taken/2 {
		t.Errorf("%v, %+v", err, s.server)
	}
	runtime.KeepAlive(memory)
	problem := errors.New("x")
	if err := s.watch(t.Context(), os.Getpid(), func() error { return problem }); !errors.Is(err, problem) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.watch(ctx, os.Getpid(), func() error { return ctx.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := s.watch(t.Context(), 1<<30, func() error { return nil }); err == nil {
		t.Error("there is no such process")
	}
}

func TestStreamFileAndScan(t *testing.T) {
	t.Parallel()
	flights, err := filepath.Abs("../examples/flights/flights.parquet")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 1_000_000 // more than there are flights
	path, size, err := makeStreamFile(t.Context(), flights, t.TempDir(), rows)
	if err != nil || size < 1000 {
		t.Fatal(err, size)
	}
	conn, closeDatabase, err := openScan(path)
	if err != nil {
		t.Fatal(err)
	}
	defer closeDatabase()
	for query, want := range map[string]int{streamQuery: rows, capped(): rows, streamQuery + " WHERE false": 0, streamQuery + " LIMIT 3": 3} {
		if got, err := scan(conn, query); err != nil || got != want {
			t.Errorf("%s: %d rows, %v, want %d", query, got, err, want)
		}
	}
	if _, err := scan(conn, "SELECT x FROM "+streamTable); err == nil {
		t.Error("there is no such column")
	}
	if _, _, err := openScan("/no/such.parquet"); err == nil || !strings.Contains(err.Error(), "No files found") {
		t.Errorf("got %v", err)
	}
	if _, _, err := makeStreamFile(t.Context(), "/no/such'.parquet", t.TempDir(), rows); err == nil {
		t.Error("there are no such flights")
	}
}

func TestStreamGoals(t *testing.T) {
	t.Parallel()
	took := func(millis ...int) (list []drained) {
		for _, n := range millis {
			list = append(list, drained{took: time.Duration(n) * time.Millisecond, rows: streamRows, bytes: 1e8})
		}
		return list
	}
	moved := swings{server: swing{start: 100e6, low: 99e6, high: 131e6, looks: 9}}
	arrow := streamed{load: streamLoads[0], scan: took(100, 100, 300), limited: took(200, 200, 600), full: took(200, 125, 400), memory: moved}
	r := &results{noProfile: "x", streams: &streams{rows: streamRows, file: 1e6, list: []streamed{arrow}, slow: &swings{server: swing{start: 1, low: 1, high: 1, looks: 2}}, noBare: "not asked"}}
	p := &page{}
	r.goals(p)
	r.streamed(p)
	for _, want := range []string{
		"| 5 million rows as an Arrow stream, beside the engine's own scan | ≥ 70% | 75% (50 to 80) | met |",
		"| the server's memory during that stream | ± 20 MB | −1.0 to +31.0 MB | **short** |",
		"| the server's memory beside a slow client | ± 20 MB | −0.0 to +0.0 MB | met |",
		"| 5 million rows as an Arrow stream | 0.20 (0.12 to 0.40) | 25.0 | 500 | 100 | **0.75 (0.50 to 0.80)** | 1.50 (1.00 to 1.60) |",
		"5,000,000 rows", "The bare handler: not asked.",
	} {
		if !strings.Contains(p.String(), want) {
			t.Errorf("no %q in:\n%s", want, p.String())
		}
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	for only, want := range map[string]int{"": len(parts()), "ARROW": 1, "5 million": 2, "postgres": len(postgresLoads), "memory": 1, "no such": 0} {
		p := plan{only: only}
		got := len(slices.DeleteFunc(parts(), func(name string) bool { return !p.wants(name) }))
		if got != want {
			t.Errorf("%q: %d parts, want %d", only, got, want)
		}
	}
	for _, p := range []plan{{rounds: 1, streams: 1, only: "no such"}, {streams: 1}, {rounds: 1}, {rounds: 1, streams: 1, profile: -1}} {
		if p.check() == nil {
			t.Errorf("%+v is taken", p)
		}
	}
	if err := wholePlan.check(); err != nil {
		t.Error(err)
	}
	p := plan{only: "aggregate"}
	if got := p.wanted(loads); len(got) != 1 || got[0].name != "aggregate" || len(p.wantedStreams()) != 0 || len(loads) < 2 {
		t.Errorf("got %v", got)
	}
}
