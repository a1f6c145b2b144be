package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Cgroups makes a cgroup (version 2) for each worker, below the server's own.
type Cgroups struct {
	dir   string // the server's own, as it was found
	mkdir func(path string) error
}

// NewCgroups prepares the server's own cgroup. It must have been delegated: a
// service with Delegate=yes in systemd, or a container with a writable cgroup.
//
// A cgroup that hands controllers down may hold no processes itself, so the
// server moves into a leaf of its own, for which it must be alone in its cgroup.
// Close moves it back. Errors match ErrNoCgroups; nothing has changed then.
func NewCgroups() (*Cgroups, error) {
	return newCgroups("/proc/self", os.Getpid(), func(path string) error { return os.Mkdir(path, 0o755) }) //nolint:gosec // as the kernel makes them
}

func newCgroups(proc string, pid int, mkdir func(string) error) (*Cgroups, error) {
	c := &Cgroups{mkdir: mkdir}
	var err error
	if c.dir, err = ownCgroup(proc); err == nil {
		if err = c.checkDelegated(); err == nil {
			err = c.enterLeaf(pid)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoCgroups, err)
	}
	return c, nil
}

// controllers are those that Make needs.
var controllers = []string{"memory", "pids"}

func (c *Cgroups) checkDelegated() error {
	// The root of the machine has no limits, and is nobody's to divide.
	if _, err := os.Stat(c.path("cgroup.type")); err != nil {
		return errors.New("this process is in the root cgroup, or in none")
	}
	offered, err := c.read("cgroup.controllers")
	if err != nil {
		return err
	}
	for _, name := range controllers {
		if !slices.Contains(offered, name) {
			return fmt.Errorf("the controller %q is not handed down to %s", name, c.dir)
		}
	}
	for _, file := range []string{".", "cgroup.procs", "cgroup.subtree_control"} {
		if err := unix.Access(c.path(file), unix.W_OK); err != nil {
			return fmt.Errorf("%s is not delegated: %s: %w", c.dir, file, err)
		}
	}
	return nil
}

// enterLeaf moves the server into a leaf and hands the controllers down.
func (c *Cgroups) enterLeaf(pid int) error {
	inside, err := c.read("cgroup.procs")
	if err != nil {
		return err
	}
	if len(inside) != 1 || inside[0] != strconv.Itoa(pid) {
		return fmt.Errorf("%d processes share %s; it must be the server's alone", len(inside), c.dir)
	}
	if err := c.mkdir(c.path(serverLeaf)); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := c.write(serverLeaf+"/cgroup.procs", strconv.Itoa(pid)); err != nil {
		return errors.Join(err, os.Remove(c.path(serverLeaf)))
	}
	if err := c.write("cgroup.subtree_control", "+"+strings.Join(controllers, " +")); err != nil {
		return errors.Join(err, c.leaveLeaf(pid))
	}
	return nil
}

func (c *Cgroups) leaveLeaf(pid int) error {
	return errors.Join(c.write("cgroup.procs", strconv.Itoa(pid)), os.Remove(c.path(serverLeaf)))
}

// Close moves the server back. The cgroups of workers must have been removed.
func (c *Cgroups) Close() error {
	return errors.Join(c.write("cgroup.subtree_control", "-"+strings.Join(controllers, " -")), c.leaveLeaf(os.Getpid()))
}

// Make makes the cgroup of one worker. The caller starts the worker in it
// (SysProcAttr.UseCgroupFD and CgroupFD), closes dir after that, and calls remove
// when the worker has been waited for; what may be left in it is killed.
func (c *Cgroups) Make(name string, l CgroupLimits) (dir *os.File, remove func() error, err error) {
	if err := l.validate(name); err != nil {
		return nil, nil, err
	}
	if err := c.mkdir(c.path(name)); err != nil {
		return nil, nil, err
	}
	remove = func() error { return c.remove(name) }
	for _, w := range []struct{ file, value string }{
		{"memory.max", strconv.FormatInt(l.Memory, 10)},
		{"memory.swap.max", "0"},
		{"memory.oom.group", "1"},
		{"pids.max", strconv.FormatInt(l.Processes, 10)},
	} {
		err := c.write(name+"/"+w.file, w.value)
		if w.file == "memory.swap.max" && errors.Is(err, os.ErrNotExist) {
			continue // a kernel that does not count swap
		}
		if err != nil {
			return nil, nil, errors.Join(err, remove())
		}
	}
	dir, err = os.Open(c.path(name))
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return dir, remove, nil
}

func (c *Cgroups) remove(name string) error {
	// Only for what a worker could have left, which is nothing: seccomp keeps it
	// from making processes. Before Linux 5.14 the file does not exist.
	if err := c.write(name+"/cgroup.kill", "1"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return unix.Rmdir(c.path(name))
}

func (c *Cgroups) path(file string) string { return filepath.Join(c.dir, file) }

// read reads a file of words.
func (c *Cgroups) read(file string) ([]string, error) {
	text, err := os.ReadFile(c.path(file))
	return strings.Fields(string(text)), err
}

// write writes in one call, and makes no file: these are the kernel's.
func (c *Cgroups) write(file, text string) error {
	f, err := os.OpenFile(c.path(file), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
