// Package postgres is the guard's adapter for PostgreSQL.
//
// It parses with PostgreSQL's own parser, taken out of the server as
// libpg_query: no database takes part. The parse tree is lowered into the
// guard's neutral tree by a walk that denies by default: a node, a clause or
// even a field that this package does not know refuses the statement. SQL is
// then rendered from the neutral tree alone.
//
// What is rendered names the schema of everything it can: tables public,
// functions and types pg_catalog. Operators, and what IN, BETWEEN, CASE and
// NULLIF compare with, have no schema in SQL, so an engine must run the
// rendering with
//
//	search_path = pg_catalog, pg_temp
//
// and nothing else in it: then no function, operator, type or table that a
// user has made stands in for PostgreSQL's own. String literals mean the same
// whatever standard_conforming_strings is.
//
// Names are PostgreSQL's: exact, after unquoted ones have been folded to lower
// case. "Users" and users are two relations, in policies, catalogs and WITH too.
// A table of another schema than public has that before its name: sales.orders.
package postgres
