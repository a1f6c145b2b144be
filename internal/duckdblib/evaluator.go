package duckdblib

/*
#include <stdlib.h>
#include "evaluator.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	native "github.com/duckdb/duckdb-go-bindings"
)

// Evaluator evaluates one expression over one text after the other, all within
// one query that does not end: a table function hands it the texts, a scalar
// function takes what comes of them, and each fetch moves it on by a row. A
// statement run anew for each text costs DuckDB a transaction, an executor with
// its pipelines and a result, which together take longer than to parse a short
// query.
type Evaluator struct {
	conn   *Conn
	sql    string
	io     *C.evaluator_io
	stmt   *Stmt
	result *Result
}

// maxMoves is how often the query is moved on for one text; once is enough, but
// for the first.
const maxMoves = 3

// NewEvaluator begins to evaluate an expression in SQL over "input", whose type
// and own type are VARCHAR. Of longer results only the first limit bytes are
// copied. It locks the database's configuration, and there may be one in a
// database.
func (c *Conn) NewEvaluator(expression string, limit int) (*Evaluator, error) {
	e := &Evaluator{conn: c, sql: "SELECT evaluator_take(" + expression + ") FROM evaluator_next()"}
	e.io = (*C.evaluator_io)(C.calloc(1, C.sizeof_evaluator_io))
	if e.io == nil {
		return nil, &Error{Kind: ErrorOutOfMemory, Message: "no memory for an evaluator"}
	}
	e.io.limit = C.size_t(limit)
	err := e.register()
	if err == nil {
		// A full buffer is what stops the query after each row.
		err = c.Exec("SET SESSION streaming_buffer_size = '1B'; SET lock_configuration = true")
	}
	if err == nil {
		err = e.Reset()
	}
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (e *Evaluator) register() error {
	next := native.CreateTableFunction()
	defer native.DestroyTableFunction(&next)
	native.TableFunctionSetName(next, "evaluator_next")
	native.TableFunctionSetExtraInfo(next, unsafe.Pointer(e.io), nil)
	native.TableFunctionSetBind(next, C.evaluator_bind())
	native.TableFunctionSetInit(next, C.evaluator_init())
	native.TableFunctionSetFunction(next, C.evaluator_next())

	varchar, boolean := native.CreateLogicalType(native.TypeVarchar), native.CreateLogicalType(native.TypeBoolean)
	defer native.DestroyLogicalType(&varchar)
	defer native.DestroyLogicalType(&boolean)
	take := native.CreateScalarFunction()
	defer native.DestroyScalarFunction(&take)
	native.ScalarFunctionSetName(take, "evaluator_take")
	native.ScalarFunctionAddParameter(take, varchar)
	native.ScalarFunctionSetReturnType(take, boolean)
	native.ScalarFunctionSetVolatile(take)
	native.ScalarFunctionSetExtraInfo(take, unsafe.Pointer(e.io), nil)
	native.ScalarFunctionSetFunction(take, C.evaluator_take())

	if native.RegisterTableFunction(e.conn.handle, next) != native.StateSuccess ||
		native.RegisterScalarFunction(e.conn.handle, take) != native.StateSuccess {
		return errors.New("duckdb: cannot register the functions of an evaluator")
	}
	return nil
}

// Reset begins anew, without the memory that the last text took.
func (e *Evaluator) Reset() error {
	e.end()
	C.evaluator_clear(e.io)
	stmt, err := e.conn.Prepare(e.sql)
	if err != nil {
		return err
	}
	e.stmt = stmt
	e.result, err = stmt.Stream()
	return err
}

// Eval evaluates the expression over a text. The first bytes of the result, up
// to the limit, are valid until the next call; length is that of all of it.
// After an error the evaluator is of no more use.
func (e *Evaluator) Eval(text string) (result []byte, length int, err error) {
	if !C.evaluator_put(e.io, (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text))) {
		return nil, 0, &Error{Kind: ErrorOutOfMemory, Message: "no memory for the text"}
	}
	for range maxMoves {
		chunk, err := e.result.Next()
		if err != nil {
			return nil, 0, err
		}
		if chunk == nil {
			break
		}
		chunk.Close()
		if e.io.done {
			length = int(e.io.output_length)
			return unsafe.Slice((*byte)(unsafe.Pointer(e.io.output)), min(length, int(e.io.limit))), length, nil
		}
	}
	return nil, 0, errors.New("duckdb: the evaluator's query gave no result")
}

func (e *Evaluator) end() {
	if e.result != nil {
		e.result.Close()
		e.result = nil
	}
	if e.stmt != nil {
		e.stmt.Close()
		e.stmt = nil
	}
}

// Close ends the query.
func (e *Evaluator) Close() {
	e.end()
	C.evaluator_clear(e.io)
	C.free(unsafe.Pointer(e.io))
}
