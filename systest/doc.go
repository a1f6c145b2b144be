// Package systest runs the real binary as its user would, and attacks it from
// outside: over its connections, its signals, its processes and its files. It
// has tests only.
//
// Limits: it looks into /proc, so its tests exist on Linux only. What a single
// package can show is tested there.
package systest
