package sandbox

import (
	"errors"
	"net"
	"os"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// attempt is something a hostile worker might try, and its three ends: in the
// whole sandbox, in one without seccomp and in one without Landlock. Two of them
// differ wherever one mechanism alone says no; that shows which one it was.
type attempt struct {
	name                        string
	try                         func(place) error
	want, noSeccomp, noLandlock unix.Errno
	rootOnly                    bool // without the sandbox only root may; others are not asked
	differsByUID                bool // the account decides as well, where a mechanism is missing
}

func open(path string, flags int) error { return tryOpen(path, flags) }

func raw(number uintptr, args ...uintptr) error {
	var a [6]uintptr
	copy(a[:], args)
	_, _, errno := unix.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		return errno
	}
	return nil
}

func parentFile(name string) string { return "/proc/" + strconv.Itoa(os.Getppid()) + "/" + name }

func socket(family, kind int, to unix.Sockaddr) error {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if to == nil {
		return unix.Close(fd)
	}
	return errors.Join(unix.Connect(fd, to), unix.Close(fd))
}

var attempts = []attempt{
	// What is allowed.
	{name: "read data", try: func(p place) error { return open(p.Data+"/file", unix.O_RDONLY) }},
	{name: "list data", try: func(p place) error { return open(p.Data, unix.O_RDONLY|unix.O_DIRECTORY) }},
	{name: "use temp", try: useTemp},
	{name: "signal itself", try: func(place) error { return unix.Kill(os.Getpid(), 0) }},
	{name: "read own limits", try: func(place) error {
		var l unix.Rlimit
		return unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &l)
	}},

	// Files: Landlock.
	{name: "read outside", try: func(p place) error { return open(p.Outside+"/file", unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "read /etc/passwd", try: func(place) error { return open("/etc/passwd", unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "list /", try: func(place) error { return open("/", unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "write outside", try: func(p place) error { return open(p.Outside+"/file", unix.O_WRONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "make outside", try: func(p place) error { return makeFile(p.Outside+"/made", 0o600) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "write data", try: func(p place) error { return open(p.Data+"/file", unix.O_RDWR) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "make in data", try: func(p place) error { return makeFile(p.Data+"/made", 0o600) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "remove data", try: func(p place) error { return unix.Unlink(p.Data + "/file2") }, want: unix.ENOENT, noSeccomp: unix.ENOENT, noLandlock: unix.ENOENT},
	{name: "follow a planted link", try: func(p place) error { return open(p.Temp+"/link", unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "follow ..", try: func(p place) error { return open(p.Temp+"/../outside/file", unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "rename out", try: renameOut, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "read own status", try: func(place) error { return open("/proc/self/status", unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "own memory", try: func(place) error { return open("/proc/self/mem", unix.O_RDWR) }, want: unix.EACCES, noSeccomp: unix.EACCES, differsByUID: true},
	{name: "parent's memory", try: func(place) error { return open(parentFile("mem"), unix.O_RDWR) }, want: unix.EACCES, noSeccomp: unix.EACCES, rootOnly: true},
	{name: "parent's environment", try: func(place) error { return open(parentFile("environ"), unix.O_RDONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES, rootOnly: true},
	{name: "a device", try: func(place) error { return open("/dev/null", unix.O_RDWR) }, want: unix.EACCES, noSeccomp: unix.EACCES},
	{name: "raise own oom score back", try: func(place) error { return open("/proc/self/oom_score_adj", unix.O_WRONLY) }, want: unix.EACCES, noSeccomp: unix.EACCES, rootOnly: true},

	// Files: seccomp, with Landlock behind it where it knows of them.
	{name: "truncate by opening", try: func(p place) error { return open(p.Data+"/file", unix.O_RDONLY|unix.O_TRUNC) }, want: unix.EACCES, noSeccomp: unix.EACCES, noLandlock: unix.EACCES},
	{name: "open for neither", try: func(p place) error { return open(p.Temp+"/file", unix.O_ACCMODE) }, want: unix.EACCES, noLandlock: unix.EACCES},
	{name: "truncate by path", try: func(p place) error { return unix.Truncate(p.Data+"/file", 4) }, want: unix.EPERM, noSeccomp: unix.EACCES, noLandlock: unix.EPERM},
	{name: "hard link out", try: func(p place) error { return unix.Link(p.Temp+"/file", p.Outside+"/hard") }, want: unix.EPERM, noSeccomp: unix.EACCES, noLandlock: unix.EPERM},
	{name: "hard link in", try: func(p place) error { return unix.Link(p.Outside+"/file", p.Temp+"/hard") }, want: unix.EPERM, noSeccomp: unix.EXDEV, noLandlock: unix.EPERM},
	{name: "symlink", try: func(p place) error { return unix.Symlink("/etc/passwd", p.Temp+"/soft") }, want: unix.EPERM, noSeccomp: unix.EACCES, noLandlock: unix.EPERM},
	{name: "pipe in temp", try: func(p place) error { return unix.Mkfifo(p.Temp+"/fifo", 0o600) }, want: unix.EPERM, noSeccomp: unix.EACCES, noLandlock: unix.EPERM},
	{name: "mode", try: func(p place) error { return unix.Chmod(p.Temp+"/file", 0o666) }, want: unix.EPERM, noLandlock: unix.EPERM, rootOnly: true},
	{name: "owner", try: func(p place) error { return unix.Chown(p.Temp+"/file", 0, 0) }, want: unix.EPERM, noLandlock: unix.EPERM, rootOnly: true},
	{name: "times", try: func(p place) error { return unix.UtimesNano(p.Temp+"/file", make([]unix.Timespec, 2)) }, want: unix.EPERM, noLandlock: unix.EPERM, rootOnly: true},
	{name: "terminal", try: func(place) error { _, err := unix.IoctlGetInt(0, unix.TIOCINQ); return err }, want: unix.ENOTTY, noLandlock: unix.ENOTTY},
	{name: "file in memory", try: func(place) error { return raw(unix.SYS_MEMFD_CREATE) }, want: unix.EPERM, noSeccomp: unix.EFAULT, noLandlock: unix.EPERM},

	// The disk: what nobody could see or remove.
	{name: "punch a hole", try: func(p place) error {
		return allocate(p, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE)
	}},
	{name: "blocks beyond the end", try: func(p place) error { return allocate(p, unix.FALLOC_FL_KEEP_SIZE) }, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "a file without a name", try: func(p place) error { return open(p.Temp, unix.O_WRONLY|unix.O_TMPFILE) }, want: unix.EACCES, noLandlock: unix.EACCES},
	{name: "set-user-id", try: func(p place) error { return makeFile(p.Temp+"/suid", 0o4777) }, want: unix.EACCES, noLandlock: unix.EACCES},
	{name: "set-group-id", try: func(p place) error { return makeFile(p.Temp+"/sgid", 0o2777) }, want: unix.EACCES, noLandlock: unix.EACCES},
	{name: "mask", try: func(place) error { return raw(unix.SYS_UMASK, 0o077) }},
	{name: "mask of the owner", try: maskOwner, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "make a directory", try: func(p place) error { return makeDir(p.Temp + "/dir") }, want: unix.EPERM, noSeccomp: unix.EACCES, noLandlock: unix.EPERM},
	{name: "open beside a directory", try: func(p place) error {
		return inTemp(p, func(dir int) error {
			fd, err := unix.Openat(dir, "file", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			return errors.Join(err, closed(fd, err))
		})
	}, want: unix.EACCES, noLandlock: unix.EACCES},
	{name: "make beside a directory", try: func(p place) error {
		return inTemp(p, func(dir int) error { return unix.Mkdirat(dir, "file", 0o700) })
	}, want: unix.EPERM, noSeccomp: unix.EEXIST, noLandlock: unix.EPERM},
	{name: "remove beside a directory", try: func(p place) error {
		return inTemp(p, func(dir int) error { return unix.Unlinkat(dir, "none", 0) })
	}, want: unix.EPERM, noSeccomp: unix.ENOENT, noLandlock: unix.EPERM},
	{name: "rename beside a directory", try: func(p place) error {
		return inTemp(p, func(dir int) error { return unix.Renameat(dir, "none", dir, "other") })
	}, want: unix.EPERM, noSeccomp: unix.ENOENT, noLandlock: unix.EPERM},

	// Network: seccomp, with Landlock behind it.
	{name: "TCP", try: func(p place) error {
		return socket(unix.AF_INET, unix.SOCK_STREAM, &unix.SockaddrInet4{Port: p.Port, Addr: [4]byte{127, 0, 0, 1}})
	}, want: unix.EPERM, noSeccomp: unix.EACCES, noLandlock: unix.EPERM},
	{name: "abstract socket", try: func(p place) error {
		return socket(unix.AF_UNIX, unix.SOCK_STREAM, &unix.SockaddrUnix{Name: p.Abstract})
	}, want: unix.EPERM, noSeccomp: unix.EPERM, noLandlock: unix.EPERM},
	{name: "UDP", try: func(place) error { return socket(unix.AF_INET, unix.SOCK_DGRAM, nil) }, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "netlink", try: func(place) error { return socket(unix.AF_NETLINK, unix.SOCK_RAW, nil) }, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "socket pair", try: func(place) error { return raw(unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_STREAM) }, want: unix.EPERM, noSeccomp: unix.EFAULT, noLandlock: unix.EPERM},
	{name: "connect", try: func(place) error { return raw(unix.SYS_CONNECT, ^uintptr(0)) }, want: unix.EPERM, noSeccomp: unix.EBADF, noLandlock: unix.EPERM},
	{name: "bind", try: func(place) error { return raw(unix.SYS_BIND, ^uintptr(0)) }, want: unix.EPERM, noSeccomp: unix.EBADF, noLandlock: unix.EPERM},
	{name: "listen", try: func(place) error { return raw(unix.SYS_LISTEN, ^uintptr(0)) }, want: unix.EPERM, noSeccomp: unix.EBADF, noLandlock: unix.EPERM},
	{name: "accept", try: func(place) error { return raw(unix.SYS_ACCEPT4, ^uintptr(0)) }, want: unix.EPERM, noSeccomp: unix.EBADF, noLandlock: unix.EPERM},
	{name: "pass a descriptor", try: func(place) error { return raw(unix.SYS_SENDMSG, ^uintptr(0)) }, want: unix.EPERM, noSeccomp: unix.EBADF, noLandlock: unix.EPERM},
	{name: "send to an address", try: func(place) error { return raw(unix.SYS_SENDTO, ^uintptr(0), 0, 0, 0, 1) }, want: unix.EPERM, noSeccomp: unix.EBADF, noLandlock: unix.EPERM},
	{name: "send to the peer", try: func(place) error { return raw(unix.SYS_SENDTO, ^uintptr(0)) }, want: unix.EBADF, noSeccomp: unix.EBADF, noLandlock: unix.EBADF},

	// The process.
	{name: "raise a limit", try: raiseLimit, want: unix.EPERM, noSeccomp: unix.EPERM, noLandlock: unix.EPERM, differsByUID: true},
	{name: "limit the parent", try: func(place) error {
		var l unix.Rlimit
		return unix.Prlimit(os.Getppid(), unix.RLIMIT_NOFILE, nil, &l)
	}, want: unix.EPERM, noLandlock: unix.EPERM, rootOnly: true},
	{name: "dumpable again", try: func(place) error { return unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) }, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "outlive the parent", try: func(place) error { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) }, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "processor of the parent", try: func(place) error { return unix.Setpriority(unix.PRIO_PROCESS, os.Getppid(), 19) }, want: unix.EPERM, noLandlock: unix.EPERM, rootOnly: true},
	{name: "map code", try: func(place) error {
		b, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			return err
		}
		return unix.Munmap(b)
	}, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "make code", try: func(place) error {
		b, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			return err
		}
		return errors.Join(unix.Mprotect(b, unix.PROT_READ|unix.PROT_EXEC), unix.Munmap(b))
	}, want: unix.EPERM, noLandlock: unix.EPERM},
	{name: "poison memory", try: func(place) error { return raw(unix.SYS_MADVISE, 1, 0, 101) }, want: unix.EPERM, noSeccomp: unix.EINVAL, noLandlock: unix.EPERM, rootOnly: true},
	{name: "clone3", try: func(place) error { return raw(unix.SYS_CLONE3) }, want: unix.ENOSYS, noSeccomp: unix.EINVAL, noLandlock: unix.ENOSYS},
	{name: "openat2", try: func(place) error { return raw(unix.SYS_OPENAT2) }, want: unix.ENOSYS, noSeccomp: unix.EINVAL, noLandlock: unix.ENOSYS},
	{name: "a call that nobody listed", try: func(place) error { return raw(unix.SYS_TIMERFD_CREATE, 99) }, want: unix.ENOSYS, noSeccomp: unix.EINVAL, noLandlock: unix.ENOSYS},
	{name: "another filter", try: func(place) error { return raw(unix.SYS_SECCOMP, 99) }, want: unix.EPERM, noSeccomp: unix.EINVAL, noLandlock: unix.EPERM},
}

func useTemp(p place) error {
	dir := p.Temp
	f, err := os.Create(dir + "/a")
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte("spilled"), 8192)
	return errors.Join(err, unix.Fallocate(int(f.Fd()), 0, 0, 1<<16), f.Truncate(4096), f.Sync(), f.Close(),
		os.Rename(dir+"/a", dir+"/b"), open(dir+"/b", unix.O_RDWR|unix.O_TRUNC), os.Remove(dir+"/b"))
}

// makeFile makes a file and removes it, where it can.
func makeFile(path string, mode uint32) error {
	fd, err := unix.Open(path, unix.O_CREAT|unix.O_WRONLY|unix.O_CLOEXEC, mode)
	if err != nil {
		return err
	}
	_, _ = unix.Close(fd), unix.Unlink(path)
	return nil
}

func makeDir(path string) error {
	if err := unix.Mkdir(path, 0o700); err != nil {
		return err
	}
	return unix.Rmdir(path)
}

// allocate gives a file of its own blocks, or takes them.
func allocate(p place, mode uint32) error {
	fd, err := unix.Open(p.Temp+"/blocks", unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	err = unix.Fallocate(fd, mode, 0, 1<<20)
	return errors.Join(err, unix.Close(fd), unix.Unlink(p.Temp+"/blocks"))
}

// maskOwner has files made that their owner could not read.
func maskOwner(place) error {
	if err := raw(unix.SYS_UMASK, 0o300); err != nil {
		return err
	}
	return raw(unix.SYS_UMASK, 0o022)
}

func inTemp(p place, do func(dir int) error) error {
	dir, err := unix.Open(p.Temp, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return errors.Join(do(dir), unix.Close(dir))
}

func closed(fd int, err error) error {
	if err != nil {
		return nil //nolint:nilerr // there is nothing to close
	}
	return unix.Close(fd)
}

func renameOut(p place) error {
	from := p.Temp + "/rename"
	if err := os.WriteFile(from, nil, 0o600); err != nil {
		return err
	}
	err := unix.Rename(from, p.Outside+"/renamed")
	_, _ = unix.Unlink(from), unix.Unlink(p.Outside+"/renamed")
	return err
}

func raiseLimit(place) error {
	return unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 512, Max: 512})
}

func init() {
	activities["attempts"] = func(j job) (answer, error) {
		report, err := enter(j)
		a := answer{Report: report, Errors: map[string]int{}}
		for _, try := range attempts {
			var errno unix.Errno
			if err := try.try(j.Place); err != nil && !errors.As(err, &errno) {
				return a, err
			}
			a.Errors[try.name] = int(errno)
		}
		a.Finding = SelfTest()
		return a, err
	}
}

// Every attempt ends as it should, and by the mechanism meant for it.
func TestAttempts(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed below
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	port := listener.Addr().(*net.TCPAddr).Port //nolint:errcheck // it is
	abstract := "@sallyport-sandbox-test-" + strconv.Itoa(os.Getpid())
	hidden, err := net.Listen("unix", abstract) //nolint:noctx // closed below
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hidden.Close() }()

	for user, credential := range users() {
		root := credential == nil && os.Getuid() == 0
		for name, c := range map[string]struct {
			take func(*job)
			want func(attempt) unix.Errno
		}{
			"whole":            {func(*job) {}, func(a attempt) unix.Errno { return a.want }},
			"without seccomp":  {func(j *job) { j.WithoutSeccomp = true }, func(a attempt) unix.Errno { return a.noSeccomp }},
			"without Landlock": {func(j *job) { j.WithoutLandlock = true }, func(a attempt) unix.Errno { return a.noLandlock }},
		} {
			t.Run(user+", "+name, func(t *testing.T) {
				place := newPlace(t)
				place.Port, place.Abstract = port, abstract
				j := job{Do: "attempts", Policy: place.policy(), Place: place}
				c.take(&j)
				got := run(t, j, credential).answer
				if got.Report.Complete() != (name == "whole") {
					t.Errorf("complete: %v: %s", got.Report.Complete(), got.Report)
				}
				for _, a := range attempts {
					if name != "whole" && !root && (a.rootOnly || a.differsByUID) || name != "whole" && a.differsByUID {
						continue // the account's own rights say no as well
					}
					if errno := unix.Errno(got.Errors[a.name]); errno != c.want(a) {
						t.Errorf("%s: %d (%v), want %d (%v)", a.name, errno, errno, c.want(a), c.want(a))
					}
				}
				for _, f := range got.Finding {
					if name == "whole" && !f.Refused {
						t.Errorf("self-test: %s: %q", f.Attempt, f.Error)
					}
				}
				if name != "whole" {
					t.Logf("%s; %+v", got.Report, got.Finding)
				}
			})
		}
	}
}
