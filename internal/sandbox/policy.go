package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// Policy says what a process may still do.
type Policy struct {
	// Read are files, and directories with all below them, that may be read.
	// Paths are absolute and exist; a link stands for what it points to.
	Read []string
	// ReadWrite are directories in which files may be made, read, written and
	// removed, and no directories. Paths are absolute and exist.
	ReadWrite []string
	// Limits are the process's own.
	Limits Limits
	// Parent is the process id of the parent, which must still be the parent.
	// SIGKILL follows the end of the parent's *thread* that made this process,
	// so the parent must start it from a goroutine that has called
	// runtime.LockOSThread and lives as long as the process.
	Parent int
	// Descriptors stay open, beside 0, 1, 2 and those that have the
	// close-on-exec flag, as all have that Go opens. Others are closed.
	Descriptors []int
}

// Limits are set with setrlimit, soft and hard alike. Core dumps are always off.
type Limits struct {
	Data         uint64        // RLIMIT_DATA in bytes; required
	AddressSpace uint64        // RLIMIT_AS in bytes; required
	FileSize     uint64        // RLIMIT_FSIZE in bytes; zero: no file may grow
	OpenFiles    uint64        // RLIMIT_NOFILE; required
	CPU          time.Duration // RLIMIT_CPU, rounded up to a second; required
	// Processes is RLIMIT_NPROC; zero leaves it as it is. The kernel counts all
	// threads of the account on the machine against it, so a number that looks
	// generous for one worker stops it from making threads when the account is
	// busy elsewhere. Where seccomp holds there is no fork, and it bounds
	// threads alone. Root has no such limit.
	Processes uint64
}

var errOpensAll = errors.New("sandbox: a policy that opens / is none")

func (p Policy) validate() error {
	var problems []error
	for name, missing := range map[string]bool{
		"Limits.Data": p.Limits.Data == 0, "Limits.AddressSpace": p.Limits.AddressSpace == 0,
		"Limits.OpenFiles": p.Limits.OpenFiles == 0, "Limits.CPU": p.Limits.CPU <= 0, "Parent": p.Parent <= 0,
	} {
		if missing {
			problems = append(problems, fmt.Errorf("sandbox: %s is missing", name))
		}
	}
	for _, paths := range [][]string{p.Read, p.ReadWrite} {
		for _, path := range paths {
			switch {
			case !filepath.IsAbs(path):
				problems = append(problems, fmt.Errorf("sandbox: %q is not an absolute path", path))
			case filepath.Clean(path) == "/":
				problems = append(problems, errOpensAll)
			}
		}
	}
	return errors.Join(problems...)
}

// seconds is the processor time as setrlimit counts it.
func (l Limits) seconds() uint64 {
	return uint64((l.CPU + time.Second - 1) / time.Second) //nolint:gosec // validate has refused what is not positive
}
