//go:build !chaos

package duckdb

// misbehave does nothing: only a test's build of a worker does.
func (w *worker) misbehave(work) bool { return false }
