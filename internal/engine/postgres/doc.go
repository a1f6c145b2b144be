// Package postgres runs checked queries against a PostgreSQL server.
//
// The guard decides what may run; this package assumes that it was wrong. The
// role may do nothing but read, which Open verifies and refuses to go on
// without. Every query is one READ ONLY transaction that ends in ROLLBACK,
// with the server's own limits on time, locks, memory and temporary files. A
// connection whose state could have changed is closed and not used again.
//
// A query takes one round trip: the transaction's beginning, the statement,
// the release of advisory locks and the ROLLBACK go out together, as prepared
// statements of the extended protocol, which takes one statement at a time. So
// does an estimate, whose statement is an EXPLAIN that plans and does not run.
// Rows are decoded from the binary format into columns of a bounded chunk (256
// KiB, or one row that is longer), which is encoded before the next row is
// read: memory is bounded by a chunk, a row of the wire and a buffer, and a
// client that reads slowly slows the server down. A row whose texts are longer
// than the answer may be is refused before they are written out.
//
// Connections go to clients in fair turns (package schedule). Estimates take
// one like queries do.
//
// When the request ends, a deadline passes or a limit is reached, the query is
// cancelled on the server (CancelRequest), and Run returns when the server has
// confirmed that it ended. A server that does not answer in time loses the
// connection; it then notices by client_connection_check_interval.
//
// The settings that protect are session defaults, sent when a connection is
// made and verified. A pooler that hands sessions to others (PgBouncer in
// transaction mode) cannot keep them: Open says so and refuses.
package postgres
