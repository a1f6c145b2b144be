//go:build chaos

package duckdb

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// attempt makes the system call that a word names, with arguments that would
// do harm if it were let through, and says what came of it. A path or a process
// id may follow the word, so that a test sees what becomes of it.
func attempt(argument string) string {
	word, target, _ := strings.Cut(argument, " ")
	call, known := attempts[word]
	if !known {
		return "there is no attempt " + word
	}
	if err := call(target); err != nil {
		return err.Error()
	}
	return "done"
}

func anyway(call func() error) func(string) error { return func(string) error { return call() } }

// number makes a call by its number, and nothing but small arguments.
func number(n uintptr, arguments ...uintptr) func(string) error {
	return func(string) error { return raw(n, arguments...) }
}

var attempts = map[string]func(target string) error{
	// Files.
	"open":        func(path string) error { return opened(path, unix.O_RDONLY) },
	"write":       func(path string) error { return opened(path, unix.O_WRONLY) },
	"create":      func(path string) error { return opened(path, unix.O_CREAT|unix.O_WRONLY) },
	"mkdir":       func(path string) error { return unix.Mkdir(path, 0o700) },
	"unlink":      unix.Unlink,
	"rmdir":       unix.Rmdir,
	"rename":      func(path string) error { return unix.Rename(path, path+".renamed") },
	"truncate":    func(path string) error { return unix.Truncate(path, 0) },
	"chmod":       func(path string) error { return unix.Chmod(path, 0o777) },
	"link":        func(path string) error { return unix.Link(path, path+".link") },
	"symlink":     func(path string) error { return unix.Symlink("/etc/passwd", path) },
	"list":        func(path string) error { return opened(path, unix.O_RDONLY|unix.O_DIRECTORY) },
	"open-self":   anyway(func() error { return opened("/proc/self/environ", unix.O_RDONLY) }),
	"memory-self": anyway(func() error { return opened("/proc/self/mem", unix.O_RDWR) }),
	"open-parent": anyway(func() error { return opened(fmt.Sprintf("/proc/%d/mem", os.Getppid()), unix.O_RDWR) }),
	"chdir":       unix.Chdir,
	"memfd":       anyway(func() error { return made(unix.MemfdCreate("x", 0)) }),

	// The network.
	"socket":         anyway(func() error { return made(unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)) }),
	"socket-udp":     anyway(func() error { return made(unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM, 0)) }),
	"socket-unix":    anyway(func() error { return made(unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)) }),
	"socket-netlink": anyway(func() error { return made(unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, 0)) }),
	"socketpair":     number(unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_STREAM),
	"connect": anyway(func() error {
		return unix.Connect(channelFD, &unix.SockaddrInet4{Port: 80, Addr: [4]byte{127, 0, 0, 1}})
	}),
	"bind":        number(unix.SYS_BIND, channelFD),
	"listen":      number(unix.SYS_LISTEN, channelFD),
	"sendmsg":     number(unix.SYS_SENDMSG, channelFD),
	"recvmsg":     number(unix.SYS_RECVMSG, channelFD),
	"send-to":     number(unix.SYS_SENDTO, channelFD, 0, 0, 0, 1),
	"ioctl-input": number(unix.SYS_IOCTL, 0, unix.TIOCSTI),

	// Other processes.
	"exec":         anyway(func() error { return unix.Exec("/bin/true", []string{"true"}, nil) }),
	"fork":         number(unix.SYS_CLONE, uintptr(unix.SIGCHLD)),
	"clone3":       number(unix.SYS_CLONE3),
	"ptrace":       anyway(func() error { return raw(unix.SYS_PTRACE, unix.PTRACE_ATTACH, uintptr(os.Getppid())) }),
	"read-parent":  anyway(func() error { return readProcess(os.Getppid()) }),
	"kill-parent":  anyway(func() error { return unix.Kill(os.Getppid(), unix.SIGKILL) }),
	"kill":         func(pid string) error { return unix.Kill(id(pid), unix.SIGKILL) },
	"read":         func(pid string) error { return readProcess(id(pid)) },
	"pidfd":        func(pid string) error { return made(unix.PidfdOpen(id(pid), 0)) },
	"limit-parent": anyway(func() error { return unix.Prlimit(os.Getppid(), unix.RLIMIT_NOFILE, &unix.Rlimit{}, nil) }),
	"slow-parent":  anyway(func() error { return unix.Setpriority(unix.PRIO_PROCESS, os.Getppid(), 19) }),

	// Itself.
	"setrlimit":   anyway(func() error { return unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: 1 << 40, Max: 1 << 40}) }),
	"dumpable":    anyway(func() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }),
	"outlive":     anyway(func() error { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) }),
	"map-code":    number(unix.SYS_MMAP, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON, ^uintptr(0)),
	"setuid":      number(unix.SYS_SETUID, 0),
	"capset":      number(unix.SYS_CAPSET),
	"seccomp":     number(unix.SYS_SECCOMP, 99),
	"personality": number(unix.SYS_PERSONALITY, 0),

	// The kernel.
	"mount":       func(path string) error { return unix.Mount("none", path, "tmpfs", 0, "") },
	"chroot":      unix.Chroot,
	"unshare":     anyway(func() error { return unix.Unshare(unix.CLONE_NEWUSER) }),
	"setns":       number(unix.SYS_SETNS, channelFD),
	"bpf":         number(unix.SYS_BPF),
	"io-uring":    number(unix.SYS_IO_URING_SETUP, 1),
	"keyctl":      number(unix.SYS_KEYCTL),
	"perf":        number(unix.SYS_PERF_EVENT_OPEN),
	"userfaultfd": number(unix.SYS_USERFAULTFD),
	"module":      number(unix.SYS_FINIT_MODULE, channelFD),
	"open-handle": number(unix.SYS_OPEN_BY_HANDLE_AT, channelFD),
	"openat2":     number(unix.SYS_OPENAT2),
	"unknown":     number(unix.SYS_TIMERFD_CREATE, 99),
	"unheard-of":  number(4000),
}

// id reads a process id.
func id(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic("no process id: " + text)
	}
	return n
}

func raw(number uintptr, arguments ...uintptr) error {
	var a [6]uintptr
	copy(a[:], arguments)
	if _, _, errno := unix.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
		return errno
	}
	return nil
}

func opened(path string, flags int) error {
	return made(unix.Open(path, flags, 0o600))
}

func made(fd int, err error) error {
	if err == nil {
		err = unix.Close(fd)
	}
	return err
}

func readProcess(pid int) error {
	var b [8]byte
	local := unix.Iovec{Base: &b[0], Len: 8}
	remote := unix.Iovec{Base: &b[0], Len: 8}
	return raw(unix.SYS_PROCESS_VM_READV, uintptr(pid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
}
