//go:build !linux

package duckdb

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// socketpair makes two connected sockets that no other child inherits: where the
// system cannot make them so at once, no child is started in between.
func socketpair() ([2]int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	return fds, err
}
