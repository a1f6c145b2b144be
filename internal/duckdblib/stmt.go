package duckdblib

import (
	"fmt"

	native "github.com/duckdb/duckdb-go-bindings"
)

// Stmt is a prepared statement.
type Stmt struct{ handle native.PreparedStatement }

// Prepare parses, binds and plans one statement.
func (c *Conn) Prepare(sql string) (*Stmt, error) {
	s := &Stmt{}
	if native.Prepare(c.handle, sql, &s.handle) != native.StateSuccess {
		err := &Error{Message: native.PrepareError(s.handle)}
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close frees the statement.
func (s *Stmt) Close() { native.DestroyPrepare(&s.handle) }

// ReadsOnly reports whether DuckDB itself calls the statement a SELECT or an
// EXPLAIN.
func (s *Stmt) ReadsOnly() bool {
	switch native.PreparedStatementType(s.handle) {
	case native.StatementTypeSelect, native.StatementTypeExplain:
		return true
	default:
		return false
	}
}

// NumParams is the number of parameters that must be bound.
func (s *Stmt) NumParams() int { return int(native.NParams(s.handle)) }

// BindText binds parameter i (from 1) to a string.
func (s *Stmt) BindText(i int, v string) error {
	return bound(i, native.BindVarcharLength(s.handle, index(i), v, native.IdxT(len(v))))
}

// BindInt64 binds parameter i to an integer.
func (s *Stmt) BindInt64(i int, v int64) error {
	return bound(i, native.BindInt64(s.handle, index(i), v))
}

// BindFloat64 binds parameter i to a floating-point number.
func (s *Stmt) BindFloat64(i int, v float64) error {
	return bound(i, native.BindDouble(s.handle, index(i), v))
}

// BindBool binds parameter i to a boolean.
func (s *Stmt) BindBool(i int, v bool) error {
	return bound(i, native.BindBoolean(s.handle, index(i), v))
}

// BindNull binds parameter i to NULL.
func (s *Stmt) BindNull(i int) error { return bound(i, native.BindNull(s.handle, index(i))) }

func index(i int) native.IdxT { return native.IdxT(i) }

func bound(i int, state native.State) error {
	if state != native.StateSuccess {
		return fmt.Errorf("duckdb: cannot bind parameter %d", i)
	}
	return nil
}
