package apikey

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxFile bounds a keys file, in bytes. It has room for the most keys a set
// may hold.
const maxFile = 4 << 20

// ParseFile reads a keys file. The file must be a regular one of at most 4 MiB
// that only its owner may read or write; symbolic links to such a file are
// followed. A file without keys is an empty set and no error; it is [New] that
// refuses to go on without a key.
func ParseFile(path string) (*Set, error) {
	// Looked at before it is opened, since opening a FIFO would block, and
	// again afterwards, since it may have been exchanged.
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	if err := checkFile(path, info); err != nil {
		return nil, err
	}
	f, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	if info, err = f.Stat(); err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	if err := checkFile(path, info); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	if len(data) > maxFile {
		return nil, tooLarge(path)
	}
	set, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return set, nil
}

func checkFile(path string, info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("apikey: %s is not a regular file", path)
	}
	if info.Size() > maxFile {
		return tooLarge(path)
	}
	// Windows has no such bits; os reports 0666 for every file there.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return fmt.Errorf("apikey: %s is open to other users (mode %04o); run: chmod 600 %s", path, mode, shellQuote(path))
	}
	return nil
}

func tooLarge(path string) error {
	return fmt.Errorf("apikey: %s is larger than %d bytes", path, maxFile)
}

// shellQuote quotes a path so that the command in the error can be pasted.
func shellQuote(path string) string {
	plain := strings.IndexFunc(path, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-", c)
	}) < 0
	if plain && !strings.HasPrefix(path, "-") {
		return path
	}
	return "-- '" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// WriteFile writes a keys file, readable by its owner only. The file is
// replaced in one step: a reader, and a crash, find the old one or the new
// one. A set with a key that has no id is refused, because the hash of a secret
// that somebody chose does not belong in a file. The file keeps its owner where the
// process may give files away, as root may: the server that runs as another user
// can still read it.
//
// Two programs that read, change and write the file at the same time can undo
// each other's change; WriteFile does not lock.
func WriteFile(path string, set *Set) (err error) {
	data, err := format(set)
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".keys-*") // created 0600
	if err != nil {
		return fmt.Errorf("apikey: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("apikey: %w", errors.Join(err, ignoreNotExist(os.Remove(f.Name()))))
		}
	}()
	_, err = io.Copy(f, bytes.NewReader(data))
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err == nil {
		err = keepOwner(f, path)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func ignoreNotExist(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes the rename itself durable, so that a revoked key does not come
// back with a power failure.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // directories cannot be synced there
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
