package membudget

import "golang.org/x/sys/unix"

// pidfd is a process by pidfd_open(2).
type pidfd int

// openProcess returns nobody on kernels before 5.3 and where a filter of system
// calls stands in the way: then workers are ended by their owners alone, some
// time later, and none is paused.
func openProcess(pid int) process {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nobody{}
	}
	return pidfd(fd)
}

// Errors are not looked at: the process has ended, or its owner ends it.

func (p pidfd) kill() { _ = unix.PidfdSendSignal(int(p), unix.SIGKILL, nil, 0) }

// exited looks whether the descriptor is readable, which it becomes when the last
// thread has ended: after memory was given back.
func (p pidfd) exited() bool {
	fds := [1]unix.PollFd{{Fd: int32(p), Events: unix.POLLIN}} //nolint:gosec // descriptors are small numbers
	n, err := unix.Poll(fds[:], 0)
	return n == 1 && err == nil
}

func (p pidfd) pause(paused bool) {
	signal := unix.SIGCONT
	if paused {
		signal = unix.SIGSTOP
	}
	_ = unix.PidfdSendSignal(int(p), signal, nil, 0)
}

func (p pidfd) close() { _ = unix.Close(int(p)) }
