package duckdblib

import (
	"errors"

	native "github.com/duckdb/duckdb-go-bindings"
)

// Conn is one connection to a Database.
type Conn struct{ handle native.Connection }

// Connect opens a connection.
func (db *Database) Connect() (*Conn, error) {
	c := &Conn{}
	if native.Connect(db.handle, &c.handle) != native.StateSuccess {
		return nil, errors.New("duckdb: cannot connect")
	}
	return c, nil
}

// Close ends the connection.
func (c *Conn) Close() { native.Disconnect(&c.handle) }

// Interrupt asks the running query to end. It may be called from any
// goroutine while the connection is open; functions that do not check for it
// keep running.
func (c *Conn) Interrupt() { native.Interrupt(c.handle) }

// Exec runs statements that return nothing of interest.
func (c *Conn) Exec(sql string) error {
	var result native.Result
	defer native.DestroyResult(&result)
	if native.Query(c.handle, sql, &result) != native.StateSuccess {
		return resultError(&result)
	}
	return nil
}
