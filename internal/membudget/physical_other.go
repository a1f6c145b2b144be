//go:build !linux && !darwin

package membudget

// physical is the machine's memory in bytes, 0 if unknown.
func physical() int64 { return 0 }
