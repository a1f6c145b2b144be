package membudget

import "fmt"

// A Reason is why a worker is ended.
type Reason int

const (
	unknown Reason = iota
	// Kept means that it kept the memory of earlier queries: it was idle, or its
	// query took next to nothing, and may run again elsewhere.
	Kept
	// Query means that the query it runs took too much.
	Query
	// Vanished means that it has no memory that can be read, and has not ended. It is
	// exiting, or only its first thread is.
	Vanished
)

// String names the reason in a word, for logs and metrics.
func (r Reason) String() string {
	switch r {
	case Kept:
		return "kept"
	case Query:
		return "query"
	case Vanished:
		return "vanished"
	default:
		return "unknown"
	}
}

// A Cause tells the owner of a worker why it must end it. Sizes are in bytes.
type Cause struct {
	Reason Reason
	Total  int64 // of the server and all workers that stay
	Limit  int64 // the budget
	Worker int64 // what the worker takes
	Grown  int64 // of which since its query began
}

// String is one line for an operator, never for a client.
func (c Cause) String() string {
	if c.Reason == Vanished {
		return "the worker's memory cannot be read any more"
	}
	return fmt.Sprintf("server and workers take %s of %s; this worker %s, its query %s",
		size(c.Total), size(c.Limit), size(c.Worker), size(c.Grown))
}
