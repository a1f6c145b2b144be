package duckdb

import (
	"os"
	"syscall"
)

// attributes are those of a worker's process: it dies with the thread that
// starts it, and is born into its control group if there is one.
func attributes(group *os.File) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if group != nil {
		a.UseCgroupFD, a.CgroupFD = true, int(group.Fd())
	}
	return a
}
