package concurrency

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sallyport-dev/sallyport/internal/redisdial"
)

const (
	defaultPrefix  = "sallyport:concurrency"
	defaultTTL     = 30 * time.Second
	minTTL, maxTTL = time.Second, time.Hour
	maxPrefix      = 128
)

// RedisConfig configures [RedisLeases].
type RedisConfig struct {
	// URL names the server: redis://[user[:password]@]host[:port][/database],
	// rediss://… for TLS, or unix://[user[:password]@]/path/to.sock[?db=n].
	// Required. It is kept out of errors and logs.
	URL string
	// Prefix begins every key. All instances that share caps have the same,
	// and the same caps. Empty is "sallyport:concurrency"; at most 128 printable
	// ASCII characters, no spaces.
	Prefix string
	// TTL is how long a lease outlives its instance. Leases are renewed three
	// times in it. Zero is 30 s; between 1 s and 1 h, and at least six
	// Timeouts.
	TTL time.Duration
	// Timeout is how long one answer may take. After one that took longer, the
	// store is away: nobody waits for it until it answers again. Zero is 100 ms.
	Timeout time.Duration
	// Logger gets one line when the store goes away (a warning) and one when it
	// is back, with the server's address and use=in_flight. Nil is
	// slog.Default().
	Logger *slog.Logger
	// DangerouslyPlaintext allows redis:// to other machines, where everybody
	// on the way can read the password and change the counts. False refuses it
	// but for localhost and loopback addresses; use rediss://.
	DangerouslyPlaintext bool
}

// RedisLeases keeps the leases of several instances in one Redis or Valkey. It
// is safe for concurrent use, and one may serve several limiters only if they
// are meant to share their caps.
type RedisLeases struct {
	client   *redis.Client
	prefix   string
	instance string
	ttl      time.Duration
	timeout  time.Duration
	logger   *slog.Logger

	mu       sync.Mutex
	serial   uint64
	owned    map[*redisLease]struct{}
	pending  []*redisLease // released, and not yet removed from the store
	away     bool
	closed   bool
	outages  uint64
	unshared uint64

	wake   chan struct{} // holds one: there is something to do
	stop   chan struct{}
	done   chan struct{}
	closer sync.Once
}

// redisLease is one slot of this instance.
type redisLease struct {
	owner    *RedisLeases
	id       string // unique among all instances
	key      netip.Addr
	freed    func(netip.Addr)
	sent     bool // the store may know of it
	released time.Time
}

// NewRedisLeases returns leases in a Redis, or every mistake in the
// configuration. It does not connect: a store that is away when the program
// starts is away as at any other time. It starts a goroutine, which Close ends.
func NewRedisLeases(c RedisConfig) (*RedisLeases, error) {
	if c.Prefix == "" {
		c.Prefix = defaultPrefix
	}
	if c.TTL == 0 {
		c.TTL = defaultTTL
	}
	if c.Timeout == 0 {
		c.Timeout = redisdial.DefaultTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	var errs []error
	if !isPrefix(c.Prefix) {
		errs = append(errs, fmt.Errorf("concurrency: RedisConfig.Prefix must be at most %d printable ASCII characters without spaces", maxPrefix))
	}
	if c.TTL < minTTL || c.TTL > maxTTL {
		errs = append(errs, fmt.Errorf("concurrency: RedisConfig.TTL is %v; it must be between %v and %v", c.TTL, minTTL, maxTTL))
	} else if c.Timeout > c.TTL/6 {
		errs = append(errs, fmt.Errorf("concurrency: RedisConfig.Timeout is %v, over a sixth of the TTL, %v; a lease could end before it is renewed", c.Timeout, c.TTL))
	}
	client, err := redisdial.Open(redisdial.Options{URL: c.URL, Timeout: c.Timeout, DangerouslyPlaintext: c.DangerouslyPlaintext})
	if err != nil {
		errs = append(errs, fmt.Errorf("concurrency: RedisConfig: %w", err))
	}
	if err := errors.Join(errs...); err != nil {
		if client != nil {
			_ = client.Close() // it never connected
		}
		return nil, err
	}
	r := &RedisLeases{
		client: client, prefix: c.Prefix, instance: newInstance(), ttl: c.TTL, timeout: c.Timeout, logger: c.Logger,
		owned: make(map[*redisLease]struct{}),
		wake:  make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go r.run()
	return r, nil
}

func isPrefix(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return len(s) <= maxPrefix
}

// newInstance returns what tells the leases of this instance from all others.
func newInstance() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails; it ends the program instead
	return hex.EncodeToString(b[:])
}

// Close removes the leases that were released, ends the goroutine and closes
// the connections. Leases of work that is still in flight end by their TTL.
// Close the [Limiter] first; one that still asks gets the caps of this instance
// alone. Further calls do nothing.
func (r *RedisLeases) Close() error {
	var err error
	r.closer.Do(func() {
		r.mu.Lock()
		r.closed = true
		r.mu.Unlock()
		close(r.stop)
		<-r.done
		if err = r.client.Close(); err != nil {
			err = fmt.Errorf("concurrency: closing the connections to Redis: %w", err)
		}
	})
	return err
}

// acquire implements [Leases].
func (r *RedisLeases) acquire(ctx context.Context, key netip.Addr, perClient, global int, freed func(netip.Addr)) (lease, verdict) {
	r.mu.Lock()
	r.serial++
	le := &redisLease{owner: r, id: r.instance + "-" + strconv.FormatUint(r.serial, 10), key: key, freed: freed}
	if r.away || r.closed {
		return r.own(le, leaseAway)
	}
	r.mu.Unlock()

	full, err := r.ask(ctx, le, perClient, global)
	if err != nil {
		r.lost(err)
	}
	r.mu.Lock()
	switch {
	case err != nil:
		// It may have been granted, and only the answer was lost: the lease is
		// owned all the same, so that it is renewed and removed.
		le.sent = true
		return r.own(le, leaseAway)
	case full != 0:
		r.mu.Unlock()
		return nil, verdict{clientFull: full&clientFull != 0, globalFull: full&globalFull != 0}
	default:
		le.sent = true
		return r.own(le, leaseGranted)
	}
}

// own adds le to what is renewed. It unlocks.
func (r *RedisLeases) own(le *redisLease, kind verdictKind) (lease, verdict) {
	r.owned[le] = struct{}{}
	if kind == leaseAway {
		r.unshared++
	}
	r.mu.Unlock()
	return le, verdict{kind: kind}
}

// release implements lease: the store hears of it from the goroutine.
func (le *redisLease) release() {
	r := le.owner
	r.mu.Lock()
	delete(r.owned, le)
	if le.sent && !r.closed {
		le.released = time.Now()
		r.pending = append(r.pending, le)
	}
	r.mu.Unlock()
	r.poke()
}

func (r *RedisLeases) poke() {
	select {
	case r.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// lost notes that the store is away.
func (r *RedisLeases) lost(err error) {
	r.mu.Lock()
	first := !r.away && !r.closed
	if first {
		r.away = true
		r.outages++
	}
	r.mu.Unlock()
	if first {
		r.logAway(err)
		r.poke()
	}
}

// stats implements [Leases].
func (r *RedisLeases) stats() LeaseStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return LeaseStats{Owned: len(r.owned), Away: r.away, Outages: r.outages, Unshared: r.unshared}
}
