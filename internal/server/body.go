package server

import (
	"io"
	"net/http"
)

// bodyFirst reads a request's body before it asks for a place in flight. A
// client that sends its query slowly would hold a place meanwhile; and
// net/http notices that a client has left only once it has read the body, so
// that one who hangs up would wait on in the queue.
func bodyFirst(limit int64) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// One that says itself that it is too long is refused unread.
			if r.Body != nil && r.Body != http.NoBody && r.ContentLength <= limit {
				r.Body = readAhead(r.Body, r.ContentLength, limit)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// readAhead returns a body of which up to limit bytes are read, and one more,
// so that whoever reads it finds out whether it is too long.
func readAhead(body io.ReadCloser, announced, limit int64) io.ReadCloser {
	b := &aheadBody{body: body}
	b.read = b.short[:0]
	if size := min(announced, limit) + 1; size > int64(len(b.short)) {
		b.read = make([]byte, 0, size)
	}
	for b.err == nil && int64(len(b.read)) <= limit {
		if len(b.read) == cap(b.read) {
			b.read = append(b.read, 0)[:len(b.read)]
		}
		room := min(int64(cap(b.read)), limit+1)
		var n int
		n, b.err = body.Read(b.read[len(b.read):room])
		b.read = b.read[:len(b.read)+n]
	}
	return b
}

// aheadBody is a body whose beginning has been read.
type aheadBody struct {
	body  io.ReadCloser
	read  []byte
	err   error     // after what was read
	short [513]byte // holds what is read of most bodies, in the same allocation
}

func (b *aheadBody) Read(p []byte) (int, error) {
	if len(b.read) > 0 {
		n := copy(p, b.read)
		b.read = b.read[n:]
		return n, nil
	}
	if b.err != nil {
		return 0, b.err
	}
	return b.body.Read(p)
}

func (b *aheadBody) Close() error { return b.body.Close() }
