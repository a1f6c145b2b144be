package postgres

import (
	"context"
	"sync"
	"time"
)

// grace is how long the server may take to end a query that was cancelled.
const grace = time.Second

// ender ends a connection's query: first on the server, and if that does not
// help, by closing the connection. Whoever has a reason triggers it; the first
// reason counts.
type ender struct {
	conn *conn

	mu       sync.Mutex
	done     bool          // the query is over
	cause    error         // why it is to end; nil: it is not
	answered chan struct{} // closed when the query is over; made with the cause
	finished chan struct{} // closed when nothing is left to do; made with the cause
	lost     bool          // the server could not be told; valid after finished
}

// trigger ends the query unless it is over, or being ended already.
func (e *ender) trigger(cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done || e.cause != nil {
		return
	}
	e.cause, e.answered, e.finished = cause, make(chan struct{}), make(chan struct{})
	go e.end()
}

func (e *ender) end() {
	defer close(e.finished)
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	// On a connection of its own; it returns when the server has passed the signal on.
	if err := e.conn.pg.CancelRequest(ctx); err != nil {
		e.lost = true
	}
	select {
	case <-e.answered:
	case <-ctx.Done():
		// This also frees a server that waits for us to read while we wait for
		// a client to read.
		_ = e.conn.net.Close()
	}
}

// over says that the query is over. It returns why it had to be ended, nil if
// it was not, and whether the server could not be told. A connection whose query was ended must not be used again: the signal
// may arrive late.
func (e *ender) over() (lost bool, cause error) {
	e.mu.Lock()
	e.done = true
	cause = e.cause
	e.mu.Unlock()
	if cause == nil {
		return false, nil
	}
	close(e.answered)
	<-e.finished
	return e.lost, cause
}
