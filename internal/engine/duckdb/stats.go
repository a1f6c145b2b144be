package duckdb

import "github.com/sallyport-dev/sallyport/internal/engine/schedule"

// Stats is what an [Engine] has at one moment, and has done since it was opened.
type Stats struct {
	// Schedule is who runs and who waits.
	Schedule schedule.Stats
	// Workers are the processes that are up.
	Workers int
	// Killed and Retired count workers that were ended by force, and those that
	// were replaced because they had done enough.
	Killed, Retired uint64
}

// Stats returns the numbers of this moment.
func (e *Engine) Stats() Stats {
	e.pool.mu.Lock()
	up := len(e.pool.live)
	e.pool.mu.Unlock()
	return Stats{Schedule: e.pool.schedule.Stats(), Workers: up, Killed: e.pool.killed.Load(), Retired: e.pool.retired.Load()}
}
