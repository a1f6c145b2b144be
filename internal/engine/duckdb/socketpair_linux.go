package duckdb

import "golang.org/x/sys/unix"

// socketpair makes two connected sockets that no other child inherits.
func socketpair() ([2]int, error) {
	return unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
}
