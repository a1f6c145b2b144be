//go:build unix

package apikey

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f to whoever owns the file at path, if there is one and we may.
func keepOwner(f *os.File, path string) error {
	old, err := os.Stat(path)
	if err != nil {
		return ignoreNotExist(err)
	}
	owner, known := old.Sys().(*syscall.Stat_t)
	if !known {
		return nil
	}
	if err := f.Chown(int(owner.Uid), int(owner.Gid)); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
