package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sallyport-dev/sallyport/internal/servicetest"
)

// Every keyword of a real server is quoted where it is a name.
func TestKeywordsAreTheServers(t *testing.T) {
	t.Parallel()
	conn, err := pgconn.Connect(t.Context(), servicetest.StartPostgres(t).SuperURL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // nothing is left to be told
	result := conn.ExecParams(t.Context(), "SELECT word FROM pg_catalog.pg_get_keywords()", nil, nil, nil, nil).Read()
	if result.Err != nil || len(result.Rows) < 400 {
		t.Fatalf("%d words, %v", len(result.Rows), result.Err)
	}
	for _, row := range result.Rows {
		if word := string(row[0]); plainName(word) {
			t.Errorf("%q is written without quotes", word)
		}
	}
}

func TestPlainName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"delay": true, "_x1": true, "": false, "1a": false, "Delay": false, "a b": false, "a$b": false, "ä": false, `a"b`: false, "select": false, "exec": false,
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
