package sandbox

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeInherited closes what the process has inherited beyond 0, 1, 2 and
// what is wanted. A parent written in Go passes on what it was itself started
// with: a shell's redirections, a supervisor's sockets. Such a descriptor has no
// close-on-exec flag, or it would not be here; all that this process and the
// runtime have opened since do have one.
func closeInherited(wanted []int) error {
	dir, err := os.Open("/proc/self/fd")
	if err != nil {
		return errors.New("/proc is not readable")
	}
	names, err := dir.Readdirnames(-1)
	if err = errors.Join(err, dir.Close()); err != nil {
		return err
	}
	var problems []error
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil {
			return err
		}
		if fd <= 2 || slices.Contains(wanted, fd) {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			continue // an error means that it is closed already
		}
		if err := unix.Close(fd); err != nil {
			problems = append(problems, fmt.Errorf("descriptor %d: %w", fd, err))
		}
	}
	return errors.Join(problems...)
}
