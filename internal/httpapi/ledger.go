package httpapi

import (
	"fmt"
	"sync/atomic"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// assured is how much of each answer may use all of the ledger. What a longer one takes
// beyond it leaves a quarter free, so that a few long answers do not keep out all short ones.
const assured = DefaultHoldBack

// errNoRoom ends an answer that the ledger has no room for. Another attempt may succeed.
var errNoRoom = fmt.Errorf("httpapi: %w: the answers in memory take all of Config.Held", engine.ErrUnavailable)

// ledger counts the bytes of all answers in memory against Config.Held.
type ledger struct {
	limit int64
	held  atomic.Int64
}

// long is how much of the ledger is for what answers take beyond assured.
func (l *ledger) long() int64 { return l.limit - l.limit/4 }

// reserve takes n bytes if no more than most are held then.
func (l *ledger) reserve(n, most int64) bool {
	for {
		held := l.held.Load()
		if n > most-held {
			return false
		}
		if l.held.CompareAndSwap(held, held+n) {
			return true
		}
	}
}

// account is what one request has of the ledger. It belongs to the request and not to
// its buffers, so that close finds everything, also after a panic. A nil account counts
// nothing.
type account struct {
	ledger *ledger
	held   int64
}

// reserve takes n bytes before they are allocated. short: they are of the part that is assured.
func (a *account) reserve(n int, short bool) bool {
	if a == nil {
		return true
	}
	most := a.ledger.limit
	if !short {
		most = a.ledger.long()
	}
	if !a.ledger.reserve(int64(n), most) {
		return false
	}
	a.held += int64(n)
	return true
}

// giveBack returns n bytes that nobody holds any more.
func (a *account) giveBack(n int) {
	if a != nil {
		a.held -= int64(n)
		a.ledger.held.Add(int64(-n))
	}
}

// close returns what buffers that were not released have left.
func (a *account) close() {
	a.ledger.held.Add(-a.held)
	a.held = 0
}
