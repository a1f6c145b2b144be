package duckdb

import "os"

// files are the source's Parquet files as they were when a worker started. Its
// sandbox opens these to it, not whatever has taken their names since
// (landlock(7): a rule holds for a file, not for a path).
type files map[string]os.FileInfo

func lookAt(paths []string) files {
	seen := make(files, len(paths))
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			seen[path] = info
		}
	}
	return seen
}

// replaced reports whether a file is there that was not.
func (f files) replaced() bool {
	for path, before := range f {
		if now, err := os.Stat(path); err == nil && !os.SameFile(before, now) {
			return true
		}
	}
	return false
}

// outdated reports whether the worker cannot see the source as it is now, and
// if so makes all the others of its time give way to new ones.
func (p *pool) outdated(worker *process) bool {
	if !worker.files.replaced() {
		return false
	}
	p.generation.CompareAndSwap(worker.generation, worker.generation+1)
	return true
}

// current reports whether a worker started after the files changed last.
func (p *pool) current(worker *process) bool { return worker.generation == p.generation.Load() }
