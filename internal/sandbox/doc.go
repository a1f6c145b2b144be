// Package sandbox is the kernel's part of what holds a worker process: a
// process calls Apply on itself, once, before it touches anything a stranger
// has sent, and from then on the kernel refuses what a worker has no use for,
// whatever code runs in it.
//
//	Landlock        files: only Policy.Read and Policy.ReadWrite; no TCP; no signals out
//	seccomp         an allowlist of system calls (syscalls_linux.go)
//	no new privs    no set-user-id program gives rights back
//	rlimits         memory, processor time, file sizes, descriptors, threads
//	parent death    SIGKILL when the server is gone
//	not dumpable    no other process of the account reads its memory
//	oom score       the kernel takes a worker before it takes the server
//	descriptors     nothing inherited that was not meant to be
//
// What the kernel lacks is not an error: the Report names it, and whoever
// started the worker decides whether that is enough. Errors are mistakes in the
// Policy, and a parent that has died.
//
// System calls end in one of three ways. What no worker has any business with
// (exec, fork, ptrace, mount, bpf) kills the process by SIGSYS, which the
// server sees. What a library may try, and what SelfTest tries, fails with an
// errno. What the filter does not know does not exist: ENOSYS, on which C
// libraries fall back to older calls.
//
// What a process takes of the disk has a name and a size: it makes no
// directories, which could be too deep or too dark to look into, no files without
// names, no blocks beyond the end of a file. A file that it removes while it is
// open escapes that until it is closed: whoever started it watches the free space.
//
// Limits. Metadata stays visible: stat and access work on every path, since
// Landlock does not cover them. Before Landlock ABI 8 the process can list its
// own /proc/PID/task, which the synchronisation of threads needs. Capabilities of
// a worker that runs as root are kept, so that it can read what it could before:
// a server should not run as root. On systems other than Linux only the rlimits
// exist.
//
// NewCgroups is for the server: a cgroup of its own for each worker.
package sandbox
