package cors

import "sync/atomic"

// Stats counts since the start. Origins are not among it: a client could make
// up any number.
type Stats struct {
	// Preflights counts the preflights, refused ones included.
	Preflights uint64
	// RefusedPreflights counts those of them that were refused, for whatever reason.
	RefusedPreflights uint64
	// RefusedOrigins counts the requests, preflights included, that were
	// refused for their origin.
	RefusedOrigins uint64
	// RefusedCrossSite counts the requests that another site made a browser
	// send; only in the mode Cookies.
	RefusedCrossSite uint64
}

type counters struct {
	preflights, refusedPreflights, refusedOrigins, refusedCrossSite atomic.Uint64
}

// Stats returns the counts. They are read one by one, not at one instant.
func (c *CORS) Stats() Stats {
	return Stats{
		Preflights:        c.counts.preflights.Load(),
		RefusedPreflights: c.counts.refusedPreflights.Load(),
		RefusedOrigins:    c.counts.refusedOrigins.Load(),
		RefusedCrossSite:  c.counts.refusedCrossSite.Load(),
	}
}
