package httpapi

import (
	"errors"
	"io"
	"slices"
	"sync"

	"github.com/sallyport-dev/sallyport/sqlguard"
)

// maxPooled is the largest buffer that is kept for another answer: the default
// byte limit of a source, and what is assured.
const maxPooled = assured

// leastRead is the room that there is for each read, in bytes.
const leastRead = 512

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// buffer collects a whole answer, or a body. The engine limits its bytes; the buffer
// does so again, because it is our memory that an engine's mistake would fill.
type buffer struct {
	bytes   []byte
	limit   int64
	account *account // where its capacity is counted; nil: nowhere
}

// takeBuffer is an empty buffer, with what another one left where there is room for that.
func takeBuffer(limit int64, counted *account) *buffer {
	b, ok := buffers.Get().(*buffer)
	if !ok { // unreachable: the pool holds nothing else
		b = new(buffer)
	}
	b.bytes, b.limit, b.account = b.bytes[:0], limit, counted
	if !counted.reserve(cap(b.bytes), false) {
		b.bytes = nil // a short answer needs less, and may yet find room
	}
	return b
}

// release gives the buffer back. Nobody may hold it any more, so it is not
// called when a panic leaves open whether somebody does: the account's close
// counts it out then.
func (b *buffer) release() {
	b.account.giveBack(cap(b.bytes))
	b.account = nil
	if cap(b.bytes) <= maxPooled {
		buffers.Put(b)
	}
}

// readAll appends everything that r has, which r itself bounds. It counts nothing: bodies
// are bounded by Config.MaxBody.
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
	if err := b.grow(len(p)); err != nil {
		return 0, err
	}
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

// grow makes room for n bytes more, within the limit. Capacity is reserved before there is
// any, and is never more than twice what is needed.
func (b *buffer) grow(n int) error {
	need, have := len(b.bytes)+n, cap(b.bytes)
	if need <= have {
		return nil
	}
	size := max(need, int(min(2*int64(have), b.limit)))
	if need <= assured {
		size = min(size, assured)
	}
	if !b.account.reserve(size-have, size <= assured) {
		// To grow by no more than each write is for short answers: a long one would
		// be copied again and again.
		if size = need; need > assured || !b.account.reserve(size-have, true) {
			return errNoRoom
		}
	}
	grown := make([]byte, len(b.bytes), size)
	copy(grown, b.bytes)
	b.bytes = grown
	return nil
}
