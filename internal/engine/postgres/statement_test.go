package postgres

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

func quoteInt(i int) string { return strconv.Itoa(i) }

// A connection keeps a bounded number of prepared statements.
func TestStatementsAreBounded(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	for i := range 3 * maxStatements {
		if got, want := b.rows(t, fmt.Sprintf("SELECT %d", i)), fmt.Sprintf("[[%d]]", i); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	const count = "SELECT count(*) FROM pg_prepared_statements WHERE name NOT IN ('sallyport_begin', 'sallyport_end', 'sallyport_unlock', 'sallyport_deadline')"
	if got := b.rows(t, count); got != "[[65]]" && got != "[[64]]" {
		t.Errorf("%s statements", got)
	}
	// The one used last is there still, the first is not.
	if got := b.rows(t, "SELECT count(*) FROM pg_prepared_statements WHERE statement IN ('SELECT 0', 'SELECT 191')"); got != "[[1]]" {
		t.Error(got)
	}
}

// A table changes under a prepared statement.
func TestAChangedTable(t *testing.T) {
	t.Parallel()
	b := start(t, "CREATE TABLE t AS SELECT 1 a, 2 b")
	b.rows(t, "SELECT * FROM t")
	for _, change := range []struct{ sql, want string }{
		{"ALTER TABLE t ADD c text DEFAULT 'x'", `[[1,2,"x"]]`},
		{"ALTER TABLE t ALTER a TYPE numeric(5,1)", `[[1.0,2,"x"]]`},
		{"ALTER TABLE t DROP b", `[[1.0,"x"]]`},
		{"CREATE TYPE new AS ENUM ('y'); ALTER TABLE t ALTER c DROP DEFAULT, ALTER c TYPE new USING 'y'", `[[1.0,"y"]]`},
		{"ALTER TABLE t ALTER c TYPE int4range USING 'empty'", `[[1.0,"empty"]]`},
	} {
		b.server.Exec(t, change.sql)
		for range 2 {
			if got := b.rows(t, "SELECT * FROM t"); got != change.want {
				t.Errorf("%s: %s, want %s", change.sql, got, change.want)
			}
		}
	}
	b.server.Exec(t, "DROP TABLE t")
	wantRule(t, b.fails(t, "SELECT * FROM t", generous), sqlguard.RuleFailed)
}

// A round trip is what a distant server costs.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	b, p := far(t, func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	for _, test := range []struct {
		name, sql string
		fails     bool
		want      int
	}{
		{"never seen", "SELECT 1, 'a'", false, 1},
		{"prepared", "SELECT 1, 'a'", false, 1},
		{"many rows", "SELECT generate_series(1, 100000)", false, 1},
		{"fails", "SELECT 1 / 0", true, 2}, // and the ROLLBACK
		{"fails to parse", "SELECT nothing", true, 2},
		{"after it", "SELECT 1, 'a'", false, 1},
	} {
		got := p.roundTrips(func() {
			if test.fails {
				wantRule(t, b.fails(t, test.sql, generous), sqlguard.RuleFailed)
			} else {
				b.rows(t, test.sql)
			}
		})
		if got != test.want {
			t.Errorf("%s: %d round trips, want %d", test.name, got, test.want)
		}
	}
	// Another deadline than the session's costs none.
	got := p.roundTrips(func() {
		if _, err := b.run(t.Context(), "SELECT 1, 'a'", limited(func(l *engine.Limits) { l.Deadline = 7 * time.Second }), encode.JSON, io.Discard); err != nil {
			t.Error(err)
		}
	})
	if got != 1 {
		t.Errorf("with a deadline of its own: %d round trips, want 1", got)
	}
}

// A request's own deadline is the server's, too.
func TestADeadlineOfItsOwn(t *testing.T) {
	t.Parallel()
	b := start(t, "", func(c *Config) { c.MinConns, c.MaxConns = 1, 1 })
	for _, d := range []time.Duration{1500 * time.Millisecond, 5 * time.Second, time.Minute} {
		q, err := newWork("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'", nil, encode.CSV, limited(func(l *engine.Limits) { l.Deadline = d }))
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if _, err := b.engine.run(t.Context(), q, nil, &out); err != nil || out.String() != fmt.Sprintf("setting\r\n%d\r\n", d.Milliseconds()) {
			t.Errorf("%v: %q, %v", d, out.String(), err)
		}
	}
}
