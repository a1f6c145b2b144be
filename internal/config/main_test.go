package config

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// update rewrites the golden files and the reference instead of comparing with them.
var update = flag.Bool("update", false, "rewrite golden files and docs/configuration.md")

// withKey are the facts of a server whose key comes from the environment.
var withKey = Facts{EnvKey: true}

// golden compares got with the file, or writes it under -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; run the test with -update if the new text is right\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// env is a Lookup over a map.
func env(vars map[string]string) Lookup {
	return func(name string) (string, bool) {
		v, set := vars[name]
		return v, set
	}
}

// minimal is the smallest file that is right.
const minimal = "sources:\n  flights:\n    location: data/flights.duckdb\n"
