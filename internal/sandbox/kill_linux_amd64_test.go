package sandbox

import "golang.org/x/sys/unix"

const x32Getpid = x32Bit | unix.SYS_GETPID

// The calls that only this machine has.
func init() {
	kills["fork"] = func() error {
		child, _, errno := unix.RawSyscall(unix.SYS_FORK, 0, 0, 0)
		return inChild(child, errno)
	}
	kills["vfork"] = func() error {
		child, _, errno := unix.RawSyscall(unix.SYS_VFORK, 0, 0, 0)
		return inChild(child, errno)
	}
	kills["x32"] = func() error { return raw(x32Getpid) }
	kills["x32, exec"] = func() error { return raw(x32Bit | 520) }
	kills["modify_ldt"] = func() error { return raw(unix.SYS_MODIFY_LDT, 99) }
	kills["iopl"] = func() error { return raw(unix.SYS_IOPL, 99) }
}
