package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStrangeCorpus gives the command what no log should hold, and reads its
// JSON as a program does.
func TestStrangeCorpus(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "strange.jsonl")
	text := strings.Join([]string{
		"\ufeff" + `{"id":"mark","sql":"SELECT 1"}`,
		`{"id":"nul","sql":"SELECT '\u0000'"}`,
		"{\"id\":\"bytes\",\"sql\":\"SELECT '\xff\xfe'\"}",
		`{"id":"huge","sql":"SELECT '` + strings.Repeat("x", 10_000_000) + `'"}`,
		`{"id":"long","sql":"SELECT '` + strings.Repeat("x", 50_000) + `'"}`,
		`{"id":"deep","sql":"SELECT ` + strings.Repeat("(", 50) + `"}`,
		`{"id":"deep JSON","sql":"SELECT 1","x":` + strings.Repeat("[", 5_000) + strings.Repeat("]", 5_000) + `}`,
		`{"id":"last","sql":"SELECT 1"}`,
	}, "\r\n")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := [][2]string{
		{"mark", ""},
		{"nul", "sql.encoding"},
		{"bytes", "sql.encoding"},
		{"4", "sql.too_long"}, // its id was not read
		{"long", "sql.too_long"},
		{"deep", "sql.depth"},
		{"deep JSON", ""},
		{"last", ""},
	}
	for _, dialect := range []string{"duckdb", "postgres"} {
		var stdout, stderr bytes.Buffer
		code := run(world{ctx: t.Context(), stdout: &stdout, stderr: &stderr}, []string{"check", "--json", "--dialect", dialect, "--corpus", name})
		if code != exitOK || stderr.Len() > 0 {
			t.Fatalf("exit code %d: %s", code, stderr.String())
		}
		lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
		if len(lines) != len(want) {
			t.Fatalf("%d lines, want %d", len(lines), len(want))
		}
		for i, line := range lines {
			var got struct {
				ID, Rule, Dialect string
				Allowed           bool
			}
			if err := json.Unmarshal([]byte(line), &got); err != nil {
				t.Fatal(err)
			}
			if got.ID != want[i][0] || got.Rule != want[i][1] || got.Allowed != (want[i][1] == "") || got.Dialect != dialect {
				t.Errorf("%s: %.200s", want[i][0], line)
			}
		}
	}
}
