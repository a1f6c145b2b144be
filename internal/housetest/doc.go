// Package housetest holds the house rules that a compiler does not check, as tests.
//
// It has no code of its own. The tests read the module's source tree, all
// operating systems' files included, and fail when
//
//   - a package imports a package it may not (tiers_table_test.go), or stands in no tier;
//   - a file imports, names or calls what is forbidden where it stands (forbidden_table_test.go);
//   - a package has no doc comment;
//   - a Go file that is not generated is longer than 600 lines;
//   - a link between two files of the repository, or to a heading in one, leads nowhere.
//
// Each rule is a function over a tree of files, and is itself tested with small
// trees that must fail. To change a rule, change its table and say why in the
// reason that stands beside it: the reason is what a failing test prints.
package housetest
