package duckdblib

import native "github.com/duckdb/duckdb-go-bindings"

// ErrorKind classes DuckDB's errors by what the caller does about them.
type ErrorKind uint8

// The kinds of error.
const (
	ErrorOther       ErrorKind = iota // the statement is wrong or failed
	ErrorInterrupted                  // Conn.Interrupt ended it
	ErrorOutOfMemory                  // memory or temp disk is used up
)

// Error is a failure reported by DuckDB. Message may quote the query and the
// data: it is for the log, never for a client.
type Error struct {
	Kind    ErrorKind
	Message string
}

func (e *Error) Error() string { return "duckdb: " + e.Message }

func resultError(r *native.Result) error {
	err := &Error{Message: native.ResultError(r)}
	switch native.ResultErrorType(r) {
	case native.ErrorTypeInterrupt:
		err.Kind = ErrorInterrupted
	case native.ErrorTypeOutOfMemory:
		err.Kind = ErrorOutOfMemory
	}
	return err
}
