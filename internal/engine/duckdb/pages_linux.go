package duckdb

import "golang.org/x/sys/unix"

// smallPages switches huge pages off for this process: with them it could take
// memory several times as fast as whoever watches it can look.
func smallPages() error { return unix.Prctl(unix.PR_SET_THP_DISABLE, 1, 0, 0, 0) }
