// Package corpus judges many queries at once, such as a log of what a database
// was asked, so that one can see what the guard would refuse before it is
// switched on.
//
// A corpus is a stream of JSON lines, {"id","dialect","sql"}, read one at a
// time: memory does not grow with it. Each query is judged once, one after the
// other and without a cache, so that the times mean something. Nothing is run.
//
// A Schema holds the tables of the database that the queries were written for,
// read from its DDL. Nor is that run against anything: Postgres's is only
// parsed, and DuckDB's makes empty tables in a private instance in memory.
//
// The verdicts are the guard's. What comes after it when a source is served,
// such as the ceiling on the planner's estimate, needs the database and is not
// part of this.
package corpus
