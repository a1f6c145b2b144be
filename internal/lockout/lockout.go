package lockout

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/sallyport-dev/sallyport/internal/gcra"
)

// The defaults of a [Config].
const (
	DefaultFailures = 5
	DefaultPause    = time.Minute
	DefaultBytes    = 1 << 20
)

// The bounds of a [Config].
const (
	MaxFailures = 1000
	MinPause    = time.Second
	MaxPause    = gcra.MaxPeriod
)

// Config says how many failures are too many. The zero value is valid.
type Config struct {
	// Failures is after how many failed attempts a client is locked, from 1 to
	// 1000. Zero means 5.
	Failures int
	// Pause is after how long a locked client has one attempt again, from 1s to
	// 24h. All Failures together must be forgotten within 30 days:
	// Failures × Pause is at most 720h. Zero means 1 minute.
	Pause time.Duration
	// Bytes is the memory to count in, from 64 KiB to 4 GiB: 16 bytes a client.
	// Zero means 1 MiB.
	Bytes int64
	// Now tells the time; nil means time.Now, of which only the monotonic part
	// is used. It is called by many goroutines at once.
	Now func() time.Time
}

// Stats counts since the [Counter] was made.
type Stats struct {
	// Failures is how many failed attempts were counted.
	Failures uint64
	// Lockouts is how many of those locked their client.
	Lockouts uint64
}

// Counter counts failed attempts per client. It is safe for concurrent use and
// starts no goroutine.
type Counter struct {
	table    *gcra.Table
	interval time.Duration
	span     time.Duration
	now      func() time.Time
	start    time.Time
	failures atomic.Uint64
	lockouts atomic.Uint64
}

// New returns a counter, or everything that is wrong with cfg.
func New(cfg Config) (*Counter, error) {
	if cfg.Failures == 0 {
		cfg.Failures = DefaultFailures
	}
	if cfg.Pause == 0 {
		cfg.Pause = DefaultPause
	}
	if cfg.Bytes == 0 {
		cfg.Bytes = DefaultBytes
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	table, err := gcra.NewTable(cfg.Bytes)
	if err != nil {
		return nil, fmt.Errorf("lockout: Bytes: %w", err)
	}
	rate := gcra.Rate{Events: 1, Period: cfg.Pause, Burst: cfg.Failures}
	return &Counter{
		table: table, interval: rate.Interval(), span: rate.Span(),
		now: cfg.Now, start: cfg.Now(),
	}, nil
}

func (cfg Config) validate() error {
	var errs []error
	if cfg.Failures < 1 || cfg.Failures > MaxFailures {
		errs = append(errs, fmt.Errorf("lockout: Failures: %d is not between 1 and %d; leave it 0 for %d",
			cfg.Failures, MaxFailures, DefaultFailures))
	}
	if cfg.Pause < MinPause || cfg.Pause > MaxPause {
		errs = append(errs, fmt.Errorf("lockout: Pause: %v is not between %v and %v; leave it 0 for %v",
			cfg.Pause, MinPause, MaxPause, DefaultPause))
	}
	if cfg.Bytes < gcra.MinBytes || cfg.Bytes > gcra.MaxBytes {
		errs = append(errs, fmt.Errorf("lockout: Bytes: %d is not between %d and %d; leave it 0 for %d",
			cfg.Bytes, gcra.MinBytes, gcra.MaxBytes, DefaultBytes))
	}
	if len(errs) == 0 && time.Duration(cfg.Failures) > gcra.MaxSpan/cfg.Pause {
		errs = append(errs, fmt.Errorf("lockout: Failures and Pause: %d failures would be remembered for more than %v; lower one of them",
			cfg.Failures, gcra.MaxSpan))
	}
	return errors.Join(errs...)
}

// Locked reports whether a client has to pause. It counts nothing: ask before
// the attempt is looked at.
func (c *Counter) Locked(client netip.Addr) bool {
	return c.locked(c.nanoseconds(), c.key(client))
}

// Failed counts one failed attempt of a client and reports whether the client
// is locked now. A client that was locked already is not counted again.
func (c *Counter) Failed(client netip.Addr) (locked bool) {
	now, key := c.nanoseconds(), c.key(client)
	cell := [1]gcra.Cell{c.cell(key)}
	var state [1]gcra.State
	if !c.table.Take(now, cell[:], state[:]) {
		return c.locked(now, key)
	}
	c.failures.Add(1)
	if state[0].Remaining > 0 {
		return false
	}
	c.lockouts.Add(1)
	return true
}

// Stats returns the counts so far.
func (c *Counter) Stats() Stats {
	return Stats{Failures: c.failures.Load(), Lockouts: c.lockouts.Load()}
}

// locked tells a locked client from one that only finds no room in a table
// full of locked ones. The table judges a client without a place as the one of
// its bucket that will be whole first; so would it judge any other unknown key
// of that bucket. One that differs in the lowest bit is in the same bucket and,
// but for one chance in 2^60, unknown.
func (c *Counter) locked(now int64, key uint64) bool {
	state := c.table.Peek(now, c.cell(key))
	if state.Allowed {
		return false
	}
	stranger := c.table.Peek(now, c.cell(key^1))
	return stranger.Allowed || stranger.Wait != state.Wait
}

func (c *Counter) cell(key uint64) gcra.Cell {
	return gcra.Cell{Key: key, Interval: c.interval, Span: c.span}
}

// nanoseconds never begins at zero: a clock that is set back must not make the
// empty places of the table look taken.
func (c *Counter) nanoseconds() int64 {
	return int64(gcra.MaxSpan + c.now().Sub(c.start))
}

// The spaces of keys, so that no two kinds of clients share a count.
const (
	spaceUnknown = iota
	spaceIPv4
	spaceIPv6
)

func (c *Counter) key(client netip.Addr) uint64 {
	client = client.Unmap()
	switch {
	case client.Is4():
		a := client.As4()
		return c.table.Key(spaceIPv4, a[:])
	case client.Is6():
		a := client.As16()
		return c.table.Key(spaceIPv6, a[:8])
	default:
		return c.table.Key(spaceUnknown, nil)
	}
}
