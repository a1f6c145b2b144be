package duckdb

import (
	"bytes"
	"os"
	"strconv"
)

// statSize is more than /proc/PID/stat has: a name and some fifty numbers.
const statSize = 2048

// threadsOf is how many threads a process has; zero: it is gone, or /proc does
// not say.
func threadsOf(pid int) int {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }() // it was only read
	var line [statSize]byte
	n, err := file.Read(line[:])
	if err != nil {
		return 0
	}
	return threadsIn(line[:n])
}

// threadsIn finds the count in the text: field 20, and the third begins after
// the name, in which the process may have written anything.
func threadsIn(stat []byte) int {
	const fields = 20 - 3
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	for range fields + 1 { // a space stands before each
		var found bool
		if _, rest, found = bytes.Cut(rest, []byte(" ")); !found {
			return 0
		}
	}
	number, _, _ := bytes.Cut(rest, []byte(" "))
	n, err := strconv.Atoi(string(number))
	if err != nil {
		return 0
	}
	return max(n, 0)
}
