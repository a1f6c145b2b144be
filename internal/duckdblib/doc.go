// Package duckdblib is a thin wrapper over DuckDB's C API.
//
// It exists because database/sql moves every value through an `any`, and
// because both users of DuckDB in this module (the guard's parser and the
// engine's worker) need exact control over who owns a handle. Every type here
// owns one native handle and is freed by its Close; none is safe for
// concurrent use except Conn.Interrupt.
package duckdblib
