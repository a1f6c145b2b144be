package corpus_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// watch has the kernel note every file in a folder that is opened, made or
// removed from now on; the function returns their names since it was called.
func watch(t *testing.T, dir string) func() []string {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_OPEN|unix.IN_CREATE|unix.IN_DELETE|unix.IN_MOVE); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		t.Helper()
		var names []string
		buffer := make([]byte, 64<<10)
		for {
			n, err := unix.Read(fd, buffer)
			if errors.Is(err, unix.EAGAIN) {
				return names
			}
			if err != nil {
				t.Fatal(err)
			}
			for at := 0; at < n; {
				length := int(binary.NativeEndian.Uint32(buffer[at+12:]))
				name := buffer[at+unix.SizeofInotifyEvent:][:length]
				names = append(names, string(bytes.TrimRight(name, "\x00")))
				at += unix.SizeofInotifyEvent + length
			}
		}
	}
}
