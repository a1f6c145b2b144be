package sandbox

import (
	"fmt"

	"golang.org/x/sys/unix"
)

type limit struct {
	name     string
	resource int
	value    uint64
}

// setLimits sets the resource limits, of which none can be raised again
// except by root, whom seccomp keeps from it.
func setLimits(l Limits) error {
	list := []limit{
		{"RLIMIT_DATA", unix.RLIMIT_DATA, l.Data},
		{"RLIMIT_AS", unix.RLIMIT_AS, l.AddressSpace},
		{"RLIMIT_CPU", unix.RLIMIT_CPU, l.seconds()},
		{"RLIMIT_FSIZE", unix.RLIMIT_FSIZE, l.FileSize},
		{"RLIMIT_CORE", unix.RLIMIT_CORE, 0},
		{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, l.OpenFiles},
	}
	if l.Processes > 0 {
		list = append(list, limit{"RLIMIT_NPROC", unix.RLIMIT_NPROC, l.Processes})
	}
	for _, l := range list {
		if err := setLimit(l); err != nil {
			return err
		}
	}
	return nil
}

// setLimit lowers one limit. One that is lower already stays.
func setLimit(l limit) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(l.resource, &now); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	value := min(l.value, now.Max)
	if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: value, Max: value}); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	return nil
}
