package membudget

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"
)

// leastLimit is the smallest budget: the server alone takes as much at rest.
const leastLimit = 64 << 20

// Config is what a [Budget] is made from.
type Config struct {
	// Limit is the budget: bytes of resident memory for the server and all that
	// is watched. At least 64 MiB.
	Limit int64
	// Server is the server's share: beyond it the server is what takes too much,
	// and Relieve is called before a worker is ended. 0: a quarter of Limit.
	Server int64
	// Own tells the server's resident memory in bytes. It is called for every
	// reading and must be quick. nil: this process is read.
	Own func() int64
	// Relieve is asked to make the server smaller, in a goroutine of its own, at
	// most once a second and never twice at once. nil: nothing is done.
	Relieve func()
	// Logger hears of ended workers, and of memory that no worker's end would
	// free. nil: nobody does.
	Logger *slog.Logger
	// Threads is how many threads of all workers may allocate at once. It is
	// lowered to the number of cores. 0: the number of cores.
	Threads int
	// Growth is how many bytes a second one thread can fill. 0: 4 GB/s.
	Growth int64
	// Shortest is the shortest time between two readings. 0: what the package's
	// arithmetic asks for, between 1 and 5 ms.
	Shortest time.Duration
	// Longest is the longest time between two readings while queries run.
	// 0: 200 ms.
	Longest time.Duration
	// Parked is the time between two readings while no query runs. 0: 1 s.
	Parked time.Duration
}

// withDefaults fills in what is 0, and says all that is wrong at once.
func (c Config) withDefaults() (Config, error) {
	var wrong []error
	if c.Limit < leastLimit {
		wrong = append(wrong, fmt.Errorf("membudget: Limit: %d bytes is below the least, %s", c.Limit, size(leastLimit)))
	}
	for name, negative := range map[string]bool{
		"Server": c.Server < 0, "Threads": c.Threads < 0, "Growth": c.Growth < 0,
		"Shortest": c.Shortest < 0, "Longest": c.Longest < 0, "Parked": c.Parked < 0,
	} {
		if negative {
			wrong = append(wrong, fmt.Errorf("membudget: %s: negative", name))
		}
	}
	if c.Server > c.Limit {
		wrong = append(wrong, fmt.Errorf("membudget: Server: %s is beyond Limit, %s", size(c.Server), size(c.Limit)))
	}
	if len(wrong) > 0 {
		return Config{}, errors.Join(wrong...)
	}
	if c.Server == 0 {
		c.Server = c.Limit / 4
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Threads == 0 || c.Threads > runtime.NumCPU() {
		c.Threads = runtime.NumCPU()
	}
	if c.Growth == 0 {
		c.Growth = defaultGrowth
	}
	if c.Shortest == 0 {
		c.Shortest = shortest(c.Limit, c.rate())
	}
	if c.Longest == 0 {
		c.Longest = 200 * time.Millisecond
	}
	if c.Parked == 0 {
		c.Parked = time.Second
	}
	c.Longest = max(c.Longest, c.Shortest)
	c.Parked = max(c.Parked, c.Longest)
	return c, nil
}

// rate is the worst speed at which the sum can grow, in bytes a second.
func (c Config) rate() float64 { return float64(c.Growth) * float64(c.Threads) }

// tolerance is by how much the sum may pass the budget.
func (c Config) tolerance() int64 { return c.Limit / 10 }
