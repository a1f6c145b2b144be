package schedule

import (
	"fmt"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

// Why a query got no place. Each is an engine.ErrUnavailable: another attempt
// may succeed.
var (
	// ErrQueueFull: as many wait as may.
	ErrQueueFull = fmt.Errorf("%w: as many queries wait as may", engine.ErrUnavailable)
	// ErrClientQueueFull: as many of this client wait as may.
	ErrClientQueueFull = fmt.Errorf("%w: as many queries of this client wait as may", engine.ErrUnavailable)
	// ErrPushedOut: the query waited, until the queue was full and somebody came
	// with fewer queries in it.
	ErrPushedOut = fmt.Errorf("%w: the queue is full, and this client has the most queries in it", engine.ErrUnavailable)
	// ErrWaited: no place became free in Config.Wait.
	ErrWaited = fmt.Errorf("%w: no place became free in time", engine.ErrUnavailable)
	// ErrClosed: the Schedule was closed.
	ErrClosed = fmt.Errorf("%w: closed", engine.ErrUnavailable)
)
