package concurrency

import (
	"context"
	"log/slog"
	"time"

	"github.com/sallyport-dev/sallyport/event"
)

// retryAway is the pause between attempts to reach a store that is away.
const retryAway = 250 * time.Millisecond

// run renews and removes leases until Close. It is the only one that does, so
// that a renewal never comes after the removal of what it renews.
func (r *RedisLeases) run() {
	defer close(r.done)
	timer := time.NewTimer(r.ttl / 3)
	defer timer.Stop()
	renew := time.Now().Add(r.ttl / 3)
	retry := time.Time{}
	for {
		select {
		case <-r.stop:
			r.removePending()
			return
		case <-r.wake:
		case <-timer.C:
		}
		now := time.Now()
		switch away := r.isAway(); {
		case away && retry.IsZero(): // it has just gone
			retry = now.Add(retryAway)
		case away && !now.Before(retry):
			retry = now.Add(retryAway)
			if r.recover() {
				retry, renew = time.Time{}, now.Add(r.ttl/3)
			}
		case !away:
			retry = time.Time{}
			r.removePending()
			if !now.Before(renew) {
				renew = now.Add(r.ttl / 3)
				if err := r.renew(); err != nil {
					r.lost(err)
				}
			}
		}
		r.dropOld(now)
		if retry.IsZero() {
			timer.Reset(time.Until(renew))
		} else {
			timer.Reset(time.Until(retry))
		}
	}
}

func (r *RedisLeases) isAway() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.away
}

// recover tries whether the store is back: whether it takes a write, and all
// that this instance has in flight.
func (r *RedisLeases) recover() bool {
	if r.probe() != nil || r.renew() != nil {
		return false
	}
	r.mu.Lock()
	r.away = false
	owned := len(r.owned)
	r.mu.Unlock()
	r.logger.LogAttrs(context.Background(), slog.LevelInfo, "the shared store is back",
		slog.String("use", "in_flight"), slog.String("server", r.client.Options().Addr), slog.Int("leases", owned))
	r.removePending()
	return true
}

func (r *RedisLeases) logAway(err error) {
	r.logger.LogAttrs(context.Background(), slog.LevelWarn, "the shared store is away: what is in flight is limited by each instance alone",
		slog.String("use", "in_flight"), slog.String("server", r.client.Options().Addr), slog.String("err", event.ErrText(err)))
}

// renew extends all leases of this instance.
func (r *RedisLeases) renew() error {
	r.mu.Lock()
	leases := make([]*redisLease, 0, len(r.owned))
	for le := range r.owned {
		le.sent = true
		leases = append(leases, le)
	}
	r.mu.Unlock()
	return r.each(renewScript, leases)
}

// removePending removes what was released, and tells the limiters. What the
// store does not hear of stays pending.
func (r *RedisLeases) removePending() {
	r.mu.Lock()
	leases := r.pending
	r.pending = nil
	away := r.away
	r.mu.Unlock()
	if len(leases) == 0 {
		return
	}
	var err error
	if !away {
		err = r.each(releaseScript, leases)
	}
	if away || err != nil {
		r.mu.Lock()
		r.pending = append(leases, r.pending...)
		r.mu.Unlock()
	}
	if err != nil {
		r.lost(err)
	}
	for _, le := range leases {
		if le.freed != nil {
			le.freed(le.key)
		}
	}
}

// dropOld forgets what has been pending for so long that its lease has ended
// by itself, which bounds what an outage leaves behind.
func (r *RedisLeases) dropOld(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(r.pending) && now.Sub(r.pending[n].released) > r.ttl {
		n++
	}
	r.pending = r.pending[n:]
}
