//go:build !linux

package duckdb

// applyLimits does nothing where limits on memory are not enforced: macOS
// ignores RLIMIT_AS and RLIMIT_DATA. DuckDB's own limits and the deadline
// remain.
func applyLimits(setup) error { return nil }
