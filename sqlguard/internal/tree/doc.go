// Package tree is the neutral query tree that the guard's rules read.
//
// Each dialect's adapter lowers the parse tree of the engine's own parser into
// these types and renders SQL from them again. The tree is lossless for what
// the guard accepts and cannot express anything else: what no adapter lowers
// has no node here, so it can be neither judged nor executed.
package tree
