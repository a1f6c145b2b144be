package membudget

import "golang.org/x/sys/unix"

// physical is the machine's memory in bytes, 0 if unknown.
func physical() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(uint64(info.Totalram) * uint64(info.Unit)) //nolint:gosec,unconvert // Totalram has 32 bits on some machines, and no machine has 8 EiB
}
