package sandbox

import (
	"slices"

	"golang.org/x/sys/unix"
)

const (
	every = ^uint32(0)

	// A thread shares all of these with its process; what belongs to namespaces
	// must not be set.
	threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD
	otherFlags  = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
		unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_PTRACE | unix.CLONE_VFORK

	// Advice from 64 on is for the machine's memory, not the process's.
	adviceBeyond = ^uint32(63)

	// fromRoot is AT_FDCWD. Paths that begin at an open directory can be longer
	// than PATH_MAX, and so out of reach for whoever has to remove what is there.
	fromRoot = 0xffffff9c
	// unnamed is what O_TMPFILE has beside O_DIRECTORY.
	unnamed = unix.O_TMPFILE &^ unix.O_DIRECTORY
	// othersRights are the set-user-id and set-group-id bits of a mode.
	othersRights = 0o6000
)

// low is a test of an int.
func low(arg int, want uint32) []test { return []test{{arg: arg, mask: every, want: want}} }

// oneOf allows an int argument to be any of these.
func oneOf(arg int, values ...uint32) [][]test {
	var list [][]test
	for _, v := range values {
		list = append(list, low(arg, v))
	}
	return list
}

// null is a test for a null pointer.
func null(arg int) []test {
	return []test{{arg: arg, mask: every}, {arg: arg, high: true, mask: every}}
}

// bits allows an int argument whose masked bits are this.
func bits(arg int, mask, want uint32) [][]test { return [][]test{{{arg: arg, mask: mask, want: want}}} }

// opened are the flags with which a file may be opened, after other tests.
// Truncation comes with the right to write: Landlock before ABI 3 lets it pass
// otherwise, and does not ask at all for the mode that is neither reading nor
// writing. A file has a name, or nobody sees what it takes of the disk. The
// mode, the argument after the flags, means something only where a file is made.
func opened(arg int, before ...test) [][]test {
	const mask = unix.O_ACCMODE | unix.O_TRUNC | unix.O_CREAT | unnamed
	var list [][]test
	for _, want := range []uint32{
		unix.O_RDONLY, unix.O_WRONLY, unix.O_RDWR, unix.O_WRONLY | unix.O_TRUNC, unix.O_RDWR | unix.O_TRUNC,
	} {
		list = append(list,
			append(slices.Clone(before), test{arg: arg, mask: mask, want: want}),
			append(slices.Clone(before), test{arg: arg, mask: mask, want: want | unix.O_CREAT}, test{arg: arg + 1, mask: othersRights}))
	}
	return list
}

// conditional are the calls that are judged by their arguments, the most
// frequent first: the kernel has a faster way for those that are not.
func conditional(pid int) []call {
	self := uint32(pid) //nolint:gosec // a process id is positive
	return []call{
		// Nothing becomes executable that was not at the start.
		{"mmap", bits(2, unix.PROT_EXEC, 0), fail(unix.EPERM)},
		{"mprotect", bits(2, unix.PROT_EXEC, 0), fail(unix.EPERM)},
		{"madvise", bits(2, adviceBeyond, 0), fail(unix.EPERM)},
		{"openat", opened(2, low(0, fromRoot)...), fail(unix.EACCES)},
		{"open", opened(1), fail(unix.EACCES)},
		// Blocks beyond the end of a file have no size, and no limit.
		{"fallocate", oneOf(1, 0, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE), fail(unix.EPERM)},
		{"unlinkat", [][]test{low(0, fromRoot)}, fail(unix.EPERM)},
		{"renameat", [][]test{append(low(0, fromRoot), low(2, fromRoot)...)}, fail(unix.EPERM)},
		{"renameat2", [][]test{append(low(0, fromRoot), low(2, fromRoot)...)}, fail(unix.EPERM)},
		// What is made stays within reach of its owner.
		{"umask", bits(0, 0o700, 0), fail(unix.EPERM)},
		// Go preempts its threads by signals. To others: killed.
		{"tgkill", [][]test{low(0, self)}, kill},
		{"kill", [][]test{low(0, self)}, kill},
		{"clone", bits(0, threadFlags|otherFlags, threadFlags), kill},
		// No owners of signals, no leases, no pipes of any size.
		{"fcntl", oneOf(1, unix.F_DUPFD, unix.F_DUPFD_CLOEXEC, unix.F_GETFD, unix.F_SETFD, unix.F_GETFL, unix.F_SETFL,
			unix.F_GETLK, unix.F_SETLK, unix.F_SETLKW, unix.F_OFD_GETLK, unix.F_OFD_SETLK, unix.F_OFD_SETLKW), fail(unix.EPERM)},
		{"prctl", oneOf(0, unix.PR_SET_NAME, unix.PR_GET_NAME, unix.PR_SET_VMA, unix.PR_GET_DUMPABLE, unix.PR_GET_SECCOMP,
			unix.PR_GET_NO_NEW_PRIVS, unix.PR_GET_PDEATHSIG), fail(unix.EPERM)},
		// Limits may be read, and only one's own.
		{"prlimit64", [][]test{append(low(0, 0), null(2)...), append(low(0, self), null(2)...)}, fail(unix.EPERM)},
		// To the peer that the socket has, and to no address.
		{"sendto", [][]test{null(4)}, fail(unix.EPERM)},
	}
}

// listed are calls that get one answer whatever their arguments.
type listed struct {
	answer uint32
	names  []string
}

func unconditional() []listed {
	return []listed{
		{allow, allowedCalls},
		{kill, killedCalls},
		{fail(unix.EPERM), refusedCalls},
		// A terminal could be written to as if its user had typed.
		{fail(unix.ENOTTY), []string{"ioctl"}},
		// Flags in memory, which no filter can see; C libraries fall back.
		{fail(unix.ENOSYS), []string{"clone3", "openat2"}},
	}
}

// allowedCalls is what Go's runtime, the C library and DuckDB need.
var allowedCalls = []string{
	// descriptors and files; which files is Landlock's
	"read", "write", "pread64", "pwrite64", "readv", "writev", "preadv", "pwritev", "preadv2", "pwritev2", "lseek", "close",
	"close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "fsync", "fdatasync", "ftruncate", "fadvise64", "flock",
	"sync_file_range", "readahead", "copy_file_range", "sendfile", "getdents64",
	"stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getcwd",
	"unlink", "rmdir", "rename",
	// waiting
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd", "eventfd2",
	"poll", "ppoll", "select", "pselect6",
	// the channel that is open already; no sendmsg and recvmsg, which pass descriptors
	"recvfrom", "shutdown", "getsockname", "getpeername", "getsockopt",
	// memory
	"munmap", "mremap", "brk", "mincore", "msync",
	// threads, locks, signals
	"futex", "futex_waitv", "set_robust_list", "set_tid_address", "rseq", "membarrier", "exit", "exit_group", "restart_syscall",
	"sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getcpu",
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "rt_sigsuspend", "sigaltstack", "pause",
	// time and chance
	"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getrandom",
	// who and where am I
	"getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
	"getgroups", "getrusage", "getrlimit", "getpriority", "sysinfo", "uname", "capget",
}

// killedCalls have no business in a worker: whoever tries one has taken it over.
var killedCalls = []string{
	// other programs and processes
	"execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease",
	"kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "get_robust_list",
	"move_pages", "migrate_pages",
	// namespaces and mounts
	"mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "open_tree_attr", "move_mount", "fsopen", "fsconfig",
	"fsmount", "fspick", "mount_setattr", "open_by_handle_at",
	// programs in the kernel, and the kernel itself
	"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "add_key", "request_key", "keyctl",
	"init_module", "finit_module", "delete_module", "create_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
	"acct", "quotactl", "quotactl_fd", "iopl", "ioperm", "modify_ldt", "personality", "syslog", "vhangup", "fanotify_init",
	"settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname", "setdomainname", "uselib", "nfsservctl",
	// identity
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
}

// refusedCalls fail: SelfTest tries them, or a library may without harm.
var refusedCalls = []string{
	// the network
	"socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg", "setsockopt",
	// directories, which could be too deep or too dark to remove
	"mkdir", "mkdirat",
	// what Landlock does not see, or sees only in its later versions
	"truncate", "creat", "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "fchmodat2",
	"chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat", "futimesat",
	"setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
	"name_to_handle_at", "inotify_init", "inotify_init1", "chdir", "fchdir",
	// memory that no limit counts, or that outlives the process
	"memfd_create", "memfd_secret", "shmget", "shmat", "shmctl", "semget", "semop", "semctl", "msgget", "msgsnd", "msgrcv", "mq_open",
	"mlock", "mlock2", "mlockall", "remap_file_pages", "pkey_mprotect",
	// rights that could only be lost, and turns at the processor
	"setrlimit", "seccomp", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "setsid", "setpgid",
	"sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr", "setpriority", "ioprio_set", "tkill",
}
