package duckdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// maxRemoved is how many files of a worker are removed at most.
const maxRemoved = 1 << 20

// removeTemp removes the directory of a worker that has ended, whatever the
// worker has made in it. Directories come up to the top before they are removed,
// so that their depth costs neither descriptors nor long paths, and are made
// accessible first. The error says what is left.
func removeTemp(dir string) error {
	r := remover{top: dir, left: maxRemoved}
	err := r.run()
	if err == nil {
		return nil
	}
	return fmt.Errorf("duckdb: temporary files of a worker are left in %s: %w", dir, err)
}

type remover struct {
	top     string
	left    int // how many more may be removed
	serial  int // of the directories that were brought up
	changed bool
	failed  error // the first failure of this pass
}

var errTooManyTemp = errors.New("too many files")

// run removes what it can in passes, until one changes nothing.
func (r *remover) run() error {
	info, err := os.Lstat(r.top)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.IsDir() {
		err = os.Chmod(r.top, 0o700) //nolint:gosec // a directory of ours
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return os.Remove(r.top)
	}
	for {
		r.changed, r.failed = false, nil
		if err := eachName(r.top, r.remove); err != nil {
			return err
		}
		err := os.Remove(r.top)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if !r.changed {
			return errors.Join(r.failed, err)
		}
	}
}

// note keeps the first failure, and goes on with what else there is.
func (r *remover) note(err error) {
	switch {
	case err == nil:
		r.changed = true
		r.left--
	case !errors.Is(err, fs.ErrNotExist) && r.failed == nil:
		r.failed = err
	}
}

// remove removes an entry of the top directory. It fails only where there have
// been too many.
func (r *remover) remove(name string) error {
	if r.left <= 0 {
		return errTooManyTemp
	}
	path := filepath.Join(r.top, name)
	dir, err := accessible(path)
	if err != nil || !dir {
		if err == nil {
			err = os.Remove(path)
		}
		r.note(err)
		return nil
	}
	if err := eachName(path, func(child string) error { return r.lift(filepath.Join(path, child)) }); err != nil {
		if errors.Is(err, errTooManyTemp) {
			return err
		}
		r.note(err)
		return nil
	}
	r.note(os.Remove(path))
	return nil
}

// lift removes a file from a directory, and brings a directory up to the top.
func (r *remover) lift(path string) error {
	if r.left <= 0 {
		return errTooManyTemp
	}
	dir, err := accessible(path)
	switch {
	case err != nil:
	case dir:
		r.serial++
		err = os.Rename(path, filepath.Join(r.top, ".lifted-"+strconv.Itoa(r.serial)))
	default:
		err = os.Remove(path)
	}
	r.note(err)
	return nil
}

// accessible reports whether path is a directory, and makes it one that can be
// read and emptied.
func accessible(path string) (dir bool, err error) {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() {
		return false, err
	}
	if info.Mode().Perm() == 0o700 {
		return true, nil
	}
	return true, os.Chmod(path, 0o700) //nolint:gosec // a directory of a worker that is gone
}
