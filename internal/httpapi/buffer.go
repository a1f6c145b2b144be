package httpapi

import (
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// maxPooled is the largest buffer that is kept for another answer: the default
// byte limit of a source with some room.
const maxPooled = 2 << 20

// leastRead is the room that there is for each read, in bytes.
const leastRead = 512

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// buffer collects a whole answer, or a body. The engine limits its bytes; the buffer
// does so again, because it is our memory that an engine's mistake would fill.
type buffer struct {
	bytes []byte
	limit int64
}

func takeBuffer(limit int64) *buffer {
	b, ok := buffers.Get().(*buffer)
	if !ok { // unreachable: the pool holds nothing else
		b = new(buffer)
	}
	b.bytes, b.limit = b.bytes[:0], limit
	return b
}

// release gives the buffer back. Nobody may hold it any more, so it is not
// called when a panic leaves open whether somebody does.
func (b *buffer) release() {
	if cap(b.bytes) <= maxPooled {
		buffers.Put(b)
	}
}

// readAll appends everything that r has, which r itself bounds.
func (b *buffer) readAll(r io.Reader) error {
	for {
		b.bytes = slices.Grow(b.bytes, leastRead)
		n, err := r.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

var errOverLimit = errors.New("httpapi: the engine wrote more than its byte limit")

// Write appends p.
func (b *buffer) Write(p []byte) (int, error) {
	if int64(len(b.bytes))+int64(len(p)) > b.limit {
		return 0, sqlguard.Refuse(sqlguard.RuleBytes, errOverLimit)
	}
	b.bytes = append(slices.Grow(b.bytes, len(p)), p...)
	return len(p), nil
}
