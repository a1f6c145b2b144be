package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
	"github.com/sallyport-dev/sallyport/internal/servicetest"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// journal collects what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// bench is a server with an engine before it.
type bench struct {
	server *servicetest.Postgres
	engine *Engine
	log    *journal
}

// reader makes the role that RoleSQL prints, with it exactly.
func reader(t testing.TB, server *servicetest.Postgres) {
	t.Helper()
	server.Exec(t, RoleSQL("reader", "postgres", nil))
}

// start makes a server with the given contents and an engine as reader.
func start(t testing.TB, sql string, adjust ...func(*Config)) *bench {
	t.Helper()
	server := servicetest.StartPostgres(t)
	if sql != "" {
		server.Exec(t, sql)
	}
	reader(t, server)
	return attach(t, server, true, adjust...)
}

func testConfig(server *servicetest.Postgres, log io.Writer) Config {
	return Config{
		Name: "test", URL: server.URL("reader", "postgres"), StatementTimeout: 5 * time.Second, TempFileLimit: 16 << 20, unqualified: true,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// attach opens an engine on a server.
func attach(t testing.TB, server *servicetest.Postgres, inspect bool, adjust ...func(*Config)) *bench {
	t.Helper()
	b := &bench{server: server, log: &journal{}}
	config := testConfig(server, b.log)
	for _, f := range adjust {
		f(&config)
	}
	var err error
	if b.engine, err = open(t.Context(), config, inspect); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

var generous = engine.Limits{Deadline: 5 * time.Second, Rows: 1 << 20, Bytes: 16 << 20}

// run runs SQL that no guard has seen.
func (b *bench) run(ctx context.Context, sql string, limits engine.Limits, format encode.Format, w io.Writer, params ...any) (engine.Summary, error) {
	q, err := newWork(sql, params, format, limits)
	if err != nil {
		return engine.Summary{}, err
	}
	return b.engine.run(ctx, q, nil, w)
}

// text is the answer in a format.
func (b *bench) text(t testing.TB, format encode.Format, sql string, params ...any) string {
	t.Helper()
	var out strings.Builder
	if _, err := b.run(t.Context(), sql, generous, format, &out, params...); err != nil {
		t.Fatalf("%s: %v (%v)", sql, err, errors.Unwrap(err))
	}
	return out.String()
}

// rows is the answer's rows as JSON.
func (b *bench) rows(t testing.TB, sql string, params ...any) string {
	t.Helper()
	var document struct{ Rows json.RawMessage }
	if err := json.Unmarshal([]byte(b.text(t, encode.JSON, sql, params...)), &document); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return string(document.Rows)
}

// fails runs a query that must fail, and returns its error.
func (b *bench) fails(t testing.TB, sql string, limits engine.Limits) error {
	t.Helper()
	_, err := b.run(t.Context(), sql, limits, encode.JSON, io.Discard)
	if err == nil {
		t.Fatalf("%s: no error", sql)
	}
	return err
}

// wantRule says whether an error is a refusal by a rule.
func wantRule(t testing.TB, err error, rule sqlguard.Rule) {
	t.Helper()
	var refusal *sqlguard.Refusal
	if !errors.As(err, &refusal) || refusal.Rule != rule {
		t.Errorf("%v (%v), want %s", err, errors.Unwrap(err), rule)
	}
}

// eventually waits for a condition of another process.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(10 * time.Second); !holds(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 10s", what)
		}
	}
}

func quoteJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// hold runs statements as the superuser and keeps the session until release.
func (b *bench) hold(t testing.TB, sql string, release <-chan struct{}) {
	t.Helper()
	conn, err := pgconn.Connect(context.Background(), b.server.SuperURL())
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.Close(context.Background()) }() // its transaction is over
	if _, err := conn.Exec(context.Background(), sql).ReadAll(); err != nil {
		t.Error(err)
	}
	<-release
}
