// Package engine says what every database behind Sallyport must be able to
// do: run a checked query within limits, and describe what it holds.
//
// Run takes a sqlguard.Query, which only a guard can make: SQL that nobody
// checked does not compile its way into a database.
package engine
