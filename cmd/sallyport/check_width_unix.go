//go:build unix

package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// width is that of the terminal that w is, in characters; 0 if it is none.
func width(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return 0
	}
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return 0
	}
	return int(size.Col)
}
