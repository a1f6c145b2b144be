//go:build unix

package apikey

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Root that revokes a key must not lock out the server, which runs as another user.
func TestWriteFileKeepsTheOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	set, err := NewSet()
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, set); err != nil {
		t.Fatal(err)
	}
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 { // nobody else may give a file away
		uid, gid = 12345, 12346
		if err := os.Chown(path, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(path, set); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) != uid || int(owner.Gid) != gid || info.Mode().Perm() != 0o600 {
		t.Errorf("the file belongs to %+v with %v, want %d:%d", owner, info.Mode(), uid, gid)
	}
}
