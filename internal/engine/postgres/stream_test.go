package postgres

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

func TestArrowOfManyRows(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	var out bytes.Buffer
	s, err := b.run(t.Context(), "SELECT i, 'row ' || i AS name, nullif(i % 7, 0) AS seventh FROM generate_series(1, 100000) i", generous, encode.Arrow, &out)
	if err != nil || s.Rows != 100_000 || s.Truncated || s.Bytes != int64(out.Len()) {
		t.Fatalf("%+v, %v, %d bytes", s, err, out.Len())
	}
	got := readArrow(t, out.Bytes())
	if got.rows != 100_000 || got.nulls[0] != 0 || got.nulls[1] != 0 || got.nulls[2] != 100_000/7 || string(got.values[1][99_999]) != `"row 100000"` {
		t.Errorf("%d rows, NULLs %v, %s", got.rows, got.nulls, got.values[1][99_999])
	}
	if got.batches > 100 || got.batches < 20 {
		t.Errorf("%d batches: they are of some thousand rows each", got.batches)
	}
}

// An answer says how it ended, or has no end.
func TestTheEndOfArrow(t *testing.T) {
	t.Parallel()
	b := start(t, "")
	for rows, truncated := range map[int64]string{3000: "true", 10_000: "false", 1: "true"} {
		var out bytes.Buffer
		s, err := b.run(t.Context(), "SELECT i FROM generate_series(1, 10000) i", limited(func(l *engine.Limits) { l.Rows = rows }), encode.Arrow, &out)
		got := readArrow(t, out.Bytes())
		if err != nil || int64(got.rows) != rows || s.Rows != rows || got.end["sallyport.truncated"] != truncated || got.end["sallyport.status"] != "complete" {
			t.Errorf("%v, %+v, %d rows, %v", err, s, got.rows, got.end)
		}
	}
	if got := readArrow(t, []byte(b.text(t, encode.Arrow, "SELECT 1 AS one WHERE false"))); got.rows != 0 || got.schema.NumFields() != 1 {
		t.Errorf("%+v", got)
	}
	const late = "SELECT i, CASE WHEN i = 90000 THEN (SELECT 1 FROM pg_sleep(60)) END FROM generate_series(1, 100000) i"
	for name, test := range map[string]struct {
		sql    string
		limits engine.Limits
		rule   sqlguard.Rule
		begun  bool // something of it has been written
	}{
		"bytes":     {endless, limited(func(l *engine.Limits) { l.Bytes = 3_000_000 }), sqlguard.RuleBytes, true},
		"one row":   {"SELECT repeat('x', 200000)", limited(func(l *engine.Limits) { l.Bytes = 100_000 }), sqlguard.RuleBytes, false},
		"deadline":  {late, limited(func(l *engine.Limits) { l.Deadline = time.Second }), sqlguard.RuleTimeout, true},
		"an error":  {"SELECT 1 / (90000 - i) FROM generate_series(1, 100000) i", generous, sqlguard.RuleFailed, true},
		"its range": {"SELECT interval '300 years' * 1000 - interval '299999 years' + i * interval '9999999 hours' FROM generate_series(1, 3) i", generous, sqlguard.RuleFailed, false},
	} {
		for range 2 { // the second time with what is left of the first
			var out bytes.Buffer
			_, err := b.run(t.Context(), test.sql, test.limits, encode.Arrow, &out)
			wantRule(t, err, test.rule)
			if bytes.Contains(out.Bytes(), []byte(endOfStream)) || out.Len() > int(test.limits.Bytes) || test.begun != (out.Len() > 0) {
				t.Errorf("%s: %d bytes", name, out.Len())
			}
		}
	}
}

// However answers take turns on a connection, each is as it is alone.
func TestAnswersInTurns(t *testing.T) {
	t.Parallel()
	b := start(t, valueTypes, func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	queries := []string{
		"SELECT 1 AS one",
		"SELECT i, repeat('x', i % 300), nullif(i % 3, 0), ARRAY[i, NULL], i::numeric(9,1) FROM generate_series(1, 5000) i",
		"SELECT repeat('long', 200000), ARRAY[repeat('x', 300000), 'y']",
		"SELECT i, 'sad'::mood, int4range(1, i) FROM generate_series(1, 700) i",
	}
	formats := []encode.Format{encode.NDJSON, encode.Arrow, encode.CSV}
	first := map[string]string{}
	for round := range 6 {
		for i, sql := range queries {
			format := formats[(i+round)%len(formats)]
			key := format.String() + sql
			got := b.text(t, format, sql)
			if want, ok := first[key]; ok && got != want {
				t.Errorf("%v %s: another answer than the first time", format, sql)
			}
			first[key] = got
		}
	}
	if n := strings.Count(first["ndjson"+queries[1]], "\n"); n != 5000 {
		t.Errorf("%d rows", n)
	}
}

// What idle statements keep is bounded: one of them may have much.
func TestAnIdleConnectionKeepsLittle(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	for i := range 8 {
		for _, format := range streams {
			b.text(t, format, "SELECT repeat('x', 1000), "+quoteInt(i)+" FROM generate_series(1, 1000)")
		}
	}
	b.text(t, encode.JSON, "SELECT repeat('x', 3000000)")
	p := b.engine.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.idle {
		kept := cap(c.buffer)
		for _, s := range c.statements.known {
			kept += s.rows.peak
		}
		if kept > 2*chunkBytes {
			t.Errorf("%d bytes", kept)
		}
	}
}
