// Package scan splits SQL into tokens without understanding it.
//
// It serves the guard's text layers: the cheap, early refusals that must come
// before a parser written in C sees the text. It is not a parser and nothing
// is ever accepted because of it: the engine's own parser judges afterwards,
// and only SQL rendered from that parser's tree is executed.
package scan
