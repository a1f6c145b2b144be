package membudget

import "errors"

// errUnsupported says that this system has no cheap way to read the memory of
// another process.
var errUnsupported = errors.New("membudget: memory of processes is not read on this system")

// A reading is a process's resident memory, in bytes.
type reading struct {
	resident int64 // all of it
	shared   int64 // of which file-backed or in shared memory
}

// maxText is how much of a process's shared memory is taken for the program's
// text, which all processes share. A worker has some 40 MiB of it.
const maxText = 64 << 20

// text is the part that is counted once for all processes.
func (r reading) text() int64 { return min(r.shared, maxText) }

// private is the part that is counted to the process.
func (r reading) private() int64 { return max(r.resident-r.text(), 0) }

// A meter reads one process's memory.
type meter interface {
	// read reports false where the process has no memory any more, or is gone.
	read() (reading, bool)
	close()
}
