// Package fold compares names of tables, columns and functions.
//
// Engines fold the letters A to Z in names and no others: to DuckDB "É" and
// "é" are two tables, and the long s of "airportſ" is no s. Go's EqualFold and
// ToLower fold all of Unicode, and take for one name what an engine keeps
// apart. So there are two folds. What a match lets through is compared by the
// narrow one, which is the engines' own; what a match refuses, by the wide one.
package fold
