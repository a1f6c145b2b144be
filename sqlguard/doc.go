// Package sqlguard decides whether SQL from a stranger may run.
//
// A Guard takes the text of one statement through layers, in this order, and
// the first that objects ends it: size, encoding and shape of the text; the
// kind and number of statements; words that write or administer; comments;
// then the engine's own parser, and rules over its tree. What may run is not
// the text that came in but SQL rendered from the checked tree, with a row
// limit, and that rendering is parsed and checked once more before a Query is
// made of it.
//
// A Query cannot be made in any other way: a function that takes one cannot
// be handed SQL that nobody checked. The zero Query is not valid.
//
// The guard bounds what a query may do before it starts. It does not bound
// what it costs while it runs: that is the engine's part (deadline, memory,
// threads, temporary disk, bytes of the answer), without which no guard
// suffices.
//
//	adapter, err := duckdb.Open()
//	guard, err := sqlguard.New(sqlguard.Config{Adapter: adapter, Policy: sqlguard.Policy{Tables: []string{"flights"}}})
//	query, err := guard.Check(ctx, "SELECT count(*) FROM flights")
package sqlguard
