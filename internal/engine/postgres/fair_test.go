package postgres

import (
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
	guardpg "github.com/sallyport-dev/sallyport/sqlguard/postgres"
)

// runAs runs SQL for a client.
func (b *bench) runAs(t testing.TB, client, sql string) (engine.Summary, error) {
	t.Helper()
	q, err := newWork(sql, nil, encode.JSON, generous)
	if err != nil {
		t.Fatal(err)
	}
	q.place.Client = client
	return b.engine.run(t.Context(), q, nil, io.Discard)
}

// A client that floods the source keeps another waiting for the end of one
// query, not of all.
func TestConnectionsGoToClientsInTurns(t *testing.T) {
	t.Parallel()
	const places, flood = 2, 20
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns, c.Queue = places, places, flood })
	var all sync.WaitGroup
	var ended atomic.Int64
	for range flood {
		all.Go(func() {
			if _, err := b.runAs(t, "flood", "SELECT pg_sleep(0.4)"); err != nil {
				t.Error(err)
			}
			ended.Add(1)
		})
	}
	eventually(t, "the flood waits", func() bool { return b.engine.pool.places.Stats().Waiting >= flood-places-2 })
	for _, client := range []string{"a", "b", ""} {
		before := ended.Load()
		s, err := b.runAs(t, client, "SELECT 1")
		if err != nil || s.Queued == 0 {
			t.Errorf("%q: %+v, %v", client, s, err)
		}
		// As many may have ended while this one ran, or just before it.
		if passed := ended.Load() - before; passed > 2*places {
			t.Errorf("%q: %d queries of the flood went before", client, passed)
		}
		estimated := ended.Load()
		if _, err := b.engine.estimate(t.Context(), client, "SELECT 1", nil, generous); err != nil {
			t.Errorf("%q: %v", client, err)
		}
		if passed := ended.Load() - estimated; passed > 2*places {
			t.Errorf("%q: %d queries of the flood went before an estimate", client, passed)
		}
	}
	if n := ended.Load(); n == flood {
		t.Error("the flood was over: nothing was shown")
	}
	all.Wait()
}

// A client that fills the queue gives way in it.
func TestAFullQueueHasRoomForAnotherClient(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns, c.Queue = 1, 1, 4 })
	var all sync.WaitGroup
	var refused atomic.Int64
	for range 5 {
		all.Go(func() {
			if _, err := b.runAs(t, "flood", "SELECT pg_sleep(0.3)"); err != nil {
				refused.Add(1)
			}
		})
	}
	eventually(t, "the queue is full", func() bool { return b.engine.pool.places.Stats().Waiting == 4 })
	if _, err := b.runAs(t, "other", "SELECT 1"); err != nil {
		t.Error(err)
	}
	if all.Wait(); refused.Load() != 1 {
		t.Errorf("%d queries gave way, want 1", refused.Load())
	}
}

// Run hands on what the request says of the client and of the format.
func TestWhatARequestChooses(t *testing.T) {
	t.Parallel()
	b := start(t, "CREATE TABLE t AS SELECT '=1+1' AS a", func(c *Config) { c.unqualified, c.MinConns, c.MaxConns = false, 1, 1 })
	adapter, err := guardpg.Open()
	if err != nil {
		t.Fatal(err)
	}
	guard, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{Tables: []string{"*"}}, Catalog: &sqlguard.Catalog{Tables: []string{"t"}}})
	if err != nil {
		t.Fatal(err)
	}
	query, err := guard.Check(t.Context(), "SELECT a FROM t")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	r := engine.Request{Query: query, Format: encode.CSV, Limits: generous, Client: "small", Size: func() engine.Size { asked++; return engine.Small }}
	run := func(o encode.Options) string {
		var out strings.Builder
		r.Encoding = o
		if _, err := b.engine.Run(t.Context(), r, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for range 2 { // on one connection, which keeps encoders
		if got := run(encode.Options{}); got != "a\r\n=1+1\r\n" {
			t.Errorf("%q", got)
		}
		if got := run(encode.Options{CSVFormulaGuard: true}); got != "\"a\"\r\n\"'=1+1\"\r\n" {
			t.Errorf("%q", got)
		}
	}
	r.Format = encode.NDJSON
	if got := run(encode.Options{EndMarker: true}); !strings.HasSuffix(got, `{"$end":{"status":"complete","rows":1,"truncated":false}}`+"\n") {
		t.Errorf("%q", got)
	}
	if asked > 0 {
		t.Errorf("the size was asked %d times with a place free", asked)
	}
	var slow sync.WaitGroup
	slow.Go(func() {
		if _, err := b.runAs(t, "slow", "SELECT pg_catalog.pg_sleep(0.5)"); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the only connection is taken", func() bool { return b.engine.pool.places.Stats().Running == 1 })
	began := time.Now()
	if run(encode.Options{}); asked != 1 {
		t.Errorf("the size was asked %d times, in a wait of %v", asked, time.Since(began))
	}
	slow.Wait()
}
