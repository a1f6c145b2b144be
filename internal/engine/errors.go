package engine

import "errors"

// ErrUnavailable means that the engine cannot run anything now: it is closed,
// or every place was taken for longer than a caller waits.
var ErrUnavailable = errors.New("engine: unavailable")
