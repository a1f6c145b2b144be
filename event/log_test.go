package event_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// output is a writer that keeps each Write apart.
type output struct {
	mu     sync.Mutex
	writes []string
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writes = append(o.writes, string(p))
	return len(p), nil
}

func (o *output) all() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.writes, "")
}

func newLog(t *testing.T, c event.LogConfig) *event.Log {
	t.Helper()
	log, err := event.NewLog(c)
	check(t, err)
	return log
}

// handler is slog's own.
func handler(w io.Writer, json bool, level slog.Level) slog.Handler {
	if json {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})
	}
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})
}

// sameLine compares a record's line with slog's own, in both formats. It is
// called where the clock stands still.
func sameLine(t *testing.T, r *event.Record) {
	t.Helper()
	sameBut(t, r, func(line string) string { return line })
}

// sameBut compares what normal makes of the lines.
func sameBut(t *testing.T, r *event.Record, normal func(string) string) {
	t.Helper()
	for _, json := range []bool{false, true} {
		for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
			var want, got bytes.Buffer
			event.SlogSink(slog.New(handler(&want, json, level))).Record(t.Context(), r)
			log := newLog(t, event.LogConfig{Out: &got, JSON: json, Level: level})
			log.Record(t.Context(), r)
			if normal(got.String()) != normal(want.String()) {
				t.Errorf("json %v, level %v\n got %s\nwant %s", json, level, &got, &want)
			}
		}
	}
}

// hostile are texts that have to be quoted or escaped, or look as if.
func hostile() []string {
	texts := []string{
		"", "plain", "two words", "a=b", `quo"te`, `back\slash`, "line\nfeed", "\r\n", "tab\t", "nul\x00", "del\x7f", "esc\x1b[31m", "\b\f",
		"ümlaut", "日本語", "😀", "\u00a0", "\u2028", "\u2029", "\u202e", "\ufeff", "\ufffd", "\xff", "a\xc3", "\xed\xa0\x80", "<script>&amp;", "{}[]", ",",
		"mixed \x01\xff\u2028\"\\ end", strings.Repeat("x", 5000), strings.Repeat("ä\n", 3000), "combining e\u0301", "\u0085", "\U000e0001", "'", "`", "%d",
	}
	for c := range 256 {
		texts = append(texts, string([]byte{'a', byte(c), 'b'}))
	}
	return texts
}

func TestLogLinesAreThoseOfSlog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sameLine(t, &event.Record{})
		for _, s := range hostile() {
			sameLine(t, &event.Record{
				RequestID: s, App: s, Route: s, Method: s, Status: 200, Key: s, Subject: s, Spoofed: s, UserAgentClass: event.UserAgentClass(s),
				Protection: s, Rule: s, WouldRefuse: s, Query: event.Query{Source: s, Fingerprint: s, Rows: 1}, Err: errors.New(s),
			})
		}
		for _, n := range []int64{0, 1, -1, 9, 10, 200, 1 << 40, math.MaxInt64, math.MinInt64} {
			sameLine(t, &event.Record{Status: int(n), BytesIn: n, BytesOut: -n, Query: event.Query{Rows: n}})
		}
		for _, r := range []event.Record{
			{Status: 500},
			{Status: 503, Protection: "ratelimit"},
			{Status: 503, Protection: "concurrency"},
			{Status: 503, Protection: "engine"},
			{Status: 503, Protection: "ratelimit", Canceled: true},
			{Status: 200, Aborted: true},
			{Status: 503, Protection: "ratelimit", Aborted: true},
			{Status: 0, Aborted: true, Canceled: true},
		} {
			sameLine(t, &r)
		}
		for _, addr := range []string{"192.0.2.1", "::1", "2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "fe80::1%a b=\"\n", "fe80::1%\xff"} {
			a := netip.MustParseAddr(addr)
			sameLine(t, &event.Record{Client: a, Network: netip.PrefixFrom(a.WithZone(""), 24)})
		}
		for _, d := range durations() {
			sameLine(t, &event.Record{Duration: d, Query: event.Query{Queue: d, Guard: d / 3, Engine: d / 7, Encode: d + 1}})
		}
	})
}

func durations() []time.Duration {
	list := []time.Duration{0, 1, 999, math.MaxInt64, math.MinInt64, -time.Microsecond, -time.Hour}
	for d := time.Microsecond; d < 1e18; d *= 10 {
		list = append(list, d, d-1, d+1, 2*d+d/2, 9*d, d-time.Microsecond, d+time.Microsecond, d+10*time.Microsecond, d+100*time.Microsecond, d+123*time.Microsecond)
	}
	return list
}

// The clock's digits: those of a line at every kind of moment.
func TestLogTimeIsThatOfSlog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, d := range []time.Duration{0, 1, time.Microsecond, time.Millisecond - 1, time.Millisecond, 10 * time.Millisecond, 999 * time.Millisecond, time.Second - 1, time.Second, time.Hour, 31 * 24 * time.Hour, 12_345_678_901} {
			<-time.After(d)
			sameLine(t, &event.Record{Status: 200})
		}
	})
}

func FuzzLogLine(f *testing.F) {
	f.Add("id", "why", 200, int64(1500), true)
	f.Add("\xff\u2028\"\\", "a\x00b\n", 503, int64(-1), false)
	f.Add("a=b c", "", 0, int64(999_999_999_999), false)
	f.Fuzz(func(t *testing.T, text, cause string, status int, n int64, aborted bool) {
		d := time.Duration(n)
		sameBut(t, &event.Record{
			RequestID: text, Status: status, Duration: d, BytesOut: n, Aborted: aborted, Rule: text,
			Query: event.Query{Source: text, Rows: n, Guard: d / 3, Engine: d * 1001}, Err: errors.New(cause),
		}, afterTime)
	})
}

// afterTime leaves out what is before the level.
func afterTime(line string) string {
	if i := strings.Index(line, "level"); i >= 0 {
		return line[i:]
	}
	return line
}

func TestLogNeedsAnOutput(t *testing.T) {
	t.Parallel()
	if _, err := event.NewLog(event.LogConfig{}); err == nil || !strings.Contains(err.Error(), "Out") {
		t.Errorf("got %v", err)
	}
}

// Under a load from many requests every line arrives, whole, in one write.
func TestLogLosesNothing(t *testing.T) {
	t.Parallel()
	out := new(output)
	log := newLog(t, event.LogConfig{Out: out})
	const requests, lines = 8, 500
	var group sync.WaitGroup
	for i := range requests {
		group.Go(func() {
			for n := range lines {
				log.Record(context.Background(), &event.Record{RequestID: fmt.Sprintf("id-%d-%d-end", i, n), Status: 200})
				if n%100 == 99 {
					log.Logger().Warn("between")
				}
			}
		})
	}
	group.Wait()
	all := out.all()
	for i := range requests {
		last := -1
		for n := range lines {
			at := strings.Index(all, fmt.Sprintf("request_id=id-%d-%d-end ", i, n))
			if at <= last {
				t.Fatalf("line %d of %d: lost or out of order", n, i)
			}
			last = at
		}
	}
	if got := strings.Count(all, "\n"); got != requests*(lines+lines/100) {
		t.Errorf("%d lines", got)
	}
	for _, w := range out.writes {
		if strings.Count(w, "\n") != 1 || !strings.HasSuffix(w, "\n") {
			t.Errorf("a write of %d bytes: %.100q", len(w), w)
		}
	}
}

func example() *event.Record {
	return &event.Record{
		RequestID: "0123456789abcdef0123456789abcdef", App: "sallyport", Route: "POST /v1/query", Method: "POST", Status: 200,
		Duration: 512 * time.Microsecond, BytesIn: 19, BytesOut: 120, Client: netip.MustParseAddr("192.0.2.1"), Network: netip.MustParsePrefix("192.0.2.0/24"),
		Key: "nightly", UserAgentClass: event.AgentCurl,
		Query: event.Query{Source: "flights", Fingerprint: "0123456789abcdef", Rows: 1, Guard: 2 * time.Microsecond, Engine: 345 * time.Microsecond},
	}
}

func BenchmarkSlogSink(b *testing.B) {
	benchmark(b, func(json bool) event.Sink { return event.SlogSink(slog.New(handler(io.Discard, json, slog.LevelInfo))) })
}

func BenchmarkLog(b *testing.B) {
	benchmark(b, func(json bool) event.Sink {
		log, err := event.NewLog(event.LogConfig{Out: io.Discard, JSON: json})
		if err != nil {
			b.Fatal(err)
		}
		return log
	})
}

func benchmark(b *testing.B, open func(json bool) event.Sink) {
	b.Helper()
	for name, json := range map[string]bool{"text": false, "json": true} {
		b.Run(name, func(b *testing.B) {
			sink, record, ctx := open(json), example(), b.Context()
			b.ReportAllocs()
			for b.Loop() {
				sink.Record(ctx, record)
			}
		})
	}
}

// A request's line costs no memory.
func TestLogAllocatesNothing(t *testing.T) {
	log := newLog(t, event.LogConfig{Out: io.Discard})
	record, ctx := example(), t.Context()
	log.Record(ctx, record)
	if n := testing.AllocsPerRun(1000, func() { log.Record(ctx, record) }); n >= 1 && !raceEnabled {
		t.Errorf("%v allocations", n)
	}
}
