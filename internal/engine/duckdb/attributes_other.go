//go:build !linux

package duckdb

import (
	"os"
	"syscall"
)

// attributes are those of a worker's process.
func attributes(*os.File) *syscall.SysProcAttr { return nil }
