//go:build !linux

package duckdb

// smallPages has nothing to switch off.
func smallPages() error { return nil }
