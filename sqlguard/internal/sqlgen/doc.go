// Package sqlgen makes SQL statements for tests: queries grown from a grammar
// over a small schema, and mutations of those and of real ones.
//
// What it makes depends on nothing but a seed and a number, so that one
// statement can be made again without those before it. The queries are typed:
// most of them run. The mutations mostly do not; they are there for what a
// grammar would not think of.
package sqlgen
