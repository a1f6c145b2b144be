package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// filterCalls puts all threads under the filter of system calls.
func filterCalls(load func([]unix.SockFilter) error) error {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return errors.New("no list of system calls for " + runtime.GOARCH)
	}
	machine, err := arch.GetInfo(runtime.GOARCH)
	if err != nil {
		return err
	}
	program, err := buildFilter(machine, os.Getpid())
	if err != nil {
		return err
	}
	raw, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	if err := load(filter); err != nil {
		return err
	}
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	if err == nil && mode != unix.SECCOMP_MODE_FILTER {
		err = fmt.Errorf("the kernel took the filter but is in mode %d", mode)
	}
	return err
}

// loadFilter hands the filter to the kernel, for all threads or none. It asks
// for no_new_privs, which the kernel then also sets on all of them.
func loadFilter(filter []unix.SockFilter) error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]} //nolint:gosec // some hundred instructions
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC,
		uintptr(unsafe.Pointer(&program))) //nolint:gosec // there is no other way to hand the kernel a program
	switch {
	case errno != 0:
		return errno
	case thread != 0: // how the kernel says that a thread could not follow
		return fmt.Errorf("thread %d has a filter of its own", thread)
	}
	return nil
}
