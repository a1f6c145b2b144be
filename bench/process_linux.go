package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent sends a server a signal if the run is killed and cannot.
func dieWithParent(cmd *exec.Cmd, signal syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: signal}
}

// runAs has a program run as another user. It goes after dieWithParent.
func runAs(cmd *exec.Cmd, uid, gid uint32) {
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: gid}
}
