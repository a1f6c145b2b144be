package guardtest

import (
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Scratch is a database that may be written, to see that nothing is. Each of
// the statements is a transaction of its own, which commits.
type Scratch interface {
	// Rendered runs what the guard made of a statement, as an engine would.
	Rendered(q sqlguard.Query, params []string) Answer
	// Original runs the statement that q was made of, in a session that finds
	// the source's tables by their plain names.
	Original(sql string, q sqlguard.Query, params []string) Answer
	// State sums up all that a statement could have changed: contents,
	// catalog, sequences, settings, locks, files.
	State() (string, error)
	Close()
}

// Answer is how a statement ended.
type Answer struct {
	Columns []string // names, as far as they do not follow the spelling
	Rows    []string // each as one text
	Err     error
	Late    bool // the deadline ended it
}

// multiset counts rows.
func multiset(rows []string) map[string]int {
	set := make(map[string]int, len(rows))
	for _, row := range rows {
		set[row]++
	}
	return set
}

// within reports whether every row of part stands in whole, as often at least.
func within(part, whole []string) bool {
	set := multiset(whole)
	for row, n := range multiset(part) {
		if set[row] < n {
			return false
		}
	}
	return true
}
