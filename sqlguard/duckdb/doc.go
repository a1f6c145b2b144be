// Package duckdb is the guard's adapter for DuckDB.
//
// It parses with DuckDB's own parser: json_serialize_sql, called in a private
// in-memory instance that is empty, locked and cut off from files and
// network. The serialised tree is lowered into the guard's neutral tree by a
// walk that denies by default: a node, a clause or even a field that this
// package does not know refuses the statement. SQL is then rendered from the
// neutral tree alone.
package duckdb
