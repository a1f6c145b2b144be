//go:build linux

package systest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Every kind of source answers the same question.
func TestKindsOfSources(t *testing.T) {
	t.Parallel()
	const rows = "SELECT i AS n, 'name ' || i AS name FROM range(100) r(i)"
	folder := t.TempDir()
	execute(t, "",
		"COPY ("+rows+") TO '"+filepath.Join(folder, "one.parquet")+"' (FORMAT parquet)",
		"COPY ("+rows+") TO '"+filepath.Join(folder, "two.csv")+"' (HEADER)")
	for _, source := range []struct {
		location string
		tables   []string
	}{
		{database(t, "CREATE TABLE one AS "+rows), []string{"one"}},
		{filepath.Join(folder, "one.parquet"), []string{"one"}},
		{filepath.Join(folder, "two.csv"), []string{"two"}},
		{folder, []string{"one", "two"}},
	} {
		t.Run(filepath.Base(source.location), func(t *testing.T) {
			t.Parallel()
			s := serve(t, source.location)
			for _, table := range source.tables {
				got := s.query(t, "SELECT count(*), min(name), max(n) FROM "+table).rows(t)
				if want := [][]any{{100.0, "name 0", 99.0}}; !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %v, want %v", table, got, want)
				}
			}
			if got := s.tables(t); !reflect.DeepEqual(got, source.tables) {
				t.Errorf("tables %v, want %v", got, source.tables)
			}
		})
	}
}

// sourceName is the name of the only source.
func (s *server) sourceName(t *testing.T) string {
	t.Helper()
	var document struct{ Sources []struct{ Name string } }
	if err := json.Unmarshal([]byte(s.request(t, http.MethodGet, "/v1/sources", "").body), &document); err != nil || len(document.Sources) != 1 {
		t.Fatalf("sources: %v, %+v", err, document)
	}
	return document.Sources[0].Name
}

// tables are the names that the API lists for the only source, sorted.
func (s *server) tables(t *testing.T) []string {
	t.Helper()
	a := s.request(t, http.MethodGet, "/v1/sources/"+s.sourceName(t)+"/tables", "")
	var document struct{ Tables []struct{ Name string } }
	if err := json.Unmarshal([]byte(a.body), &document); err != nil || a.status != http.StatusOK {
		t.Fatalf("tables: %v: %d %s", err, a.status, a.body)
	}
	names := make([]string, len(document.Tables))
	for i, table := range document.Tables {
		names[i] = table.Name
	}
	slices.Sort(names)
	return names
}

// A CSV file is converted once, into a file that only its owner can read, and
// anew when it has changed.
func TestConversionIsKept(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	data, cache := filepath.Join(folder, "data.csv"), filepath.Join(folder, "cache")
	write := func(text string) {
		if err := os.WriteFile(data, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(want float64) {
		t.Helper()
		s := configured(t, "listen: 127.0.0.1:0\ncache: "+cache+"\nsources:\n  data:\n    location: "+data+"\n")
		if got := s.query(t, "SELECT sum(n) FROM data").rows(t); !reflect.DeepEqual(got, [][]any{{want}}) {
			t.Errorf("sum %v, want %v", got, want)
		}
		s.stop(t)
	}
	kept := func(want int) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(cache, "*"))
		if err != nil || len(files) != want {
			t.Errorf("the cache has %v (%v), want %d files", files, err, want)
		}
		for _, f := range append(files, cache) {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: others can read it: %v, %v", f, info.Mode(), err)
			}
		}
	}
	write("n\n1\n2\n3\n")
	ask(6)
	kept(1)
	ask(6)
	kept(1)
	write("n\n1\n2\n3\n4\n")
	ask(10)
	kept(2)
}

// A changed keys file counts without a restart.
func TestKeysChangeWhileServing(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keys := filepath.Join(folder, "keys.yaml")
	first := command(t, "key", "new", "first", "--file", keys)
	config := "listen: 127.0.0.1:0\naccess: {keys: " + keys + ", lockout: {failures: 1000, pause: 1s}}\noperator: {listen: \"off\"}\n" +
		generous + "\nsources:\n  data:\n    location: " + writeFile(t, "data.csv", "n\n1\n") + "\n"
	s := start(t, "", "serve", "--config", writeFile(t, "sallyport.yaml", config))
	status := func(key string) int {
		a, err := s.send(t.Context(), http.MethodGet, "/v1/sources", key, "")
		if err != nil {
			t.Fatal(err)
		}
		return a.status
	}
	if got := status(first); got != http.StatusOK {
		t.Fatalf("the first key: %d", got)
	}
	second := command(t, "key", "new", "second", "--file", keys)
	eventually(t, "the second key accepted", func() bool { return status(second) == http.StatusOK })
	command(t, "key", "revoke", "first", "--file", keys)
	eventually(t, "the first key refused", func() bool { return status(first) == http.StatusForbidden })
	// SIGHUP asks for it, and stops nothing.
	before := strings.Count(s.log.String(), "keys read again")
	kill(t, s.cmd.Process.Pid, syscall.SIGHUP)
	eventually(t, "the keys read again", func() bool {
		return strings.Count(s.log.String(), "keys read again") > before && strings.Contains(s.log.String(), "certificate and lists read again")
	})
	// A slip of an editor locks nobody out, and the log has it.
	if err := os.WriteFile(keys, []byte("keys: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a complaint in the log", func() bool { return strings.Contains(s.log.String(), "not usable; the keys stay") })
	if got := status(second); got != http.StatusOK {
		t.Errorf("the second key, with a broken file: %d", got)
	}
	if strings.Contains(s.log.String(), first) || strings.Contains(s.log.String(), second) {
		t.Error("the log has a key")
	}
}
