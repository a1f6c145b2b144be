package sandbox

import (
	"errors"
	"fmt"
	"os"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

const (
	readFile = ll.AccessFSReadFile
	readDir  = ll.AccessFSReadFile | ll.AccessFSReadDir
	// No links, devices, sockets, pipes or directories, and no moving between
	// directories.
	readWrite = readDir | ll.AccessFSWriteFile | ll.AccessFSTruncate | ll.AccessFSMakeReg | ll.AccessFSRemoveFile

	// strictestABI is the newest that landlock.V11 below handles.
	strictestABI = 11
	// scopedSignalsFixed is the erratum without which threads of one process
	// cannot signal each other; the library then does without ABI 6.
	scopedSignalsFixed = 1 << 1
)

// landlockRules makes the rules of a policy; a path that does not exist is a mistake.
func landlockRules(p Policy) ([]landlock.Rule, error) {
	root, err := os.Stat("/")
	if err != nil {
		return nil, err
	}
	stat := func(path string) (os.FileInfo, error) {
		info, err := os.Stat(path)
		if err == nil && os.SameFile(info, root) {
			err = errOpensAll
		}
		return info, err
	}
	var rules []landlock.Rule
	for _, path := range p.Read {
		info, err := stat(path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("sandbox: to read: %w", err)
		case info.IsDir():
			rules = append(rules, landlock.PathAccess(readDir, path))
		case info.Mode().IsRegular():
			rules = append(rules, landlock.PathAccess(readFile, path))
		default:
			return nil, fmt.Errorf("sandbox: to read: %s is neither a file nor a directory", path)
		}
	}
	for _, path := range p.ReadWrite {
		info, err := stat(path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("sandbox: to write: %w", err)
		case !info.IsDir():
			return nil, fmt.Errorf("sandbox: to write: %s is not a directory", path)
		}
		rules = append(rules, landlock.PathAccess(readWrite, path))
	}
	return rules, nil
}

// landlockABI is what the kernel offers and the library uses.
func landlockABI() (int, error) {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil {
		return 0, err
	}
	if abi >= 6 {
		if errata, err := ll.LandlockGetErrata(); err != nil || errata&scopedSignalsFixed == 0 {
			abi = 5
		}
	}
	return min(abi, strictestABI), nil
}

// restrict enforces the rules on all threads, as strictly as the kernel can.
//
// Any ABI will do: what the older ones lack, seccomp refuses as well. Before ABI
// 3 that is truncation (by path, or by opening with O_TRUNC alone), before 4 TCP,
// before 6 signals to others.
func restrict(rules []landlock.Rule, version func() (int, error)) (abi int, err error) {
	abi, err = version()
	switch {
	case errors.Is(err, unix.ENOSYS):
		return 0, errors.New("not in this kernel, or hidden by a container's filter")
	case errors.Is(err, unix.EOPNOTSUPP):
		return 0, errors.New("off at boot")
	case err != nil:
		return 0, err
	case abi < 1:
		return 0, errors.New("no usable version")
	}
	if err := threadsVisible(); err != nil {
		return 0, err
	}
	return abi, landlock.V11.BestEffort().Restrict(rules...)
}
