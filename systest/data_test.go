//go:build linux

package systest

import (
	"path/filepath"
	"testing"

	"github.com/sallyport-dev/sallyport/internal/duckdblib"
)

// execute runs statements in a database file, "" for one in memory.
func execute(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := duckdblib.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Connect()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, s := range statements {
		if err := conn.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// database makes a .duckdb file.
func database(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.duckdb")
	execute(t, path, statements...)
	return path
}

// slowConfig lets queries through that compute for as long as wanted: a query
// of slow(n) for about n² × 2 ns.
func slowConfig(source string) string {
	return `
listen: 127.0.0.1:0
http: {write_timeout: 2m, shutdown_grace: 1m}
sources:
  data:
    location: ` + source + `
    functions: {dangerously_allow: [levenshtein, repeat]}
    limits: {deadline: 1m}
`
}
