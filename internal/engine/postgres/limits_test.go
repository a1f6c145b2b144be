package postgres

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// endless sends rows for as long as it is let.
const endless = "SELECT repeat('x', 1000), generate_series(1, 100000000)"

// streams are formats whose answers flow, in small pieces and in large ones.
var streams = []encode.Format{encode.NDJSON, encode.Arrow}

func limited(change func(*engine.Limits)) engine.Limits {
	l := generous
	change(&l)
	return l
}

// runs says that the server works on a query.
func (b *bench) runs(t testing.TB, sql string) bool {
	t.Helper()
	return b.server.Value(t, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND state <> 'idle' AND query = "+quoteText(sql)) != "0"
}

func TestLimits(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	t.Run("rows", func(t *testing.T) {
		var out bytes.Buffer
		s, err := b.run(t.Context(), "SELECT generate_series(1, 100000000) i", limited(func(l *engine.Limits) { l.Rows = 3 }), encode.CSV, &out)
		if err != nil || s.Rows != 3 || !s.Truncated || out.String() != "i\r\n1\r\n2\r\n3\r\n" || s.Bytes != int64(out.Len()) {
			t.Errorf("%+v, %v, %q", s, err, out.String())
		}
	})
	t.Run("rows exactly", func(t *testing.T) {
		s, err := b.run(t.Context(), "SELECT i FROM generate_series(1, 3) i", limited(func(l *engine.Limits) { l.Rows = 3 }), encode.CSV, io.Discard)
		if err != nil || s.Rows != 3 || s.Truncated {
			t.Errorf("%+v, %v", s, err)
		}
	})
	t.Run("rows capped by the guard", func(t *testing.T) {
		q, err := newWork("SELECT i FROM generate_series(1, 9) i LIMIT 3", nil, encode.JSON, generous)
		if err != nil {
			t.Fatal(err)
		}
		q.cappedAt = 3
		if s, err := b.engine.run(t.Context(), q, nil, io.Discard); err != nil || !s.Truncated {
			t.Errorf("%+v, %v", s, err)
		}
	})
	small := limited(func(l *engine.Limits) { l.Bytes = 100_000 })
	for name, sql := range map[string]string{
		"many rows": "SELECT repeat('x', 1000), generate_series(1, 100000000)",
		"one row":   "SELECT repeat('x', 200000)",
		// Longer than a message that would be read into memory.
		"a huge row":   "SELECT repeat('x', 60000000)",
		"a wide array": "SELECT array_agg(i) FROM generate_series(1, 50000) i",
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			_, err := b.run(t.Context(), sql, small, encode.NDJSON, &out)
			wantRule(t, err, sqlguard.RuleBytes)
			if out.Len() > 100_000 {
				t.Errorf("%d bytes written", out.Len())
			}
			if name == "a huge row" {
				// It cannot be read away, so the connection was cut instead.
				eventually(t, "the server has noticed", func() bool { return !b.runs(t, sql) })
			} else if b.runs(t, sql) {
				t.Error("the query runs on after its error")
			}
		})
	}
	t.Run("deadline", func(t *testing.T) {
		start := time.Now()
		err := b.fails(t, "SELECT pg_sleep(60)", limited(func(l *engine.Limits) { l.Deadline = 300 * time.Millisecond }))
		wantRule(t, err, sqlguard.RuleTimeout)
		if d := time.Since(start); d < 250*time.Millisecond || d > 3*time.Second {
			t.Errorf("after %v", d)
		}
		if b.runs(t, "SELECT pg_sleep(60)") {
			t.Error("the query runs on")
		}
	})
	t.Run("stack", func(t *testing.T) {
		wantRule(t, b.fails(t, "SELECT "+strings.Repeat("(", 20000)+"1"+strings.Repeat(")", 20000), generous), sqlguard.RuleFailed)
	})
	t.Run("lock", func(t *testing.T) {
		b.server.Exec(t, "CREATE TABLE locked (a int); GRANT SELECT ON locked TO reader")
		release := make(chan struct{})
		held := make(chan struct{})
		go func() {
			defer close(held)
			b.hold(t, "BEGIN; LOCK locked IN ACCESS EXCLUSIVE MODE", release)
		}()
		eventually(t, "the lock is held", func() bool {
			return b.server.Value(t, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'locked'::regclass AND granted") == "1"
		})
		if err := b.fails(t, "SELECT * FROM locked", generous); !errors.Is(err, engine.ErrUnavailable) {
			t.Error(err)
		}
		close(release)
		<-held
	})
}

// The role may not lift temp_file_limit, so it needs it set, or the right to.
func TestTemporaryFiles(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	if log := b.log.String(); !strings.Contains(log, `ALTER ROLE \"reader\" SET temp_file_limit = '16384kB'`) {
		t.Errorf("the log does not say that the limit is too high: %s", log)
	}
	const sql = "SELECT max(s) FROM (SELECT i::text || repeat('x', 100) s FROM generate_series(1, 400000) i ORDER BY 1 OFFSET 3) q"
	long := limited(func(l *engine.Limits) { l.Deadline = time.Minute })
	if _, err := b.run(t.Context(), sql, long, encode.JSON, io.Discard); err != nil {
		t.Errorf("within RoleSQL's limit: %v", err)
	}
	for _, grant := range []string{"GRANT SET ON PARAMETER temp_file_limit TO reader", "REVOKE SET ON PARAMETER temp_file_limit FROM reader; ALTER ROLE reader SET temp_file_limit = '16MB'"} {
		b.server.Exec(t, grant)
		again := attach(t, b.server, true)
		if log := again.log.String(); strings.Contains(log, "temp_file_limit") {
			t.Errorf("%s: %s", grant, log)
		}
		err := again.fails(t, sql, long)
		if wantRule(t, err, sqlguard.RuleMemory); !strings.Contains(errors.Unwrap(err).Error(), "temp_file_limit") {
			t.Error(errors.Unwrap(err))
		}
	}
}

func TestTheRequestsEndEndsTheQuery(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	for name, sql := range map[string]string{
		"waiting":   "SELECT pg_sleep(60)",
		"computing": "SELECT count(*) FROM (SELECT generate_series(1, 100000000000)) i",
		"sending":   "SELECT repeat('x', 1000), generate_series(1, 100000000)",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := b.run(ctx, sql, limited(func(l *engine.Limits) { l.Deadline, l.Bytes, l.Rows = time.Minute, 1<<40, 1<<40 }), encode.NDJSON, io.Discard)
				done <- err
			}()
			eventually(t, "the query runs", func() bool { return b.runs(t, sql) })
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			if b.runs(t, sql) {
				t.Error("Run has returned, and the query runs on")
			}
		})
	}
}

// blocked is a client that does not read.
type blocked struct{ release chan struct{} }

func (w blocked) Write(b []byte) (int, error) {
	<-w.release
	return len(b), nil
}

// A client that does not read must not keep the server beyond the deadline.
func TestASlowClientDoesNotHoldTheServer(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	for _, format := range streams {
		w := blocked{make(chan struct{})}
		done := make(chan error, 1)
		go func() {
			_, err := b.run(t.Context(), endless,
				limited(func(l *engine.Limits) { l.Deadline, l.Bytes, l.Rows = 500*time.Millisecond, 1<<40, 1<<40 }), format, w)
			done <- err
		}()
		eventually(t, "the query runs", func() bool { return b.runs(t, endless) })
		eventually(t, "the server is free", func() bool { return !b.runs(t, endless) })
		close(w.release)
		wantRule(t, <-done, sqlguard.RuleTimeout)
	}
}

// failing is a client that has gone.
type failing struct{ err error }

func (w failing) Write([]byte) (int, error) { return 0, w.err }

func TestAWritersErrorEndsTheQuery(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	gone := errors.New("gone")
	for _, format := range streams {
		_, err := b.run(t.Context(), endless,
			limited(func(l *engine.Limits) { l.Bytes, l.Rows = 1<<40, 1<<40 }), format, failing{gone})
		if !errors.Is(err, gone) || b.runs(t, endless) {
			t.Errorf("%v: %v", format, err)
		}
	}
}

// counter counts and forgets.
type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

func TestMemoryIsFlatWhileALargeResultStreams(t *testing.T) {
	b := start(t, "")
	for _, test := range []struct {
		format encode.Format
		rows   int64
		sql    string
		least  int64 // bytes of the answer
		most   uint64
	}{
		{encode.NDJSON, 1_000_000, "SELECT generate_series(1, 1000000), 'text', repeat('x', 100)", 100_000_000, 10 << 20},
		{encode.Arrow, 1_000_000, "SELECT generate_series(1, 1000000), 'text', repeat('x', 100)", 100_000_000, 10 << 20},
		{encode.Arrow, 100_000, "SELECT generate_series(1, 100000), 'NaN'::numeric(4,1), ARRAY['a', NULL], repeat('x', 1000)", 100_000_000, 10 << 20}, // too few rows a chunk for a batch
		{encode.CSV, 100_000, "SELECT generate_series(1, 100000), repeat('x', 1000)", 100_000_000, 10 << 20},
		{encode.Arrow, 100, "SELECT repeat('x', 1000000) FROM generate_series(1, 100)", 100_000_000, 70 << 20}, // long messages are read into a sync.Pool's memory
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var w counter
		s, err := b.run(t.Context(), test.sql, limited(func(l *engine.Limits) { l.Deadline, l.Bytes = time.Minute, 1<<40 }), test.format, &w)
		runtime.ReadMemStats(&after)
		if err != nil || s.Rows != test.rows || w.n < test.least || s.Bytes != w.n {
			t.Fatalf("%v %s: %+v, %v, %d bytes", test.format, test.sql, s, err, w.n)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > test.most {
			t.Errorf("%v %s: %d bytes allocated for an answer of %d", test.format, test.sql, grown, w.n)
		}
	}
}

// A few bytes can stand for a text of many: a number's, times an array's.
func TestAShortRowOfLongTexts(t *testing.T) {
	b := start(t, "")
	small := limited(func(l *engine.Limits) { l.Bytes = 1 << 20 })
	for name, sql := range map[string]string{
		"elements": "SELECT array_agg(1e131071::numeric) FROM generate_series(1, 1000)",
		"columns":  "SELECT n" + strings.Repeat(", n", 300) + " FROM (SELECT 1e131071::numeric n) s",
		"bits":     "SELECT repeat('01', 1000000)::varbit",
	} {
		for _, format := range streams {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := b.run(t.Context(), sql, small, format, io.Discard)
			runtime.ReadMemStats(&after)
			wantRule(t, err, sqlguard.RuleBytes)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 10<<20 {
				t.Errorf("%s: %d bytes allocated", name, grown)
			}
		}
	}
	// Many rows of which each may be there.
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var w counter
	_, err := b.run(t.Context(), "SELECT 1e131071::numeric FROM generate_series(1, 1000)", limited(func(l *engine.Limits) { l.Bytes = 1 << 30 }), encode.NDJSON, &w)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; err != nil || w.n < 131_000_000 || grown > 10<<20 {
		t.Errorf("%v, %d bytes, %d allocated", err, w.n, grown)
	}
}
