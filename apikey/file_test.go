package apikey

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func threeKeys(t *testing.T) *Set {
	t.Helper()
	a, _ := generate(t, "a", time.Time{}, Query)
	b, _ := generate(t, "b.2", now.Add(time.Hour), Scopes()...)
	b.Disabled = true
	b.ID = "0123456789" // looks like a number to YAML
	c, _ := generate(t, "1e5", time.Time{}, Logs)
	c.Created = time.Time{}
	return newSet(t, a, b, c)
}

func TestFileRoundTrip(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]*Set{"three": threeKeys(t), "none": newSet(t)} {
		path := filepath.Join(t.TempDir(), "keys.yaml")
		check(t, WriteFile(path, set))
		got, err := ParseFile(path)
		check(t, err)
		if want := set.Keys(); got.Len() != len(want) || len(want) > 0 && !reflect.DeepEqual(got.Keys(), want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", name, got.Keys(), want)
		}
	}
}

func TestFileHoldsNoSecret(t *testing.T) {
	t.Parallel()
	k, plaintext := generate(t, "a", time.Time{}, Query)
	path := filepath.Join(t.TempDir(), "keys.yaml")
	check(t, WriteFile(path, newSet(t, k)))
	data, err := os.ReadFile(path)
	check(t, err)
	secret := plaintext[len(Prefix)+idLength+1:]
	if strings.Contains(string(data), secret[:8]) || !strings.Contains(string(data), k.Hash.String()) {
		t.Errorf("the file is\n%s", data)
	}
}

func TestWriteFileReplacesInOneStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.yaml")
	check(t, os.WriteFile(path, []byte("old"), 0o600))
	check(t, os.Chmod(path, 0o644))
	before, err := os.Open(path)
	check(t, err)
	defer func() { _ = before.Close() }()

	check(t, WriteFile(path, threeKeys(t)))
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	buf := make([]byte, 10)
	if n, _ := before.Read(buf); string(buf[:n]) != "old" {
		t.Errorf("a reader of the old file now sees %q", buf[:n])
	}
	names, err := os.ReadDir(dir)
	check(t, err)
	if len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

func TestWriteFileFailsClean(t *testing.T) {
	t.Parallel()
	free, err := FromPlaintext("free", freeSecret, []Scope{Query})
	check(t, err)
	dir := t.TempDir()
	path := filepath.Join(dir, "keys.yaml")
	if err := WriteFile(path, newSet(t, free)); err == nil || !strings.Contains(err.Error(), `"free"`) {
		t.Errorf("a secret of one's own was written: %v", err)
	}
	if err := WriteFile(filepath.Join(dir, "none", "keys.yaml"), newSet(t)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	// The rename fails, because a directory that is not empty is in the way.
	check(t, os.MkdirAll(filepath.Join(path, "x"), 0o700))
	if err := WriteFile(path, newSet(t)); err == nil {
		t.Error("a directory was replaced")
	}
	names, err := os.ReadDir(dir)
	check(t, err)
	if len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
}

func TestParseFileRefusesOpenFiles(t *testing.T) {
	t.Parallel()
	for _, mode := range []fs.FileMode{0o644, 0o640, 0o604, 0o660, 0o620, 0o602, 0o601, 0o777} {
		path := filepath.Join(t.TempDir(), "my keys.yaml")
		check(t, WriteFile(path, threeKeys(t)))
		check(t, os.Chmod(path, mode))
		_, err := ParseFile(path)
		if err == nil || !strings.Contains(err.Error(), "run: chmod 600 -- '"+path+"'") {
			t.Errorf("mode %04o: %v; want an error with the command", mode, err)
		}
	}
	for _, mode := range []fs.FileMode{0o600, 0o400, 0o700} {
		path := filepath.Join(t.TempDir(), "keys.yaml")
		check(t, WriteFile(path, threeKeys(t)))
		check(t, os.Chmod(path, mode))
		if _, err := ParseFile(path); err != nil {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestParseFileRefusesOtherThings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ParseFile(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := ParseFile(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := ParseFile(os.DevNull); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a device: %v", err)
	}
	large := filepath.Join(dir, "large")
	check(t, os.WriteFile(large, nil, 0o600))
	check(t, os.Truncate(large, maxFile+1))
	if _, err := ParseFile(large); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a large file: %v", err)
	}
}

func TestParseFileFollowsLinksToItsMode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, link := filepath.Join(dir, "keys.yaml"), filepath.Join(dir, "link")
	check(t, WriteFile(path, threeKeys(t)))
	check(t, os.Symlink(path, link))
	if _, err := ParseFile(link); err != nil {
		t.Error(err)
	}
	check(t, os.Chmod(path, 0o644))
	if _, err := ParseFile(link); err == nil {
		t.Error("the mode of the link's target was not looked at")
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"keys.yaml":       "keys.yaml",
		"/etc/a-b/k.yaml": "/etc/a-b/k.yaml",
		"a b":             "-- 'a b'",
		"a'b":             `-- 'a'\''b'`,
		"$(x)":            "-- '$(x)'",
		"-x":              "-- '-x'",
	} {
		if got := shellQuote(path); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", path, got, want)
		}
	}
}
