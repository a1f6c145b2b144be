package duckdb

import (
	"strings"

	"github.com/sallyport-dev/sallyport/internal/encode"
	"github.com/sallyport-dev/sallyport/internal/engine"
)

// setup tells a worker what to open and within which limits.
type setup struct {
	Database string   // file, opened read-only
	Tables   []view   // Parquet files shown as tables
	Paths    []string // the only files that queries may read
	Temp     string   // directory for spilling, the worker's own
	Memory   int64    // bytes for DuckDB's buffers
	Threads  int
	TempSize int64 // bytes
	// Convert, when set, makes Database from CSV files instead of opening it:
	// the worker answers ready and ends.
	Convert []view
}

// view is a file and the name of the table it becomes.
type view struct{ Name, Path string }

// ready is a worker's answer to setup.
type ready struct {
	Catalog engine.Catalog
	// Definitions are those of Engine.Definitions.
	Definitions map[string]string
}

// work is one query, to run or to plan. A planner needs neither format nor
// limits.
type work struct {
	// kind is that of the frame which brought it.
	kind frameKind

	Number uint64
	SQL    string
	Params []param
	Format encode.Format
	Rows   int64
	Bytes  int64
	// CappedAt is the guard's row limit in the query, 0 if its own stands.
	CappedAt int64
}

// param is a parameter; at most one field is set, none is NULL. Integers
// travel as text because JSON readers may round them.
type param struct {
	Bool  *bool    `json:",omitempty"`
	Int   *int64   `json:",omitempty,string"`
	Float *float64 `json:",omitempty"`
	Text  *string  `json:",omitempty"`
}

// interrupt names the query to end: one that is over already is left alone.
type interrupt struct{ Number uint64 }

// end is the summary of a whole answer.
type end struct {
	Rows      int64
	Truncated bool
	Micros    int64
	// CPUMillis is the processor time that the worker has used so far.
	CPUMillis int64
	// Spent asks for another worker in place of this one.
	Spent bool `json:",omitempty"`
}

// figures are what the planner expects of a query.
type figures struct {
	Rows float64
	// CPUMillis and Spent are those of end.
	CPUMillis int64
	Spent     bool `json:",omitempty"`
}

// failed says why there is no whole answer.
type failed struct {
	Reason  reason
	Message string // for the log, at most maxMessage bytes and an ellipsis
	Spent   bool   `json:",omitempty"`
}

// maxMessage bounds what is kept of an error, in bytes. DuckDB's quote the
// value that they are about, whatever its length.
const maxMessage = 4 << 10

// failure describes an error.
func failure(r reason, err error) failed {
	text := err.Error()
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return failed{Reason: r, Message: text}
}

// reason classes failures by what the client is told.
type reason uint8

const (
	reasonFailed  reason = iota // the query is wrong or cannot be computed
	reasonMemory                // memory or temporary disk is used up
	reasonTimeout               // interrupted
	reasonBytes                 // the answer is too long
	reasonCost                  // no estimate can be read from the plan
	reasonBroken                // the worker must not be used again
)
