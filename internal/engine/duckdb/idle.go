package duckdb

import (
	"context"
	"slices"
	"sync"
)

// idle holds the workers that wait for a query. The one that was used last is
// the next, since its statements are prepared and its memory is warm.
type idle struct {
	mu      sync.Mutex
	stack   []*process
	waiting []chan *process // first come, first served; each has room for one
}

// put hands a worker to whoever waits longest, or keeps it.
func (i *idle) put(p *process) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.waiting) > 0 {
		i.waiting[0] <- p
		i.waiting = i.waiting[1:]
		return
	}
	i.stack = append(i.stack, p)
}

// take waits for a worker.
func (i *idle) take(ctx context.Context) (*process, error) {
	i.mu.Lock()
	if p := i.last(); p != nil {
		i.mu.Unlock()
		return p, nil
	}
	turn := make(chan *process, 1)
	i.waiting = append(i.waiting, turn)
	i.mu.Unlock()
	select {
	case p := <-turn:
		return p, nil
	case <-ctx.Done():
	}
	i.mu.Lock()
	i.waiting = slices.DeleteFunc(i.waiting, func(c chan *process) bool { return c == turn })
	i.mu.Unlock()
	select {
	case p := <-turn: // it came after all
		i.put(p)
	default:
	}
	return nil, ctx.Err()
}

// pop takes a worker out, nil if there is none.
func (i *idle) pop() *process {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.last()
}

func (i *idle) last() *process {
	n := len(i.stack)
	if n == 0 {
		return nil
	}
	p := i.stack[n-1]
	i.stack = i.stack[:n-1]
	return p
}

// remove takes a worker out, and reports whether it was there.
func (i *idle) remove(p *process) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	at := slices.Index(i.stack, p)
	if at < 0 {
		return false
	}
	i.stack = slices.Delete(i.stack, at, at+1)
	return true
}
