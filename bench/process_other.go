//go:build !linux

package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent does nothing where the system has no such thing.
func dieWithParent(*exec.Cmd, syscall.Signal) {}

// runAs does nothing: PostgreSQL says itself that it does not run as root.
func runAs(*exec.Cmd, uint32, uint32) {}
