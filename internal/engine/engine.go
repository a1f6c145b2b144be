package engine

import (
	"context"
	"io"
	"time"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/sqlguard"
)

// Engine is one source. It is safe for concurrent use.
type Engine interface {
	// Run executes one query and writes the encoded answer to w. The answer
	// is whole if and only if the error is nil. A failure that the client may
	// be told of is a *sqlguard.Refusal (RuleTimeout, RuleMemory, RuleBytes,
	// RuleFailed); ErrUnavailable means that another attempt may succeed.
	// When ctx ends, the query is ended in the engine before Run returns.
	Run(ctx context.Context, r Request, w io.Writer) (Summary, error)
	// Estimate asks the planner what a query would take, without running it. It
	// is bounded in time and size like a query, and fails like one. The limits
	// of r bound the estimate; its format does not matter.
	Estimate(ctx context.Context, r Request) (Estimate, error)
	// Catalog is what the source held when it was opened.
	Catalog() Catalog
	// Close ends every query and frees the source.
	Close() error
}

// Request is one query with what it needs.
type Request struct {
	Query sqlguard.Query
	// Params are bound to $1, $2, …: nil, bool, int64, float64 or string.
	Params []any
	Format encode.Format
	// Encoding is what the client chose of the format. The engine itself bounds
	// the size of a row.
	Encoding encode.Options
	Limits   Limits
	// Client is whose query it is: places are handed out in turns between
	// clients. Empty is one client of its own.
	Client string
	// Size tells, at once, whether the query is known to be short; nil: nobody
	// knows.
	Size func() Size
}

// A Hurried writer takes an answer on its way, and is told when the query's
// deadline is: a client that is slow must not hold the engine beyond it.
type Hurried interface{ Until(deadline time.Time) }

// Size is how long a query is expected to take.
type Size uint8

// The sizes. Unknown is treated as Large.
const (
	Unknown Size = iota
	Small        // over in well under a second
	Large
)

// Limits bound one query. All are required.
type Limits struct {
	Deadline time.Duration // from start to end in the engine
	Rows     int64
	Bytes    int64 // of the encoded answer
}

// Summary tells about a finished query.
type Summary struct {
	Rows      int64
	Bytes     int64
	Truncated bool          // the row limit was reached: there may be more
	Queued    time.Duration // waiting for a place
	Elapsed   time.Duration // in the engine, encoding included
	// Delivering is the part of Elapsed in which the engine waited for whoever
	// takes the answer, where the engine tells.
	Delivering time.Duration
}

// Estimate is what a planner thinks that a query takes.
type Estimate struct {
	// Rows is the most rows that any node of the plan hands on.
	Rows float64
	// Cost is the total cost in the planner's own unit: for PostgreSQL a page
	// read in sequence is 1. Zero where the engine has no such figure.
	Cost float64
	// Queued is the time spent waiting for a place, where the engine tells.
	Queued time.Duration
}

// Catalog is what a source holds.
type Catalog struct {
	Tables []Table
	// Macros are functions that the source itself defines.
	Macros []string
}

// Table is a table or view.
type Table struct {
	Name    string // with its schema before it unless that is the main one
	View    bool
	Comment string
	Rows    int64 // estimate; -1: unknown
	Columns []Column
}

// Column is a column of a table.
type Column struct {
	Name     string
	Type     string
	Nullable bool
	Comment  string
}
