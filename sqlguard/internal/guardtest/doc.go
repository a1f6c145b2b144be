// Package guardtest holds what the tests of both dialects do alike: reading
// the corpora and judging them, fuzzing, the worst cases for a parser, the
// lists of functions, and the differential against a scratch database. The
// tests beside the adapters bring the dialect and its data.
//
// Only tests use it. It starts no engine and no service: those it is given.
package guardtest
