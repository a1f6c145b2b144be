package duckdb

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// closeInherited closes the descriptors that whoever started the server left
// open for its children, and so for a worker. What this process has opened by
// itself is marked to be closed on exec, and stays.
func closeInherited() {
	list, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // no such directory: nothing can be listed
	}
	for _, entry := range list {
		fd, err := strconv.Atoi(entry.Name())
		if err != nil || fd < firstFreeFD {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd) // nothing of ours
		}
	}
}
