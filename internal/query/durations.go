package query

import (
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

const (
	// short is up to how long a query may have taken before, on average, to
	// count as small.
	short = 200 * time.Millisecond
	// maxDurations bounds the statements that are remembered for one source.
	maxDurations = 4096
	// weight is that of the newest duration in the average.
	weight = 4
)

// durations remembers how long statements took in the engine, by fingerprint:
// what has been quick is expected to be quick again, with other literals too.
type durations struct {
	cache *otter.Cache[string, time.Duration]
}

func newDurations() *durations {
	return &durations{cache: otter.Must(&otter.Options[string, time.Duration]{MaximumSize: maxDurations})}
}

// add takes note of a query that ran, or was ended.
func (d *durations) add(fingerprint string, took time.Duration) {
	if before, ok := d.cache.GetIfPresent(fingerprint); ok {
		took = before + (took-before)/weight
	}
	d.cache.Set(fingerprint, took)
}

// size is what to expect of a statement.
func (d *durations) size(fingerprint string) engine.Size {
	switch average, ok := d.cache.GetIfPresent(fingerprint); {
	case !ok:
		return engine.Unknown
	case average <= short:
		return engine.Small
	default:
		return engine.Large
	}
}
