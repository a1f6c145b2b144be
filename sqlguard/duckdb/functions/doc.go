// Package functions holds the verdict on every function of DuckDB.
//
// It is the guard's allowlist as data: functions.tsv names each function and
// families.tsv says why its family is let through or refused. A name that is
// in neither list has not been judged, and the guard refuses it; a test
// compares the list with duckdb_functions(), so that a new engine version's
// functions come out as unjudged.
//
// A line of functions.tsv has six columns, separated by tabs:
//
//	name     in lower case
//	kind     what DuckDB takes the name for, separated by commas: aggregate,
//	         macro, pragma, scalar, table, table_macro as in its catalog;
//	         window for what needs OVER; value for what is called by naming a
//	         column that does not exist; grammar for what resolves without
//	         being in the catalog; absent for what the grammar or a habit from
//	         other engines writes although DuckDB has no such function
//	verdict  allow or deny
//	rule     for deny: sql.function, sql.generator, sql.catalog or
//	         sql.file_source; - for allow
//	family   the family in families.tsv, whose verdict agrees
//	traits   what a caller must still check, see Verdict; - for nothing
//
// "Allowed" means: pure but for the clock and for random numbers, without
// state, files, catalog or lambdas, bounded in time and size by its arguments
// as far as the traits say. It never opens FROM: a name that is both an
// aggregate and a table macro, such as histogram, is judged as an expression.
// The verdict is on DuckDB's own function; a macro stored in a database file
// under the same name shadows it and is not judged here.
//
// The package imports nothing of this project and opens no database.
package functions
