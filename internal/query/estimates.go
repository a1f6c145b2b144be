package query

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/sallyport-dev/sallyport/internal/engine"
)

const (
	// estimateLife is how long an estimate counts: tables grow.
	estimateLife = time.Minute
	// maxEstimates bounds those kept for one source, to less than a megabyte.
	maxEstimates = 4096
)

// estimates remembers what a planner said of a query with its parameters.
type estimates struct {
	cache *otter.Cache[estimateKey, remembered]
	now   func() time.Time
}

// estimateKey is a hash, so that long queries take no more memory than short
// ones, and one that nobody can find a second text for.
type estimateKey [sha256.Size]byte

type remembered struct {
	estimate engine.Estimate
	at       time.Time
}

func newEstimates(now func() time.Time) *estimates {
	return &estimates{now: now, cache: otter.Must(&otter.Options[estimateKey, remembered]{MaximumSize: maxEstimates})}
}

// get asks the engine unless it has said so a short time ago. A failure is
// not remembered.
func (e *estimates) get(ctx context.Context, from engine.Engine, r engine.Request) (engine.Estimate, error) {
	key := keyOf(r)
	if known, ok := e.cache.GetIfPresent(key); ok && e.now().Sub(known.at) < estimateLife {
		return known.estimate, nil
	}
	found, err := from.Estimate(ctx, r)
	if err == nil {
		kept := found
		kept.Queued = 0 // nobody waits for what is known
		e.cache.Set(key, remembered{estimate: kept, at: e.now()})
	}
	return found, err
}

// keyOf hashes the query and its parameters, each with its type and length.
func keyOf(r engine.Request) estimateKey {
	text := appendText(make([]byte, 0, 1024), r.Query.SQL())
	for _, v := range r.Params {
		switch v := v.(type) {
		case bool:
			if v {
				text = append(text, 't')
			} else {
				text = append(text, 'f')
			}
		case int64:
			text = binary.LittleEndian.AppendUint64(append(text, 'i'), uint64(v)) //nolint:gosec // the bits count
		case float64:
			text = binary.LittleEndian.AppendUint64(append(text, 'd'), math.Float64bits(v))
		case string:
			text = appendText(append(text, 's'), v)
		default:
			text = append(text, 'n') // NULL: engines refuse every other type
		}
	}
	return sha256.Sum256(text)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(dst, uint64(len(s))), s...)
}
