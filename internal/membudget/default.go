package membudget

import (
	"fmt"
	"io/fs"
	"os"
)

// share is how much of the memory there is the budget takes when none is
// configured, in percent: the rest is for the page cache and everybody else.
const share = 80

// assumed is the memory of a machine that does not tell.
const assumed = 1 << 30

// Default is the budget, in bytes, when none is configured: 80% of the least of
// the machine's memory and the limits of the control groups (v2 and v1) that
// this process is in. The text names the source and is meant for people.
func Default() (limit int64, source string) {
	return defaultFrom(os.DirFS("/"), physical())
}

// defaultFrom is Default for other file systems and machines; memory is 0 where
// it is not known.
func defaultFrom(root fs.FS, memory int64) (limit int64, source string) {
	least, from := memory, "the machine's memory"
	if group, file := groupLimit(root); group > 0 && (least <= 0 || group < least) {
		least, from = group, "/"+file
	}
	if least <= 0 {
		least, from = assumed, "assumed, since the system does not tell its memory"
	}
	limit = least / 100 * share
	return limit, fmt.Sprintf("%d%% of %s (%s)", share, size(least), from)
}
