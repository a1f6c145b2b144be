package duckdblib

import (
	"time"
	"unsafe"

	native "github.com/duckdb/duckdb-go-bindings"
)

// Result is a result being read chunk by chunk.
type Result struct{ handle native.Result }

// Run executes the statement whole and keeps its result in memory.
func (s *Stmt) Run() (*Result, error) {
	r := &Result{}
	if native.ExecutePrepared(s.handle, &r.handle) != native.StateSuccess {
		err := resultError(&r.handle)
		r.Close()
		return nil, err
	}
	return r, nil
}

// Stream begins the statement; its rows are computed as chunks are fetched,
// so memory stays flat however large the result is.
func (s *Stmt) Stream() (*Result, error) {
	var pending native.PendingResult
	defer native.DestroyPending(&pending)
	// Marked deprecated, without a replacement that streams.
	if native.PendingPreparedStreaming(s.handle, &pending) != native.StateSuccess {
		return nil, &Error{Message: native.PendingError(pending)}
	}
	if !await(pending) {
		return nil, &Error{Message: native.PendingError(pending)}
	}
	r := &Result{}
	if native.ExecutePending(pending, &r.handle) != native.StateSuccess {
		err := resultError(&r.handle)
		r.Close()
		return nil, err
	}
	return r, nil
}

// How long await looks for work before it lets the processor go, and how long it
// sleeps then.
const (
	looks = 32
	nap   = 20 * time.Microsecond
)

// await works on a statement until its first rows are there, and reports whether
// they are. DuckDB would do so
// by itself, but where all that is left is done by its other threads it would
// look for work without a pause, and take a processor from them.
func await(pending native.PendingResult) bool {
	for idle := 0; ; {
		switch state := native.PendingExecuteTask(pending); state {
		case native.PendingStateResultNotReady:
			idle = 0
		case native.PendingStateNoTasksAvailable:
			if idle++; idle > looks {
				time.Sleep(nap) //nolint:forbidigo // DuckDB has no event to wait for
			}
		default:
			return state == native.PendingStateResultReady
		}
	}
}

// Close frees the result.
func (r *Result) Close() { native.DestroyResult(&r.handle) }

// NumColumns is the number of columns.
func (r *Result) NumColumns() int { return int(native.ColumnCount(&r.handle)) }

// ColumnName is the name of column i, from 0.
func (r *Result) ColumnName(i int) string { return native.ColumnName(&r.handle, index(i)) }

// ColumnType is the type of column i, from 0. The caller closes it.
func (r *Result) ColumnType(i int) Type {
	return Type{handle: native.ColumnLogicalType(&r.handle, index(i))}
}

// Next fetches the next chunk, nil at the end. The caller closes it.
func (r *Result) Next() (*Chunk, error) {
	handle := native.FetchChunk(r.handle)
	if handle.Ptr == nil {
		if text := native.ResultError(&r.handle); text != "" {
			return nil, resultError(&r.handle)
		}
		return nil, nil
	}
	return &Chunk{handle: handle}, nil
}

// Chunk is some rows of a result, column by column.
type Chunk struct{ handle native.DataChunk }

// Close frees the chunk and everything read from its vectors.
func (c *Chunk) Close() { native.DestroyDataChunk(&c.handle) }

// Rows is the number of rows.
func (c *Chunk) Rows() int { return int(native.DataChunkGetSize(c.handle)) }

// Vector is column i, from 0, borrowed from the chunk.
func (c *Chunk) Vector(i int) Vector {
	return Vector{handle: native.DataChunkGetVector(c.handle, index(i))}
}

// Vector is one column of one chunk; its memory belongs to the chunk.
type Vector struct{ handle native.Vector }

// Data points at the vector's values in DuckDB's layout.
func (v Vector) Data() unsafe.Pointer { return native.VectorGetData(v.handle) }

// Validity points at the validity bitmap (64-bit words), nil when no value
// is NULL.
func (v Vector) Validity() unsafe.Pointer { return native.VectorGetValidity(v.handle) }

// ListChild is the vector that holds the elements of a LIST or MAP.
func (v Vector) ListChild() (child Vector, size int) {
	return Vector{handle: native.ListVectorGetChild(v.handle)}, int(native.ListVectorGetSize(v.handle))
}

// ArrayChild is the vector that holds the elements of an ARRAY.
func (v Vector) ArrayChild() Vector { return Vector{handle: native.ArrayVectorGetChild(v.handle)} }

// StructChild is member i of a STRUCT or UNION.
func (v Vector) StructChild(i int) Vector {
	return Vector{handle: native.StructVectorGetChild(v.handle, index(i))}
}

// Text is one value of a VARCHAR, BLOB, BIT or BIGNUM vector: 16 bytes, the
// length followed by up to 12 bytes of text or by 4 of them and a pointer.
type Text struct {
	length uint32
	inline [4]byte
	rest   [8]byte
}

// Bytes is the value, borrowed from the chunk.
func (t *Text) Bytes() []byte {
	if t.length <= 12 {
		return unsafe.Slice(&t.inline[0], t.length)
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&t.rest)), t.length)
}

// inlined is how many bytes of text stand in a Text itself.
const inlined = 12

// AppendTo appends the value. Short ones are copied with their padding, which
// takes no call; what is after them in dst is overwritten by the next.
func (t *Text) AppendTo(dst []byte) []byte {
	n := len(dst)
	if t.length <= inlined && cap(dst)-n >= inlined {
		*(*[inlined]byte)(dst[n : n+inlined]) = *(*[inlined]byte)(unsafe.Pointer(&t.inline))
		return dst[:n+int(t.length)]
	}
	return append(dst, t.Bytes()...)
}

// Texts views a vector of such values.
func (v Vector) Texts(rows int) []Text { return unsafe.Slice((*Text)(v.Data()), rows) }
