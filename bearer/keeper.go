package bearer

import (
	"context"
	"crypto"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// staleTime is for how long after Refresh keys are used that could not be
	// confirmed: an issuer may be away, but a withdrawn key must end sometime.
	staleTime = 24 * time.Hour
	// The time until a failed reading is tried again, doubled each time.
	minBackoff, maxBackoff = time.Second, time.Minute
	// maxWait and maxWaiting bound the requests that wait for new keys.
	maxWait    = 5 * time.Second
	maxWaiting = 64
)

// keeper keeps the keys of the issuer. One goroutine reads; requests look.
type keeper struct {
	source     *source
	allowed    map[string]struct{}
	refresh    time.Duration
	minRefresh time.Duration
	logger     *slog.Logger
	now        func() time.Time

	set       atomic.Pointer[keySet]
	confirmed atomic.Int64 // when the set was last read, in nanoseconds since 1970
	fetches   atomic.Uint64
	failed    atomic.Uint64
	waiting   atomic.Int32

	mu       sync.Mutex
	running  chan struct{} // closed when the reading that is under way ends; nil if none is
	started  time.Time     // when the last reading began
	failures int           // readings in a row that failed
	closed   bool

	kick   chan struct{} // asks the goroutine to read; has room for one
	cancel context.CancelFunc
	done   chan struct{}

	keysURL string // of the goroutine only; empty where it is not known
}

func newKeeper(c Config, allowed map[string]struct{}) *keeper {
	return &keeper{
		source: newSource(c), allowed: allowed, refresh: c.Refresh, minRefresh: c.MinRefresh,
		logger: c.Logger, now: c.Now,
		kick: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// start reads for the first time and starts the goroutine. Only an answer that
// no waiting repairs is an error.
func (k *keeper) start(ctx context.Context) error {
	k.begin()
	err := k.read(ctx)
	k.end(err)
	if _, hard := errors.AsType[misconfigured](err); hard || ctx.Err() != nil {
		k.source.client.CloseIdleConnections()
		return errors.Join(err, ctx.Err())
	}
	k.report(ctx, err)
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.cancel = cancel
	go k.run(running)
	return nil
}

func (k *keeper) run(ctx context.Context) {
	defer close(k.done)
	timer := time.NewTimer(k.pause())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			k.release()
			return
		case <-k.kick:
		case <-timer.C:
			k.begin()
		}
		err := k.read(ctx)
		if ctx.Err() != nil { // closed in the middle: that is no failure
			k.release()
			return
		}
		k.end(err)
		k.report(ctx, err)
		timer.Reset(k.pause())
	}
}

func (k *keeper) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.cancel()
	<-k.done
	k.source.client.CloseIdleConnections()
}

// begin marks a reading as under way, for whoever wants to wait for it.
func (k *keeper) begin() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running != nil { // asked for at this moment
		<-k.kick
		return
	}
	k.running, k.started = make(chan struct{}), k.now()
}

// end counts a reading that is over.
func (k *keeper) end(err error) {
	k.mu.Lock()
	if err != nil {
		k.failures++
		k.failed.Add(1)
	} else {
		k.failures = 0
	}
	k.mu.Unlock()
	k.release()
}

// release lets those go on who wait for a reading.
func (k *keeper) release() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running != nil {
		close(k.running)
		k.running = nil
	}
}

// pause is the time until the next reading.
func (k *keeper) pause() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failures == 0 {
		return k.refresh
	}
	return min(minBackoff<<min(k.failures-1, 16), maxBackoff, k.refresh)
}

// ask starts a reading because of an unknown key, unless one began less than
// MinRefresh ago. It returns what is closed when the reading is over, or nil.
func (k *keeper) ask() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.running != nil {
		return k.running
	}
	now := k.now()
	if since := now.Sub(k.started); k.closed || since >= 0 && since < k.minRefresh {
		return nil
	}
	k.running, k.started = make(chan struct{}), now
	k.kick <- struct{}{}
	return k.running
}

// healthy says whether the last reading went well and none is under way: then a
// key that is not known does not exist.
func (k *keeper) healthy() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failures == 0 && k.running == nil
}

// current returns the keys, or nil where there are none that may be used.
func (k *keeper) current(now time.Time) *keySet {
	set := k.set.Load()
	if set == nil || now.Sub(time.Unix(0, k.confirmed.Load())) > k.refresh+staleTime {
		return nil
	}
	return set
}

// findNew looks for a key that set does not have, in what the issuer publishes now.
func (k *keeper) findNew(ctx context.Context, h joseHeader) (*keySet, crypto.PublicKey, bool) {
	if h.kid == "" {
		return nil, nil, false
	}
	over := k.ask()
	if over == nil {
		return nil, nil, false
	}
	defer k.waiting.Add(-1)
	if k.waiting.Add(1) > maxWaiting {
		return nil, nil, false
	}
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C:
		return nil, nil, false
	case <-ctx.Done():
		return nil, nil, false
	}
	set := k.set.Load()
	if set == nil {
		return nil, nil, false
	}
	key, ok := set.find(h)
	return set, key, ok
}

// read reads the keys, and first, where that is not known, where they are. The
// place is asked for anew after every failure.
func (k *keeper) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	if k.keysURL == "" {
		url, err := k.source.discover(ctx)
		if err != nil {
			return err
		}
		k.keysURL = url
	}
	k.fetches.Add(1)
	data, err := k.source.get(ctx, k.keysURL)
	var set *keySet
	var skipped []error
	if err == nil {
		set, skipped, err = parseKeySet(data, k.allowed)
	}
	if err != nil {
		k.keysURL = ""
		return err
	}
	k.confirmed.Store(k.now().UnixNano())
	if old := k.set.Load(); old != nil && old.sum == set.sum {
		return nil // and what it verified stays verified
	}
	k.set.Store(set)
	for _, err := range skipped {
		k.logger.LogAttrs(ctx, slog.LevelInfo, "a key of the issuer is not used", slog.String("issuer", k.source.issuer), slog.Any("err", err))
	}
	if set.count == 0 {
		k.logger.LogAttrs(ctx, slog.LevelWarn, "the issuer publishes no key that can be used; every token is refused", slog.String("issuer", k.source.issuer))
	} else {
		k.logger.LogAttrs(ctx, slog.LevelInfo, "keys of the issuer read", slog.String("issuer", k.source.issuer), slog.Int("keys", set.count))
	}
	return nil
}

// report tells the operator of a reading that failed.
func (k *keeper) report(ctx context.Context, err error) {
	if err == nil {
		return
	}
	message := "the keys of the issuer could not be read again; those that are known stay in use"
	if k.current(k.now()) == nil {
		message = "the keys of the issuer could not be read; every token is refused until they are"
	}
	k.logger.LogAttrs(ctx, slog.LevelWarn, message, //nolint:sloglint // one of two constants
		slog.String("issuer", k.source.issuer), slog.Duration("again_in", k.pause()), slog.Any("err", err))
}
