package sandbox

import (
	"crypto/rand"
	"errors"

	"golang.org/x/sys/unix"
)

// SelfTest tries, inside the sandbox, what must fail: to read and make files
// outside of the policy and to reach the network. Nothing is left behind where
// an attempt succeeds. It takes some microseconds. What would kill the process
// is not tried. Where the policy itself opens /tmp or /etc/passwd, or the machine
// has no such file, the finding says so and proves nothing.
func SelfTest() []Finding {
	local := [4]byte{127, 0, 0, 1}
	return []Finding{
		finding("read /etc/passwd", tryOpen("/etc/passwd", unix.O_RDONLY)),
		finding("list /", tryOpen("/", unix.O_RDONLY|unix.O_DIRECTORY)),
		finding("make a file in /tmp", tryMake("/tmp/"+rand.Text())),
		finding("make a socket", trySocket()),
		finding("connect to 127.0.0.1", tryConnect(unix.AF_INET, &unix.SockaddrInet4{Port: 1, Addr: local})),
		finding("connect to a socket file", tryConnect(unix.AF_UNIX, &unix.SockaddrUnix{Name: "/run/systemd/notify"})),
		finding("connect to an abstract socket", tryConnect(unix.AF_UNIX, &unix.SockaddrUnix{Name: "@sandbox"})),
	}
}

func finding(attempt string, err error) Finding {
	f := Finding{Attempt: attempt}
	if err != nil {
		f.Error = err.Error()
		// "No such file" and "connection refused" prove nothing.
		f.Refused = errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)
	}
	return f
}

func tryOpen(path string, flags int) error {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// tryMake makes a file whose name nobody can foresee, and so have taken.
func tryMake(path string) error {
	err := tryOpen(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL)
	if err == nil {
		_ = unix.Unlink(path) // that it could be made is what counts
	}
	return err
}

func trySocket() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// tryConnect connects a socket of its own; where none can be made, it asks
// whether the call is refused before it looks at the descriptor.
func tryConnect(family int, to unix.Sockaddr) error {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return unix.Connect(-1, to)
	}
	return errors.Join(unix.Connect(fd, to), unix.Close(fd))
}
