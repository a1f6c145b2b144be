package concurrency

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"
)

const (
	maxSlots = 1 << 20
	maxWait  = 10 * time.Minute
)

// Config configures a [Limiter]. It has no usable zero value: a limiter whose
// limits nobody chose would be none.
type Config struct {
	// Client says whom a request is counted under. An IPv6 address stands for
	// its /64, which is what one subscriber has (RFC 6177, section 2); an IPv4
	// address mapped into IPv6 is the IPv4 address; zones do not count. The zero
	// Addr is one client like any other, never exempt. Required.
	//
	// It is called once a request, on the request's goroutine.
	Client func(*http.Request) netip.Addr
	// PerClient is how many requests of one client may be in flight. Zero is
	// refused. At most Global.
	PerClient int
	// Global is how many requests may be in flight together. Zero is refused.
	Global int
	// Queue is how many requests may wait for a slot, of all clients together.
	// Zero: nobody waits, what finds no slot is refused at once.
	Queue int
	// QueuePerClient is how many requests of one client may wait. Zero is a
	// quarter of Queue, at least 1, so that one client cannot fill the queue.
	// At most Queue.
	QueuePerClient int
	// Wait is how long one request may wait before it is refused. Required
	// where there is a queue, at most ten minutes. It is also what Retry-After
	// proposes (RFC 9110, section 10.2.3), at least one second.
	Wait time.Duration
	// Leases shares the caps with other instances. Nil: each process counts
	// for itself. The caller closes it, after the Limiter.
	Leases Leases
	// Logger gets a line at debug level for each slot: ACQUIRED, RELEASED or
	// DENIED. Nil is slog.Default().
	Logger *slog.Logger
}

// validate reports every mistake, and fills what is derived.
func (c *Config) validate() error {
	var errs []error
	mistake := func(format string, args ...any) { errs = append(errs, fmt.Errorf("concurrency: "+format, args...)) }
	if c.Client == nil {
		mistake("Config.Client is nil; return the address the request came from (clientip.FromRequest)")
	}
	if c.PerClient < 1 {
		mistake("Config.PerClient is %d; at least 1 request of a client must be allowed in flight", c.PerClient)
	}
	if c.Global < 1 || c.Global > maxSlots {
		mistake("Config.Global is %d; it must be between 1 and %d", c.Global, maxSlots)
	} else if c.PerClient > c.Global {
		mistake("Config.PerClient is %d, over Config.Global, %d, and would never apply; lower it", c.PerClient, c.Global)
	}
	if c.Queue < 0 || c.Queue > maxSlots {
		mistake("Config.Queue is %d; it must be between 0 (nobody waits) and %d", c.Queue, maxSlots)
	}
	if c.QueuePerClient < 0 || c.QueuePerClient > max(c.Queue, 0) {
		mistake("Config.QueuePerClient is %d; it must be between 0 (a quarter of the queue) and Config.Queue, %d", c.QueuePerClient, c.Queue)
	}
	if c.Queue > 0 && (c.Wait <= 0 || c.Wait > maxWait) {
		mistake("Config.Wait is %v; with a queue it must be over 0 and at most %v", c.Wait, maxWait)
	}
	if r, ok := c.Leases.(*RedisLeases); ok && r == nil {
		mistake("Config.Leases is a nil *RedisLeases; was an error of NewRedisLeases ignored?")
	}
	if c.QueuePerClient == 0 {
		c.QueuePerClient = max(c.Queue/4, 1)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return errors.Join(errs...)
}

// clientKey is the address that a is counted under.
func clientKey(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil { // unreachable: every IPv6 address has a /64
		return netip.Addr{}
	}
	return p.Addr()
}
