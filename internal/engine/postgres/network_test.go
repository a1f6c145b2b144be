package postgres

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// far makes an engine whose server is behind a proxy.
func far(t *testing.T, adjust ...func(*Config)) (*bench, *proxy) {
	t.Helper()
	b := start(t, "")
	p := startProxy(t, b.server.Addr())
	through := func(c *Config) { c.URL = strings.Replace(c.URL, b.server.Addr(), p.listener.Addr().String(), 1) }
	return attach(t, b.server, true, append(adjust, through)...), p
}

func TestARestartIsSurvived(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	var all sync.WaitGroup
	for range 4 { // several connections, all of which die
		all.Go(func() { b.rows(t, "SELECT pg_sleep(0.05), 1") })
	}
	all.Wait()
	b.server.Restart(t)
	// Nobody sees anything of it.
	for range 4 {
		all.Go(func() { b.rows(t, "SELECT pg_sleep(0.05), 1") })
	}
	all.Wait()

	running := make(chan error, 1)
	go func() {
		_, err := b.run(t.Context(), "SELECT pg_sleep(60)", limited(func(l *engine.Limits) { l.Deadline = time.Minute }), encode.JSON, io.Discard)
		running <- err
	}()
	eventually(t, "the query runs", func() bool { return b.runs(t, "SELECT pg_sleep(60)") })
	b.server.Stop(t)
	if err := <-running; !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("in the middle of a query: %v", err)
	}
	for range 3 {
		if err := b.fails(t, "SELECT 1", generous); !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("without a server: %v", err)
		}
	}
	b.server.Start(t)
	if got := b.rows(t, "SELECT 1"); got != "[[1]]" {
		t.Error(got)
	}
	// The log has each loss and each return once, not every attempt.
	lost, back := strings.Count(b.log.String(), "cannot be reached"), strings.Count(b.log.String(), "can be reached again")
	if lost < 1 || lost > 2 || back != lost {
		t.Error(b.log)
	}
}

func TestASessionEndedByAnAdministrator(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	for range 3 {
		b.rows(t, "SELECT 1")
		b.server.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
	}
	b.rows(t, "SELECT 1")
}

func TestACutConnection(t *testing.T) {
	t.Parallel()
	b, p := far(t, func(c *Config) { c.MinConns, c.MaxConns = 1, 2 })
	large := limited(func(l *engine.Limits) { l.Bytes, l.Rows = 1<<40, 1<<40 })
	b.rows(t, "SELECT 1")
	for _, after := range []int64{20_000, 1_000_000} {
		p.cutAfter(after)
		var w counter
		_, err := b.run(t.Context(), endless, large, encode.NDJSON, &w)
		if !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("after %d bytes: %v", after, err)
		}
		if w.n > after {
			t.Errorf("%d bytes of %d", w.n, after)
		}
		// The server notices that nobody reads, and the engine goes on.
		eventually(t, "the server has noticed", func() bool { return !b.runs(t, endless) })
		b.rows(t, "SELECT 1")
	}
	// An idle connection that was cut is not noticed by the query after it.
	p.cut()
	b.rows(t, "SELECT 1")
	// Cut, and no way back.
	p.refuses(true)
	p.cut()
	if err := b.fails(t, "SELECT 1", generous); !errors.Is(err, engine.ErrUnavailable) {
		t.Error(err)
	}
	p.refuses(false)
	b.rows(t, "SELECT 1")
}

// A network that swallows everything must not hold a query for longer than
// its deadline and the grace.
func TestAStalledConnection(t *testing.T) {
	t.Parallel()
	b, p := far(t, func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	short := limited(func(l *engine.Limits) { l.Deadline, l.Bytes, l.Rows = 500*time.Millisecond, 1<<40, 1<<40 })
	b.rows(t, "SELECT 1")
	p.stall()
	start := time.Now()
	err := b.fails(t, "SELECT 1", short)
	if d := time.Since(start); d > short.Deadline+slack+grace+time.Second {
		t.Errorf("held for %v", d)
	}
	if !errors.Is(err, engine.ErrUnavailable) {
		var refusal *sqlguard.Refusal
		if !errors.As(err, &refusal) || refusal.Rule != sqlguard.RuleTimeout {
			t.Error(err)
		}
	}
	p.flow()
	eventually(t, "it recovers", func() bool {
		_, err := b.run(t.Context(), "SELECT 1", generous, encode.JSON, io.Discard)
		return err == nil
	})
	// In the middle of a result.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	var w counter
	go func() {
		_, err := b.run(ctx, endless, limited(func(l *engine.Limits) { l.Deadline, l.Bytes, l.Rows = 3*time.Second, 1<<40, 1<<40 }), encode.NDJSON, &w)
		done <- err
	}()
	eventually(t, "the query runs", func() bool { return b.runs(t, endless) })
	p.stall()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	p.flow()
	eventually(t, "the server has noticed", func() bool { return !b.runs(t, endless) })
	eventually(t, "it recovers", func() bool {
		_, err := b.run(t.Context(), "SELECT 1", generous, encode.JSON, io.Discard)
		return err == nil
	})
}

func TestExhaustion(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) {
		c.MinConns, c.MaxConns, c.AcquireTimeout, c.Queue = 1, 2, 300*time.Millisecond, 2
	})
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			_, err := b.run(ctx, "SELECT pg_sleep(60)", limited(func(l *engine.Limits) { l.Deadline = time.Minute }), encode.JSON, io.Discard)
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	const both = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader' AND query = 'SELECT pg_sleep(60)' AND state = 'active'"
	eventually(t, "both run", func() bool { return b.server.Value(t, both) == "2" })
	start := time.Now()
	if err := b.fails(t, "SELECT 1", generous); !errors.Is(err, engine.ErrUnavailable) {
		t.Error(err)
	}
	if d := time.Since(start); d < 300*time.Millisecond || d > 3*time.Second {
		t.Errorf("waited for %v", d)
	}
	// A full queue refuses at once; one that gives up does not count.
	for range 2 {
		all.Go(func() {
			if _, err := b.run(t.Context(), "SELECT 1", generous, encode.JSON, io.Discard); !errors.Is(err, engine.ErrUnavailable) {
				t.Error(err)
			}
		})
	}
	eventually(t, "two wait", func() bool { return b.engine.pool.places.Stats().Waiting == 2 })
	if err := b.fails(t, "SELECT 1", generous); !errors.Is(err, engine.ErrUnavailable) || !strings.Contains(err.Error(), "wait as may") {
		t.Error(err)
	}
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	eventually(t, "nobody waits", func() bool { return b.engine.pool.places.Stats().Waiting == 0 })
	if _, err := b.run(short, "SELECT 1", generous, encode.JSON, io.Discard); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	cancel()
	all.Wait()
	b.rows(t, "SELECT 1")
	eventually(t, "all places are free", func() bool { return b.engine.pool.places.Stats().Running == 0 })
}

// The server's own limit on connections is no failure of the query.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns = 1, 2 })
	b.rows(t, "SELECT 1")
	b.server.Exec(t, "ALTER ROLE reader CONNECTION LIMIT 1")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.run(ctx, "SELECT pg_sleep(60)", generous, encode.JSON, io.Discard)
		done <- err
	}()
	eventually(t, "the query runs", func() bool { return b.runs(t, "SELECT pg_sleep(60)") })
	if err := b.fails(t, "SELECT 1", generous); !errors.Is(err, engine.ErrUnavailable) {
		t.Error(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestCloseEndsQueries(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	done := make(chan error, 1)
	go func() {
		_, err := b.run(t.Context(), "SELECT pg_sleep(60)", generous, encode.JSON, io.Discard)
		done <- err
	}()
	eventually(t, "the query runs", func() bool { return b.runs(t, "SELECT pg_sleep(60)") })
	for range 2 {
		if err := b.engine.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err == nil || b.runs(t, "SELECT pg_sleep(60)") {
		t.Error(err)
	}
	if err := b.fails(t, "SELECT 1", generous); !errors.Is(err, engine.ErrUnavailable) {
		t.Error(err)
	}
	eventually(t, "no session is left", func() bool {
		return b.server.Value(t, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'") == "0"
	})
}

// The pool keeps as many connections as it should, and not for ever.
func TestThePoolKeepsItsMeasure(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns = 2, 4 })
	p := b.engine.pool
	open := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.open
	}
	eventually(t, "two connections", func() bool { return open() == 2 })
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { b.rows(t, "SELECT pg_sleep(0.2)") })
	}
	all.Wait()
	if n := open(); n != 4 {
		t.Errorf("%d connections, want 4", n)
	}
	p.tidy(time.Now().Add(maxIdle / 2))
	if n := open(); n != 4 {
		t.Errorf("%d connections, want 4: none was idle for long", n)
	}
	p.tidy(time.Now().Add(maxIdle + time.Second))
	if n := open(); n != 2 {
		t.Errorf("%d connections, want 2", n)
	}
	p.tidy(time.Now().Add(maxAge + time.Second))
	if n := open(); n != 0 {
		t.Errorf("%d connections, want 0: all are old", n)
	}
	p.ask()
	eventually(t, "two connections again", func() bool { return open() == 2 })
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.Queue = 1000 })
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			for j := range 20 {
				switch (i + j) % 5 {
				case 0:
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(j)*time.Millisecond)
					_, _ = b.run(ctx, "SELECT pg_sleep(0.01)", generous, encode.JSON, io.Discard) // ended at some moment or other
					cancel()
				case 1:
					wantRule(t, b.fails(t, "SELECT 1 / 0", generous), sqlguard.RuleFailed)
				case 2:
					wantRule(t, b.fails(t, "SELECT repeat('x', 1000), generate_series(1, 1000)", limited(func(l *engine.Limits) { l.Bytes = 10_000 })), sqlguard.RuleBytes)
				default:
					if got := b.rows(t, "SELECT $1::int, repeat('x', 3)", int64(i)); got != `[[`+quoteInt(i)+`,"xxx"]]` {
						t.Error(got)
					}
				}
			}
		})
	}
	all.Wait()
	// The keeper may have one for a moment.
	eventually(t, "all places are free", func() bool { return b.engine.pool.places.Stats().Running == 0 })
}
