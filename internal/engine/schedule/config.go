package schedule

import (
	"errors"
	"fmt"
	"time"
)

const (
	maxPlaces = 1 << 10
	// maxQueue bounds what choosing the next costs: it looks at every client
	// that waits.
	maxQueue       = 1 << 14
	maxWait        = 10 * time.Minute
	maxLongRunning = time.Hour
	minHalfLife    = time.Second
	maxHalfLife    = 24 * time.Hour

	defaultLongRunning = time.Second
	defaultHalfLife    = 30 * time.Second
)

// Config configures a [Schedule]. It has no usable zero value.
type Config struct {
	// Places is how many queries run at once as a rule. Zero is refused.
	Places int
	// Spares is how many more may run, of clients who run nothing else, while
	// large queries hold all places. The last spare is for small queries. Zero:
	// a small query may have to wait for the end of a large one. It needs a
	// queue, where a query stands while its size is asked.
	Spares int
	// Queue is how many queries may wait, of all clients together. Zero: nobody
	// waits.
	Queue int
	// QueuePerClient is how many queries of one client may wait. Zero is a
	// quarter of Queue, at least 1. At most Queue.
	QueuePerClient int
	// Wait is how long one query may wait. Required where there is a queue, at
	// most ten minutes. After half of it, what waits is overdue and goes first.
	Wait time.Duration
	// LongRunning is the time after which a query that runs counts as large,
	// whatever it was announced as. Zero is one second.
	LongRunning time.Duration
	// HalfLife is the time in which half of what a client has used is
	// forgotten. Zero is 30 seconds.
	HalfLife time.Duration
}

// validate reports every mistake, and fills what is derived.
func (c *Config) validate() error {
	var errs []error
	mistake := func(format string, args ...any) { errs = append(errs, fmt.Errorf("schedule: "+format, args...)) }
	if c.Places < 1 || c.Places > maxPlaces {
		mistake("Config.Places is %d; it must be between 1 and %d", c.Places, maxPlaces)
	}
	if c.Spares < 0 || c.Spares > maxPlaces {
		mistake("Config.Spares is %d; it must be between 0 (none) and %d", c.Spares, maxPlaces)
	} else if c.Spares > 0 && c.Queue == 0 {
		mistake("Config.Spares is %d without a queue; a query stands in it while its size is asked: set Config.Queue or no spares", c.Spares)
	}
	if c.Queue < 0 || c.Queue > maxQueue {
		mistake("Config.Queue is %d; it must be between 0 (nobody waits) and %d", c.Queue, maxQueue)
	}
	if c.QueuePerClient < 0 || c.QueuePerClient > max(c.Queue, 0) {
		mistake("Config.QueuePerClient is %d; it must be between 0 (a quarter of the queue) and Config.Queue, %d", c.QueuePerClient, c.Queue)
	}
	if c.Queue > 0 && c.Wait <= 0 || c.Wait < 0 || c.Wait > maxWait {
		mistake("Config.Wait is %v; with a queue it must be over 0 and at most %v", c.Wait, maxWait)
	}
	if c.LongRunning < 0 || c.LongRunning > maxLongRunning {
		mistake("Config.LongRunning is %v; it must be between 0 (%v) and %v", c.LongRunning, defaultLongRunning, maxLongRunning)
	}
	if c.HalfLife != 0 && (c.HalfLife < minHalfLife || c.HalfLife > maxHalfLife) {
		mistake("Config.HalfLife is %v; it must be 0 (%v) or between %v and %v", c.HalfLife, defaultHalfLife, minHalfLife, maxHalfLife)
	}
	if c.QueuePerClient == 0 {
		c.QueuePerClient = max(c.Queue/4, 1)
	}
	if c.LongRunning == 0 {
		c.LongRunning = defaultLongRunning
	}
	if c.HalfLife == 0 {
		c.HalfLife = defaultHalfLife
	}
	return errors.Join(errs...)
}
