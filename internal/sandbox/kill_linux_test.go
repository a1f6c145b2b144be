package sandbox

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// kills are calls after which the process must be gone. Where the filter
// failed, none of them does harm to the machine.
var kills = map[string]func() error{
	"execve":     func() error { return raw(unix.SYS_EXECVE) },
	"exec":       func() error { return unix.Exec("/bin/true", nil, nil) },
	"execveat":   func() error { return raw(unix.SYS_EXECVEAT) },
	"clone":      func() error { return clone(uintptr(unix.SIGCHLD)) },
	"clone, new": func() error { return clone(unix.CLONE_NEWUSER | uintptr(unix.SIGCHLD)) },
	"clone, a thread in another network": func() error {
		return clone(threadFlags | unix.CLONE_SYSVSEM | unix.CLONE_NEWNET)
	},
	"start a process":        startProcess,
	"ptrace the parent":      func() error { return raw(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(os.Getppid())) },
	"ptrace itself":          func() error { return raw(unix.SYS_PTRACE, unix.PTRACE_TRACEME) },
	"read the parent":        func() error { return raw(unix.SYS_PROCESS_VM_READV, uintptr(os.Getppid())) },
	"write the parent":       func() error { return raw(unix.SYS_PROCESS_VM_WRITEV, uintptr(os.Getppid())) },
	"mount":                  func() error { return raw(unix.SYS_MOUNT) },
	"unmount":                func() error { return raw(unix.SYS_UMOUNT2) },
	"open_tree":              func() error { return raw(unix.SYS_OPEN_TREE, ^uintptr(0)) },
	"pivot_root":             func() error { return raw(unix.SYS_PIVOT_ROOT) },
	"chroot":                 func() error { return raw(unix.SYS_CHROOT) },
	"unshare":                func() error { return raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER) },
	"setns":                  func() error { return raw(unix.SYS_SETNS, ^uintptr(0)) },
	"bpf":                    func() error { return raw(unix.SYS_BPF) },
	"perf_event_open":        func() error { return raw(unix.SYS_PERF_EVENT_OPEN) },
	"keyctl":                 func() error { return raw(unix.SYS_KEYCTL) },
	"add_key":                func() error { return raw(unix.SYS_ADD_KEY) },
	"userfaultfd":            func() error { return raw(unix.SYS_USERFAULTFD) },
	"io_uring_setup":         func() error { return raw(unix.SYS_IO_URING_SETUP) },
	"init_module":            func() error { return raw(unix.SYS_INIT_MODULE) },
	"kexec_load":             func() error { return raw(unix.SYS_KEXEC_LOAD, 0, 17, 0, 1<<20) },
	"swapon":                 func() error { return raw(unix.SYS_SWAPON) },
	"open_by_handle_at":      func() error { return raw(unix.SYS_OPEN_BY_HANDLE_AT, ^uintptr(0)) },
	"pidfd_open":             func() error { return raw(unix.SYS_PIDFD_OPEN, uintptr(os.Getppid())) },
	"pidfd_getfd":            func() error { return raw(unix.SYS_PIDFD_GETFD, ^uintptr(0)) },
	"pidfd_send_signal":      func() error { return raw(unix.SYS_PIDFD_SEND_SIGNAL, ^uintptr(0)) },
	"signal the parent":      func() error { return unix.Kill(os.Getppid(), 0) },
	"signal all":             func() error { return unix.Kill(-1, 0) },
	"signal the group":       func() error { return unix.Kill(0, 0) },
	"signal another thread":  func() error { return unix.Tgkill(os.Getppid(), os.Getppid(), 0) },
	"queue a signal":         func() error { return raw(unix.SYS_RT_SIGQUEUEINFO, uintptr(os.Getppid())) },
	"be another user":        func() error { return raw(unix.SYS_SETUID, uintptr(os.Getuid())) },
	"fcntl's twin by number": func() error { return unix.Kill(fcntlNumber, unix.Signal(unix.F_GETFL)) },
}

// fcntlNumber is the number of fcntl on amd64, as a process id. With the
// library's own assembler this signal is taken for fcntl(72, F_GETFL).
const fcntlNumber = 72

func clone(flags uintptr) error {
	runtime.LockOSThread()
	child, _, errno := unix.RawSyscall6(unix.SYS_CLONE, flags, 0, 0, 0, 0, 0)
	return inChild(child, errno)
}

// inChild ends the child that should not exist.
func inChild(child uintptr, errno unix.Errno) error {
	if errno == 0 && child == 0 {
		_, _, errno = unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
	return errno
}

func startProcess() error {
	p, err := os.StartProcess("/bin/true", nil, &os.ProcAttr{})
	return errors.Join(err, p.Release())
}

func init() {
	activities["kill"] = func(j job) (answer, error) {
		report, err := enter(j)
		if err != nil || !report.Complete() {
			return answer{Report: report}, err
		}
		if err := kills[j.Only](); err != nil {
			return answer{Text: err.Error()}, nil
		}
		return answer{Text: "it succeeded"}, nil
	}
}

// What has no business in a worker ends it by SIGSYS, whoever it runs as.
func TestKills(t *testing.T) {
	t.Parallel()
	for user, credential := range users() {
		for name := range kills {
			t.Run(user+", "+name, func(t *testing.T) {
				place := newPlace(t)
				c, err := start(t, job{Do: "kill", Only: name, Policy: place.policy(), Place: place}, credential)
				if c != nil {
					t.Fatalf("it lives on: %s; %s", c.answer.Text, c.answer.Report)
				}
				if killedBy(err) != syscall.SIGSYS {
					t.Errorf("it ended by %v", err)
				}
			})
		}
	}
}
