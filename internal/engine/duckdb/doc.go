// Package duckdb runs checked queries against DuckDB in worker processes.
//
// DuckDB's own limits do not bound what a scalar function allocates or how
// long it runs after an interrupt, so the process is the wall: the server
// re-executes its binary as workers, each opens the source read-only with
// external access off and its configuration locked, under resource limits,
// and runs one query at a time. A deadline is an interrupt and then SIGKILL.
// A worker's death is one failed query, never the server's.
//
// Server and worker talk over a socket pair in frames (see frame.go). The
// worker encodes straight from DuckDB's column vectors; the server counts
// bytes and copies.
//
// A worker also plans queries without running them (Estimate), on a connection
// of its own: planning computes what is constant, so it is bounded alike.
//
// What the kernel itself forbids a worker (files, sockets, new processes) is
// not yet part of this package; its place is between applyLimits and open in
// worker.go.
package duckdb
