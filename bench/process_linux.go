package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends a server even if the run is killed and cannot.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
