package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sallyport-dev/sallyport/event"
	"github.com/sallyport-dev/sallyport/internal/redisdial"
)

const (
	// DefaultRedisTimeout is used where RedisConfig.Timeout is zero.
	DefaultRedisTimeout = redisdial.DefaultTimeout
	// MaxRedisTimeout bounds RedisConfig.Timeout: a request waits that long.
	MaxRedisTimeout = 5 * time.Second
	// DefaultRedisPrefix is used where RedisConfig.Prefix is empty.
	DefaultRedisPrefix = "sallyport:rate:"

	redisPool = 32 // connections
	// probeEvery is how often a Redis that failed is tried again.
	probeEvery = time.Second
	// minRedisInterval bounds what can be counted in microseconds with an error
	// of at most a tenth: 100,000 events a second.
	minRedisInterval = 10 * time.Microsecond
)

// RedisConfig configures a [RedisStore].
type RedisConfig struct {
	// URL names the server: redis://[user[:password]@]host[:port][/database],
	// rediss://… for TLS (at least 1.2, the certificate always verified), or
	// unix://[user[:password]@]/path/to.sock[?db=database]. Special characters
	// of the password are percent-encoded. It is kept out of errors and logs.
	// Required.
	URL string
	// Prefix begins the names of all keys: 1 to 64 letters, digits and . : _ -.
	// Empty is DefaultRedisPrefix. Programs with the same prefix, scopes and
	// policies share their counts.
	Prefix string
	// Timeout is how long a decision may take in Redis before it is made
	// without, 1 ms to 5 s. Zero is DefaultRedisTimeout, 100 ms.
	Timeout time.Duration
	// Fallback decides while Redis does not. Nil is a store of its own with
	// DefaultBytes.
	Fallback *MemoryStore
	// DangerouslyPlaintext allows redis:// to other machines: the password and
	// the addresses of your clients go over the network readable, and whoever
	// is on the way can change the counts. False refuses it for every host but
	// localhost and loopback addresses.
	DangerouslyPlaintext bool
	// Logger gets one line when Redis fails (a warning) and one when it is back,
	// with the server's address and use=rates. Nil is slog.Default().
	Logger *slog.Logger
}

// RedisStore counts in a Redis or Valkey server, so that several processes
// share their limits. It is safe for concurrent use and may be shared by many
// limiters.
//
// While Redis is away, slow, full or refuses, every decision is made at once by
// the Fallback: each process then admits up to the limits by itself. The
// fallback knows what Redis last said of the keys that this process asked
// about, so nobody begins afresh. Redis is tried again every second and used as
// soon as it answers.
type RedisStore struct {
	client   *redis.Client
	prefix   string
	timeout  time.Duration
	fallback *MemoryStore
	logger   *slog.Logger

	up        atomic.Bool
	decisions atomic.Uint64
	fallbacks atomic.Uint64

	mu     sync.Mutex // for closed, and for starting goroutines before Close waits for them
	closed bool
	done   chan struct{}
	probes sync.WaitGroup
}

var prefixText = regexp.MustCompile(`^[A-Za-z0-9.:_-]{1,64}$`)

// NewRedisStore returns a store, or every mistake in the Config. A Redis that
// does not answer is no mistake: the store begins with its fallback. Close it
// at the end.
func NewRedisStore(c RedisConfig) (*RedisStore, error) {
	if c.Prefix == "" {
		c.Prefix = DefaultRedisPrefix
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultRedisTimeout
	}
	var errs []error
	if !prefixText.MatchString(c.Prefix) {
		errs = append(errs, fmt.Errorf("ratelimit: Prefix %.80q is not 1 to 64 letters, digits and . : _ -", c.Prefix))
	}
	if c.Timeout < time.Millisecond || c.Timeout > MaxRedisTimeout {
		errs = append(errs, fmt.Errorf("ratelimit: Timeout is %v; it must be between 1ms and %v, or 0 for %v",
			c.Timeout, MaxRedisTimeout, DefaultRedisTimeout))
		c.Timeout = DefaultRedisTimeout
	}
	if c.Fallback != nil && c.Fallback.table == nil {
		errs = append(errs, errors.New("ratelimit: Fallback is a zero MemoryStore; make one with NewMemoryStore"))
	}
	client, err := redisdial.Open(redisdial.Options{
		URL: c.URL, Timeout: c.Timeout, DangerouslyPlaintext: c.DangerouslyPlaintext, PoolSize: redisPool,
	})
	if err != nil {
		return nil, errors.Join(append(errs, fmt.Errorf("ratelimit: URL: %w", err))...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(append(errs, client.Close())...)
	}
	if c.Fallback == nil {
		if c.Fallback, err = NewMemoryStore(MemoryConfig{}); err != nil {
			return nil, errors.Join(err, client.Close())
		}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	s := &RedisStore{
		client: client, prefix: c.Prefix, timeout: c.Timeout, fallback: c.Fallback, logger: c.Logger, done: make(chan struct{}),
	}
	s.up.Store(true)
	if err := s.probe(context.Background()); err != nil {
		s.fail(context.Background(), err)
	}
	return s, nil
}

// RedisStats counts what a [RedisStore] did since it was made.
type RedisStats struct {
	// Decisions counts the decisions that Redis made.
	Decisions uint64
	// Fallbacks counts those that were made without it.
	Fallbacks uint64
	// Up says whether Redis is in use.
	Up bool
}

// Stats returns the counts so far.
func (s *RedisStore) Stats() RedisStats {
	return RedisStats{Decisions: s.decisions.Load(), Fallbacks: s.fallbacks.Load(), Up: s.up.Load()}
}

// Close ends the connections and waits for what runs in the background.
// Limiters that still use the store go on with its fallback.
func (s *RedisStore) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.up.Store(false) // and resume does not set it again
	close(s.done)
	s.mu.Unlock()
	s.probes.Wait()
	return s.client.Close()
}

func (s *RedisStore) open(scope string, policies []Policy) (counter, []error) {
	if s == nil || s.client == nil {
		return nil, []error{errors.New("ratelimit: Store is a nil or zero *RedisStore; was the error of NewRedisStore ignored?")}
	}
	c := &redisCounter{store: s, local: s.fallback.counter(scope, policies)}
	var errs []error
	for i, p := range policies {
		rate := p.Limit.rate()
		if rate.Interval() < minRedisInterval {
			errs = append(errs, fmt.Errorf("ratelimit: Policies[%d] (%q): Limit %v is more than 100,000 events a second, "+
				"which a Redis store does not count", i, p.Name, p.Limit))
			continue
		}
		// Rounded up, so that rounding never allows more.
		interval := int64((rate.Interval() + time.Microsecond - 1) / time.Microsecond)
		span := interval * int64(rate.Burst)
		c.names = append(c.names, s.prefix+"{"+scope+"}"+p.Name+":")
		c.arguments = append(c.arguments, interval, span)
		c.intervals = append(c.intervals, interval)
		c.spans = append(c.spans, span)
	}
	return c, errs
}

// fail notes that Redis failed, logs it once, and starts to try again.
func (s *RedisStore) fail(ctx context.Context, err error) {
	if !s.up.CompareAndSwap(true, false) {
		return // others have noticed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.logger.LogAttrs(ctx, slog.LevelWarn, "the shared store is away: the rate is limited by each instance alone",
		slog.String("use", "rates"), slog.String("server", s.client.Options().Addr), slog.String("err", event.ErrText(err)))
	s.probes.Go(s.recover)
}

// recover tries Redis again until it works or the store is closed.
func (s *RedisStore) recover() {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-ticker.C:
		}
		if s.probe(context.Background()) == nil {
			s.resume()
			return
		}
	}
}

// resume uses Redis again.
func (s *RedisStore) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.logger.LogAttrs(context.Background(), slog.LevelInfo, "the shared store is back",
			slog.String("use", "rates"), slog.String("server", s.client.Options().Addr))
		s.up.Store(true)
	}
}

// probe makes a decision that is nobody's. A PING would not find out that Redis
// is full, or a replica that cannot be written.
func (s *RedisStore) probe(ctx context.Context) error {
	_, err := s.run(ctx, []string{s.prefix + "{probe}"}, []any{int64(1), int64(1)})
	return err
}
