// Package functions holds the verdict on every function and operator of
// PostgreSQL.
//
// It is the guard's allowlist as data: functions.tsv names each function and
// families.tsv says why its family is let through or refused. A name that is
// in neither list has not been judged, and the guard refuses it; a test
// compares the list with pg_proc and pg_operator of a real server, so that a
// new version's functions come out as unjudged.
//
// A line of functions.tsv has six columns, separated by tabs:
//
//	name     in lower case
//	kind     separated by commas: aggregate, scalar, set (it returns a set),
//	         window and procedure as in pg_proc; operator as in pg_operator;
//	         grammar for what the grammar has a word for, whether or not there
//	         is a function too; later for what PostgreSQL 15 does not have yet;
//	         extension for what an extension brings
//	verdict  allow or deny
//	rule     for deny: sql.function, sql.generator, sql.catalog or
//	         sql.file_source; - for allow
//	family   the family in families.tsv, whose verdict agrees
//	traits   what a caller must still check, see Verdict; - for nothing
//
// "Allowed" means: pure but for the clock and for random numbers, without
// state, files or catalog, bounded in time and size by its arguments as far as
// the traits say. The verdict is on the function of the schema pg_catalog. What
// a database defines under the same name is not judged here, and is not called:
// the guard's SQL names the schema.
//
// The package imports nothing of this project and opens no database.
package functions
