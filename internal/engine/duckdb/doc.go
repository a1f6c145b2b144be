// Package duckdb runs checked queries against DuckDB in worker processes.
//
// DuckDB's own limits do not bound what a scalar function allocates or how
// long it runs after an interrupt, so the process is the wall: the server
// re-executes its binary as workers, each gives up what it does not need
// (internal/sandbox), opens the source read-only with external access off and
// its configuration locked, and runs one query at a time. A deadline is an
// interrupt and then SIGKILL. A worker's death is one failed query, never the
// server's.
//
// # Channels
//
// Server and worker talk over two socket pairs, in frames (frame.go):
//
//	3  queries and answers; setup and catalog as JSON, what is said of each query packed (wire.go)
//	4  interrupts, so that nobody has to read the first one while a query runs
//
// Each side bounds what it reads of the other: a worker may be out of its mind.
// It encodes straight from DuckDB's column vectors; the server counts bytes and
// copies. A worker keeps prepared statements for some seconds
// (worker_statements.go), and writes long answers while the next piece is
// encoded (worker_sender.go).
//
// A worker also plans queries without running them (Estimate), on a connection
// of its own: planning computes what is constant, so it is bounded alike.
//
// # Workers
//
// The pool has as many as there are places, spare ones included, and
// internal/engine/schedule decides who is next. One is replaced when it has
// died, did not end in time, answered maxQueries, used half of its processor
// time, or kept memory (gauge_linux.go). One that dies idle is replaced before
// anybody needs it. A query runs a second time, once, where the worker was
// killed by somebody else just after it began, was ended by the memory budget as
// an idle one, or cannot see a Parquet file that has been replaced
// (generation.go); not if some of its answer has been sent.
//
// All workers are started by one thread, which ends last (spawner.go). Their
// memory is watched by internal/membudget, their temporary files by watchDisk.
//
// # Limits
//
// The process that converts CSV files is not enclosed: it writes into the cache,
// before anything is served, and no client's text reaches it. On systems other
// than Linux there are rlimits only, and no memory is watched.
package duckdb
